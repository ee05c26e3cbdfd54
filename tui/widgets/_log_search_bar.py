"""The lines at the foot of a log where one types what to search for, and what to filter by."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

MOST_CONTEXT = 50


class SearchBar(Horizontal):
    """Input and count. Shown from the first key until the search is left.

    A `filtering` bar also has so many lines of `context`, which the arrow keys change.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False, id="log.search.close"),
        Binding("ctrl+r", "expression", "Regular expression or plain text", show=False, id="log.search.regex"),
        Binding("up", "context(1)", "More lines around", show=False, id="log.search.more"),
        Binding("down", "context(-1)", "Fewer lines around", show=False, id="log.search.fewer"),
    ]
    DEFAULT_CSS = """
    SearchBar {
        display: none;
        height: 1;
        background: $panel;
        & Label { padding: 0 1; color: $text-muted; }
        & Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        & Label.-bad { color: $text-error; }
        & Label.-expression { color: $text-accent; text-style: bold; }
        &.-open { display: block; }
    }
    """

    class Typed(Message):
        """Something about one bar."""

        def __init__(self, bar: SearchBar) -> None:
            super().__init__()
            self.bar = bar

    class Edited(Typed):
        """The text, its kind or the context changed: search as it is typed."""

    class Accepted(Typed):
        """Enter: the search stays, the keys go back to the log."""

    class Left(Typed):
        """Escape: no search any more."""

    def __init__(self, *, filtering: bool = False) -> None:
        super().__init__()
        self.filtering = filtering
        self.expression = False
        """Whether the text is a regular expression."""
        self.context = 0

    @property
    def sign(self) -> str:
        """What the line begins with, as its key; ``.*`` for a regular expression, ``±2`` for lines around."""
        around = f"±{self.context}" if self.context else ""
        return f"{'&' if self.filtering else '/'}{'.*' if self.expression else ''}{around}"

    def compose(self) -> ComposeResult:
        """A sign, the text, the count."""
        yield Label(self.sign, id="sign", markup=False)
        placeholder = "filter  (! leaves out, ↑↓ lines around, ^r regex)" if self.filtering else "search  (^r regex)"
        yield Input(compact=True, select_on_focus=True, placeholder=placeholder)
        yield Label("", id="count", markup=False)

    def open(self) -> None:
        """Shows it and takes the keys."""
        self.add_class("-open")
        # At once: what is typed meanwhile is meant for this line, not for the keys of the log.
        self.screen.set_focus(self.query_one(Input))

    def close(self) -> None:
        """Hides and empties it."""
        self.remove_class("-open")
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def show(self, text: str, *, expression: bool = False) -> None:
        """Shows a search that came from elsewhere."""
        self.expression = expression
        self._sign()
        self.add_class("-open")
        with self.prevent(Input.Changed):
            self.query_one(Input).value = text

    def count(self, text: str, *, bad: bool = False) -> None:
        """Shows how many there are, or what is wrong with what is typed."""
        label = self.query_one("#count", Label)
        label.set_class(bad, "-bad")
        label.update(text)

    def action_leave(self) -> None:
        """Escape."""
        self.post_message(self.Left(self))

    def action_expression(self) -> None:
        """The text is a regular expression, or no longer."""
        self.expression = not self.expression
        self._sign()
        self.post_message(self.Edited(self))

    def action_context(self, step: int) -> None:
        """More or fewer lines around what matches."""
        if self.filtering:
            self.context = min(MOST_CONTEXT, max(0, self.context + step))
            self._sign()
            self.post_message(self.Edited(self))

    def _sign(self) -> None:
        label = self.query_one("#sign", Label)
        label.set_class(self.expression, "-expression")
        label.update(self.sign)

    def on_click(self, event: events.Click) -> None:
        """A click on the sign is as good as its key."""
        if event.widget is not None and event.widget.id == "sign":
            self.action_expression()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Each keystroke."""
        event.stop()
        self.post_message(self.Edited(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Accepted(self))
