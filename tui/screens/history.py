"""Every run of the pipeline as a table; Enter looks at one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

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
    ]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self._ids: list[str] = []

    def compose(self) -> ComposeResult:
        """Title and table."""
        yield Static(f"{self.store.title}: every run   enter looks at one, esc goes back", id="title", markup=False)
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
        here = self._ids[self.table.cursor_row] if self._ids else self.store.viewed
        newest = list(reversed(state.executions.values()))[:MOST]
        self._ids = [execution.id for execution in newest]
        self.table.clear()
        self.table.add_rows([self._row(state, execution) for execution in newest])
        if here in self._ids:
            self.table.move_cursor(row=self._ids.index(here))

    def _row(self, state: PipelineState, execution: Execution) -> tuple[Text | str, ...]:
        waits = any(run.execution_id == execution.id for run in self.store.approvals())
        mark = execution_mark(execution, waits=waits)
        word = "waits" if mark is Mark.WAITING else mark.word
        color = self.app.theme_variables.get(f"status-{mark}", "")
        end = execution.ended_at or self.store.clock()
        started = datetime.fromtimestamp(execution.started_at).astimezone()
        why = started_by(execution)
        if execution.superseded_by:
            by = state.executions.get(execution.superseded_by)
            why = f"superseded by #{by.number}" if by else why
        return (
            Text(f"#{execution.number}", justify="right"),
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
        """Go back."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move_cursor(row=max(0, self.table.cursor_row + rows))

    def action_edge(self, row: int) -> None:
        """First or last run."""
        self.table.move_cursor(row=row % max(1, len(self._ids)))


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
