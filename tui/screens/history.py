"""Every run of the pipeline as a table; Enter looks at one, `c` compares two, `/` filters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Static

from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.store import Store
from tui.widgets.header import execution_mark, started_by

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState

MOST = 5_000


class HistoryScreen(ModalScreen[str]):
    """Returns the id of the execution to look at."""

    DEFAULT_CSS = """
    HistoryScreen { background: $background; layout: vertical; }
    HistoryScreen #title { background: $panel; padding: 0 1; height: 1; }
    HistoryScreen Input { border: none; height: 1; padding: 0 1; background: $panel; display: none; }
    HistoryScreen Input.-asked { display: block; }
    HistoryScreen DataTable { height: 1fr; background: $background; scrollbar-size: 1 1; }
    HistoryScreen DataTable:focus { background-tint: $background 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,H", "leave", "Back", id="history.leave"),
        Binding("j", "move(1)", show=False, id="history.down"),
        Binding("k", "move(-1)", show=False, id="history.up"),
        Binding("g", "edge(0)", show=False, id="history.first"),
        Binding("G", "edge(-1)", show=False, id="history.last"),
        Binding("a", "app.approve", show=False, id="history.approve"),
        Binding("space", "mark", "Mark", id="history.mark"),
        Binding("c", "compare", "Compare", id="history.compare"),
        Binding("slash", "filter", "Filter", id="history.filter"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self._ids: list[str] = []
        self._marked = ""

    def compose(self) -> ComposeResult:
        """Title and table."""
        keys = "enter looks at one · c compares it with the marked (space) or the one before · / filters · esc"
        yield Static(f"{self.store.title}: every run   {keys}", id="title", markup=False)
        yield Input(placeholder="number, status, revision, reason", id="filter")
        yield DataTable(cursor_type="row", id="table")

    @property
    def table(self) -> DataTable[Text | str]:
        """The table."""
        return self.query_one(DataTable)

    def on_mount(self) -> None:
        """Fill the table, newest first."""
        self.table.add_columns("run", "status", "took", "actions", "revision", "why", "started")
        self.update()
        self.table.focus()

    def update(self) -> None:
        """Fill the table anew; the cursor stays on its run."""
        state = self.store.state
        if state is None or not self.is_running:
            return
        chosen = self._here()
        here = chosen.id if chosen else self.store.viewed
        newest = list(reversed(state.executions.values()))[:MOST]
        words = self.query_one(Input).value.lower().split()
        rows = {execution.id: self._row(state, execution) for execution in newest}
        rows = {identity: row for identity, row in rows.items() if _matches(row, words)}
        self._ids = list(rows)
        self.table.clear()
        self.table.add_rows(rows.values())
        if here in self._ids:
            self.table.move_cursor(row=self._ids.index(here))

    def _row(self, state: PipelineState, execution: Execution) -> tuple[Text | str, ...]:
        waits = any(run.execution_id == execution.id for run in self.store.approvals())
        paused = any(run.execution_id == execution.id for run in self.store.paused())
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
            Text(counts(state, execution)),
            Text(execution.label),
            Text(why),
            f"{started:%b %d %H:%M:%S}",
        )

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        self.dismiss(self._ids[event.cursor_row])

    def action_leave(self) -> None:
        """Go back: out of the filter first."""
        if self.query_one(Input).has_class("-asked"):
            self.query_one(Input).remove_class("-asked").value = ""
            self.table.focus()
        else:
            self.dismiss(None)

    def action_filter(self) -> None:
        """Ask for words that rows must hold."""
        self.query_one(Input).add_class("-asked").focus()

    @on(Input.Changed)
    def _narrowed(self) -> None:
        self.update()

    @on(Input.Submitted)
    def _filtered(self) -> None:
        self.table.focus()

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
        from tui.compare import compare
        from tui.screens.reading import ReadingScreen

        old, new = sorted((other, here), key=lambda run: run.number)
        self.app.push_screen(ReadingScreen(f"#{new.number} compared with #{old.number}", compare(state, old, new)))

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
    text = " ".join(str(cell) for cell in row).lower()
    return all(word in text for word in words)


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
