"""The search line at the foot of a log."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label


class SearchBar(Horizontal):
    """Input and count. Shown from the first `/` until the search is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False, id="log.search.close"),
    ]
    DEFAULT_CSS = """
    SearchBar {
        display: none;
        height: 1;
        background: $panel;
        & Label { padding: 0 1; color: $text-muted; }
        & Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        &.-open { display: block; }
    }
    """

    class Edited(Message):
        """The text changed: search as it is typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Accepted(Message):
        """Enter: the search stays, the keys go back to the log."""

    class Left(Message):
        """Escape: no search any more."""

    def compose(self) -> ComposeResult:
        """A slash, the text, the count."""
        yield Label("/", markup=False)
        yield Input(compact=True, select_on_focus=True, placeholder="search")
        yield Label("", id="count", markup=False)

    def open(self) -> None:
        """Shows it and takes the keys."""
        self.add_class("-open")
        self.query_one(Input).focus()

    def close(self) -> None:
        """Hides and empties it."""
        self.remove_class("-open")
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def show(self, text: str) -> None:
        """Shows a search that came from elsewhere."""
        self.add_class("-open")
        with self.prevent(Input.Changed):
            self.query_one(Input).value = text

    def count(self, text: str) -> None:
        """Shows how many there are."""
        self.query_one("#count", Label).update(text)

    def action_leave(self) -> None:
        """Escape."""
        self.post_message(self.Left())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Each keystroke."""
        event.stop()
        self.post_message(self.Edited(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Accepted())
