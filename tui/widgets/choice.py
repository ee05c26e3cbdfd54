"""A choice at the foot of a dialog: its key and what it does, on one line."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """Enter, space or a click takes it. `tone` names the look: approve, reject or plain."""

    DEFAULT_CSS = """
    Choice {
        width: auto; height: 1; margin-right: 2; padding: 0 1; background: $panel; color: $foreground;
        &:focus { background: $selection-background; color: $selection-foreground; text-style: bold; }
        &.-approve:focus { background: $status-succeeded; color: $banner-foreground; }
        &.-reject:focus { background: $status-failed; color: $banner-foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "take", show=False, id="choice.take")]

    class Taken(Message):
        """It was taken."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, key: str, label: str, identity: str, tone: str = "plain") -> None:
        super().__init__(id=identity, classes=f"-{tone}")
        self.key = key
        self.label = label
        self._content = Content.assemble((key, "bold"), f" {label}")

    def render(self) -> Content:
        """Key and label."""
        return self._content

    def on_click(self, event: events.Click) -> None:
        """A click takes it."""
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Take it."""
        self.post_message(self.Taken(self))
