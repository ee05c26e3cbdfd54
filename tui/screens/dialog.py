"""The frame of every dialog: a box in the middle, a title, choices at its foot."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """Subclasses give the body and the choices; Esc leaves without a result."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog #box {
        width: 76; max-width: 96%; height: auto; max-height: 94%;
        background: $surface; border: round $primary; border-title-color: $foreground;
        border-title-style: bold; border-subtitle-color: $muted; padding: 1 2 0 2;
    }
    Dialog #choices { height: 3; align-horizontal: left; padding: 1 0; }
    Dialog Button {
        margin-right: 2; min-width: 10; width: auto; height: 1; border: none; padding: 0 1;
        background: $panel; color: $foreground; text-style: none;
        &:focus { background: $selection-background; color: $selection-foreground; text-style: bold; border: none; }
        &:hover { border: none; }
        &.-active { border: none; tint: $background 0%; }
    }
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

    def body(self) -> list[Widget]:
        """What the dialog says and asks."""
        return []

    def choices(self) -> list[Button]:
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
        """The first choice has the focus: Enter takes it."""
        first = self.query("#choices Button").first(Button)
        first.focus()

    def action_cancel(self) -> None:
        """Leave without a result."""
        self.dismiss(None)


def choice(key: str, label: str, identity: str) -> Button:
    """A button that names its key."""
    from textual.content import Content

    return Button(Content.assemble((key, "bold"), f" {label}"), id=identity)
