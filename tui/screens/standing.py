"""Actions that stand still in the middle: how one goes on, and all of them in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable, Static

from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.messages import PausedWanted
from tui.screens.above import Above
from tui.screens.dialog import Dialog
from tui.store import Store
from tui.widgets.choice import Choice

if TYPE_CHECKING:
    from engine.execution.pausing import Pause
    from engine.execution.standing import Standing

Way = Literal["command", "phase", "start", "continue", "fail"]
_WAYS: dict[Way, tuple[str, str, str]] = {
    "command": ("r", "Command", "r: the command again"),
    "phase": ("p", "Phase", "p: its phase, from the first command"),
    "start": ("s", "Start", "s: everything, from the start"),
    "continue": ("c", "Go on", "c: go on as though it had succeeded; on AWS the build fails here"),
    "fail": ("f", "Fail", "f: let it fail, as on AWS"),
}


class WayDialog(Dialog[Way]):
    """From where an action is run again; of a paused one, how it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"take('{way}')", label, id=f"standing.{way}") for way, (key, label, _) in _WAYS.items()
    ]

    def __init__(self, place: str, where: Pause, *, paused: bool) -> None:
        super().__init__()
        self.title_text = f" {place} is paused " if paused else f" Retry {place}? "
        self._where = where
        self._paused = paused

    @property
    def _ways(self) -> list[Way]:
        ways: list[Way] = ["command", "phase", "start"]
        if not self._paused:
            return ways
        return ["continue", *ways, "fail"] if self._where.reason == "breakpoint" else [*ways, "continue", "fail"]

    def body(self) -> list[Widget]:
        """Where it stands, and what each way does."""
        from engine.execution.pausing import told

        what = [in_words(way, self._where, paused=self._paused) for way in self._ways]
        files = "What you edited in the source directory is laid in."
        text = f"{'At' if self._paused else 'It stopped at'} {told(self._where)}\n\n" + "\n".join(what)
        return [Static(f"{text}\n\n{files} What somebody had a hand in is never reused.", markup=False)]

    def choices(self) -> list[Choice]:
        """The usual one first."""
        return [
            *(Choice(_WAYS[way][0], _WAYS[way][1], way, "reject" if way == "fail" else "plain") for way in self._ways),
            Choice("esc", "Back", "later"),
        ]

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        identity = event.choice.id
        self.dismiss(next((way for way in self._ways if way == identity), None))

    def action_take(self, way: Way) -> None:
        """Take one of them."""
        if way in self._ways:
            self.dismiss(way)


def in_words(way: Way, where: Pause, *, paused: bool) -> str:
    """What becomes of an action that goes on like that."""
    if where.reason == "breakpoint" and way == ("continue" if paused else "command"):
        return f"{_WAYS[way][0]}: go on behind the breakpoint"
    return _WAYS[way][2] + (_found(way, where, paused=paused) if way in ("command", "phase") else "")


def _found(way: Way, where: Pause, *, paused: bool) -> str:
    """In what the commands that run again find themselves."""
    files = "with the files of then" if way == "phase" and where.checkpoint else "with the files as they are"
    if not where.container:
        return f", {files}"
    if not paused:
        return f", {files}, in a new container"
    if way == "phase" and where.container == "kept":
        return ", with the files and the container of then"
    return f", {files}" if way == "command" else f", {files}, in the container as it is"


class PausedScreen(Above[str]):
    """All paused actions. Returns the target of the one to go to; its keys act on the one under the cursor."""

    DEFAULT_CSS = """
    PausedScreen { background: $background; layout: vertical; }
    PausedScreen #title { background: $panel; padding: 0 1; height: 1; }
    PausedScreen DataTable { height: 1fr; background: $background; scrollbar-size: 1 1; }
    PausedScreen DataTable:focus { background-tint: $background 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,P", "leave", "Back", id="paused.leave"),
        Binding("j", "move(1)", show=False, id="paused.down"),
        Binding("k", "move(-1)", show=False, id="paused.up"),
        Binding("r", "act('retry')", "Go on", id="paused.resume"),
        Binding("c", "act('continue')", "Continue", id="paused.continue"),
        Binding("f", "act('fail')", "Fail", id="paused.fail"),
        Binding("s", "act('shell')", "Shell", id="paused.shell"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def compose(self) -> ComposeResult:
        """Title and table."""
        keys = "enter goes there · r goes on · c continues · f fails · s shell · esc"
        yield Static(f"Paused   {keys}", id="title", markup=False)
        yield DataTable(cursor_type="row", id="table")

    @property
    def table(self) -> DataTable[Text | str]:
        """The table."""
        return self.query_one(DataTable)

    def on_mount(self) -> None:
        """Fill the table, the one that waits longest first."""
        self.table.add_columns("action", "run", "for", "where", "why", "command")
        self.update()
        self.table.focus()

    def update(self) -> None:
        """Fill the table anew; the cursor stays where it is. Leave once nothing is paused any more."""
        if not self.is_running:
            return
        row = self.table.cursor_row
        self.table.clear()
        paused = self.store.paused()
        for standing in paused:
            self.table.add_row(*self._row(standing))
        self.table.move_cursor(row=min(row, max(0, len(paused) - 1)))
        if not paused and self.is_current:
            self.dismiss(None)

    def _row(self, standing: Standing) -> tuple[Text | str, ...]:
        from engine.execution.pausing import outcome

        where = standing.paused
        color = self.app.theme_variables.get(f"status-{Mark.PAUSED}", "")
        why = "breakpoint" if where.reason == "breakpoint" else outcome(where.status)
        return (
            Text(f"{Mark.PAUSED.glyph()} {standing.place}", style=color),
            Text(f"#{standing.run.number}", justify="right"),
            Text(duration(max(0.0, self.store.clock() - standing.paused_at), coarse=True), justify="right"),
            Text(f"{where.phase} command {where.index}"),
            Text(why),
            Text(next(iter(where.command.strip().splitlines()), "")),
        )

    def _here(self) -> Standing | None:
        paused, row = self.store.paused(), self.table.cursor_row
        return paused[row] if row < len(paused) else None

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        standing = self._here()
        self.dismiss(standing.target if standing else None)

    def action_act(self, what: str) -> None:
        """Do something about the one under the cursor."""
        standing = self._here()
        if standing is not None:
            self.post_message(PausedWanted(standing.target, what))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.table.move_cursor(row=max(0, self.table.cursor_row + rows))
