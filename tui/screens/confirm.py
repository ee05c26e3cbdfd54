"""Small dialogs: stop, quit, where to export to."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice

StopChoice = Literal["wait", "abandon"]


class StopDialog(Dialog[StopChoice]):
    """How to stop: let running actions finish, or end them now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "take('wait')", "Wait", id="stop.wait"),
        Binding("b", "take('abandon')", "Abandon", id="stop.abandon"),
    ]

    wary = True

    def __init__(self, number: int, running: list[str], paused: list[str] | None = None) -> None:
        super().__init__()
        self.title_text = f" Stop run #{number}? "
        self._names = running
        self._paused = paused or []

    def body(self) -> list[Widget]:
        """What runs now."""
        text = f"Running now: {', '.join(self._names)}." if self._names else "Nothing runs in it just now."
        text += "\nWait: let that finish, start nothing more.\nAbandon: end it now."
        ends = f"{_told_of(self._paused)}\nEither way it ends, and r takes it up later.\n\n" if self._paused else ""
        return [Static(ends + text, markup=False)]

    def choices(self) -> list[Choice]:
        """Gentle first."""
        return [
            Choice("w", "Wait", "wait"),
            Choice("b", "Abandon", "abandon", "reject"),
            Choice("esc", "Go on", "later"),
        ]

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        identity = event.choice.id
        self.dismiss("wait" if identity == "wait" else "abandon" if identity == "abandon" else None)

    def action_take(self, chosen: StopChoice) -> None:
        """Take one of them."""
        self.dismiss(chosen)


class QuitDialog(Dialog[bool]):
    """Something runs: quit all the same?"""

    # Not q: who leaves screen after screen with it would leave what runs, too.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "quit", "Quit", id="quit.quit")]
    title_text = " Quit? "
    wary = True

    def __init__(self, running: list[str], paused: list[str] | None = None) -> None:
        super().__init__()
        self._names = running
        self._paused = paused or []

    def body(self) -> list[Widget]:
        """What would be lost."""
        what = "" if self._paused and not self._names else ", ".join(self._names) or "A run"
        lost = f"{what} would be abandoned.\n" if what else ""
        goes_on = "`greenroom retry --from command` takes that up; the app runs it anew when it is opened."
        later = f"{_told_of(self._paused)}\n{goes_on}\n" if self._paused else ""
        return [Static(f"{lost}{later}Everything that has ended is kept.", markup=False)]

    def choices(self) -> list[Choice]:
        """Quit or stay."""
        return [Choice("enter", "Quit", "quit"), Choice("esc", "Stay", "later")]

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        self.dismiss(event.choice.id == "quit")

    def action_quit(self) -> None:
        """Quit."""
        self.dismiss(True)


class PathDialog(Dialog[str]):
    """Where to write something."""

    def __init__(self, title: str, suggestion: str, hint: str) -> None:
        super().__init__()
        self.title_text = f" {title} "
        self._suggestion = suggestion
        self._hint = hint

    def body(self) -> list[Widget]:
        """The path."""
        return [Static(self._hint, markup=False), Input(self._suggestion, id="path")]

    def choices(self) -> list[Choice]:
        """Write or not."""
        return [Choice("enter", "Write", "write"), Choice("esc", "Back", "later")]

    def first(self) -> Widget:
        """The path has the focus."""
        return self.query_one("#path")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        value = self.query_one("#path", Input).value.strip()
        self.dismiss(value or None if event.choice.id == "write" else None)


def _told_of(paused: list[str]) -> str:
    return f"Paused: {', '.join(paused)}."
