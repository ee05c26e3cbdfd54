"""The frame of every dialog: a box in the middle, a title, choices at its foot."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui.screens.above import Above
from tui.widgets.choice import Choice

T = TypeVar("T")


class Dialog(Above[T]):
    """Subclasses give the body and the choices; Esc leaves without a result."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog #box {
        width: 76; max-width: 96%; height: auto; max-height: 94%;
        background: $surface; border: round $primary; border-title-color: $foreground;
        border-title-style: bold; border-subtitle-color: $muted; padding: 1 2 0 2;
    }
    Dialog #choices { height: 3; padding: 1 0; }
    Dialog Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Dialog Input:focus { border: none; background: $selection-blurred; }
    Dialog Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Back", id="dialog.cancel"),
        Binding("left,up", "app.focus_previous", show=False, id="dialog.previous"),
        Binding("right,down", "app.focus_next", show=False, id="dialog.next"),
    ]
    title_text = ""
    wary = False
    """Whether it decides what cannot be taken back: then the Enter that opened it, held a moment too long, does not."""

    def body(self) -> list[Widget]:
        """What the dialog says and asks."""
        return []

    def choices(self) -> list[Choice]:
        """Its buttons, the safe or usual one first."""
        return []

    def compose(self) -> ComposeResult:
        """The box."""
        box = Vertical(id="box")
        box.border_title = self.title_text.replace("[", r"\[")
        with box:
            yield from self.body()
            with Horizontal(id="choices"):
                yield from self.choices()

    def on_mount(self) -> None:
        """One of its widgets has the focus."""
        by_enter = self.wary and getattr(self.app, "last_key", "") == "enter"
        (self.query(Choice).last() if by_enter else self.first()).focus()

    def first(self) -> Widget:
        """What has the focus to begin with: the first choice, so that Enter takes it."""
        return self.query(Choice).first()

    def action_cancel(self) -> None:
        """Leave without a result."""
        self.dismiss(None)
