"""A list and what its row stands for: side by side where there is room, one after the other where there is not."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.containers import Horizontal
from textual.widget import Widget

NARROW = 96  # cells below which the two take turns


class Split(Horizontal):
    """`first` is the list, `second` what belongs to its row."""

    DEFAULT_CSS = """
    Split { height: 1fr; }
    Split > .first { width: 2fr; max-width: 72; height: 100%; background: $background; }
    Split > .second { width: 3fr; height: 100%; background: $surface; padding: 0 1; }
    Split.-narrow > .first { width: 1fr; max-width: 100%; }
    Split.-narrow > .second { display: none; width: 1fr; }
    Split.-narrow.-reading > .first { display: none; }
    Split.-narrow.-reading > .second { display: block; }
    """
    narrow: ClassVar[int] = NARROW

    def __init__(self, first: Widget, second: Widget, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.first = first
        self.second = second
        first.add_class("first")
        second.add_class("second")

    def compose(self) -> list[Widget]:
        """The two."""
        return [self.first, self.second]

    def on_resize(self, event: events.Resize) -> None:
        """Another width may want another arrangement."""
        self.set_class(event.size.width < self.narrow, "-narrow")

    @property
    def reading(self) -> bool:
        """Whether the second half was entered."""
        return self.has_class("-reading")

    def enter(self) -> None:
        """Go to the second half."""
        self.add_class("-reading")
        self.second.focus()

    def back(self) -> bool:
        """Go back to the list; whether there was anything to go back from."""
        if not self.reading:
            return False
        self.remove_class("-reading")
        self.first.focus()
        return True
