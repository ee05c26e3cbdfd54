"""Every run of the pipeline as a table; Enter looks at one, `c` compares two, `/` filters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable

from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.screens.full import FullScreen, holds
from tui.store import Store
from tui.widgets.header import execution_mark, started_by

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState

MOST = 5_000


class HistoryScreen(FullScreen[str]):
    """Returns the id of the execution to look at."""

    DEFAULT_CSS = """
    HistoryScreen DataTable { height: 1fr; background: $background; scrollbar-size: 1 1; }
    HistoryScreen DataTable:focus { background-tint: $background 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "look", "Look at it", id="history.look"),
        Binding("c", "compare", "Compare", id="history.compare"),
        Binding("space", "mark", "Mark", id="history.mark"),
        Binding("j", "move(1)", show=False, id="history.down"),
        Binding("k", "move(-1)", show=False, id="history.up"),
        Binding("g", "edge(0)", show=False, id="history.first"),
        Binding("G", "edge(-1)", show=False, id="history.last"),
        Binding("y", "copy", "Copy id", show=False, id="history.copy"),
        Binding("b", "browse", "Artifacts", id="app.browse"),
        Binding("H", "leave", "Back", show=False, id="app.history"),
    ]
    filter_hint = "number, status, revision, reason"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._ids: list[str] = []
        self._marked = ""

    def body(self) -> list[Widget]:
        """The table."""
        return [DataTable(cursor_type="row", id="table")]

    @property
    def table(self) -> DataTable[Text | str]:
        """The table."""
        return self.query_one(DataTable)

    def first(self) -> Widget:
        """The table has the keys."""
        return self.table

    def on_mount(self) -> None:
        """Fill the table, newest first."""
        self.table.add_columns("run", "status", "took", "started", "actions", "revision", "why")
        super().on_mount()
        self.table.focus()

    def update(self) -> None:
        """Fill the table anew; the cursor stays on its run."""
        state = self.store.state
        if state is None or not self.is_running:
            return
        chosen = self._here()
        here = chosen.id if chosen else self.store.viewed
        newest = list(reversed(state.executions.values()))[:MOST]
        words = self.words
        rows = {execution.id: self._row(state, execution) for execution in newest}
        rows = {identity: row for identity, row in rows.items() if _matches(row, words)}
        self._ids = list(rows)
        self.table.clear()
        self.table.add_rows(rows.values())
        if here in self._ids:
            self.table.move_cursor(row=self._ids.index(here))
        runs = f"{len(newest)} run{'s' * (len(newest) != 1)}"
        found = f"{len(rows)} of {runs}" if words else runs
        marked = state.executions.get(self._marked)
        with_ = f"c compares with #{marked.number}" if marked else "c compares with the one before, or the marked one"
        self.title_line.say("History", self.store.title, f"{found} · {with_}")

    def _row(self, state: PipelineState, execution: Execution) -> tuple[Text | str, ...]:
        waits = any(run.execution_id == execution.id for run in self.store.approvals())
        paused = any(one.run.execution_id == execution.id for one in self.store.paused())
        mark = execution_mark(execution, waits=waits, paused=paused)
        word = "waits" if mark is Mark.WAITING else mark.word
        color = self.app.theme_variables.get(f"status-{mark}", "")
        end = execution.ended_at or self.store.clock()
        started = datetime.fromtimestamp(execution.started_at).astimezone()
        why = started_by(state, execution)
        if execution.superseded_by:
            by = state.executions.get(execution.superseded_by)
            why = f"superseded by #{by.number}" if by else why
        return (
            Text(f"{'▸' if execution.id == self._marked else ''}#{execution.number}", justify="right"),
            Text(f"{mark.glyph()} {word}", style=color),
            Text(duration(end - execution.started_at), justify="right"),
            f"{started:%b %d %H:%M:%S}",
            Text(counts(state, execution)),
            Text(execution.label),
            Text(why),  # as long as it likes: nothing comes after it
        )

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        self.dismiss(self._ids[event.cursor_row])

    def action_look(self) -> None:
        """Look at the run under the cursor."""
        if (here := self._here()) is not None:
            self.dismiss(here.id)

    def action_mark(self) -> None:
        """Keep this run in mind, to compare others with it."""
        here = self._here()
        self._marked = "" if here is None or here.id == self._marked else here.id
        self.update()

    def action_compare(self) -> None:
        """Compare this run with the marked one, else with the one before it."""
        state, here = self.store.state, self._here()
        if state is None or here is None:
            return
        others = [run for run in state.executions.values() if run.number < here.number]
        other = state.executions.get(self._marked) or next(reversed(others), None)
        if other is None or other is here:
            self.app.notify("there is no other run to compare it with", markup=False)
            return
        from tui.screens.comparing import CompareScreen

        old, new = sorted((other, here), key=lambda run: run.number)
        self.app.push_screen(CompareScreen(self.store, old.id, new.id))

    def action_browse(self) -> None:
        """The artifacts of the run under the cursor."""
        from tui.screens.browser import BrowserScreen

        if (here := self._here()) is not None:
            self.app.push_screen(BrowserScreen(self.store, here.id))

    def action_copy(self) -> None:
        """Copy the id of the run under the cursor."""
        if (here := self._here()) is not None:
            self.app.copy_to_clipboard(here.id)
            self.notify(f"copied {here.id}", markup=False)

    def _here(self) -> Execution | None:
        """The run under the cursor."""
        state, row = self.store.state, self.table.cursor_row
        return state.executions.get(self._ids[row]) if state and row < len(self._ids) else None

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move_cursor(row=max(0, self.table.cursor_row + rows))

    def action_edge(self, row: int) -> None:
        """First or last run."""
        self.table.move_cursor(row=row % max(1, len(self._ids)))


def _matches(row: tuple[Text | str, ...], words: list[str]) -> bool:
    """Whether every word stands somewhere in the row."""
    return holds(" ".join(str(cell) for cell in row), words)


def counts(state: PipelineState, execution: Execution) -> str:
    """``3 ran, 2 reused, 1 failed``."""
    ran = reused = failed = stubbed = 0
    for stage in execution.stages.values():
        for ids in stage.actions.values():
            run = state.actions.get(ids[-1])
            if run is None or run.live or run.status == "Skipped":
                continue
            failed += run.status == "Failed"
            stubbed += run.status == "Stubbed"
            reused += run.reused
            ran += not run.reused and run.status != "Stubbed"
    parts = [(ran, "ran"), (reused, "reused"), (failed, "failed"), (stubbed, "stubbed")]
    return ", ".join(f"{count} {word}" for count, word in parts if count)
