"""A line of tabs, each with the key that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.graph.fitting import Item
from tui.widgets.line import Line

RANK = 6  # tabs go before what stands right


class Tab(NamedTuple):
    """What it is called, whether it is open, what a click does."""

    title: str
    active: bool
    action: str


class Tabs(Line):
    """Where room is short, tabs that are not open keep only their key, the last ones first."""

    DEFAULT_CSS = """
    Tabs { background: $panel; padding: 0; }
    """
    gap = 0

    def tabs(self) -> Sequence[Tab]:
        """All of them."""
        return ()

    def left(self) -> Sequence[Item]:
        """One item a tab."""
        tabs = self.tabs()
        words = [f" {number} {tab.title} " for number, tab in enumerate(tabs, 1)]
        room = self.content_size.width - sum(cell_len(item.text) for item in self.right())
        for at in reversed(range(len(tabs))):
            if sum(map(cell_len, words)) <= room:
                break
            if not tabs[at].active:
                words[at] = f" {at + 1} "
        return [
            Item(text, "bold $foreground on $surface", 0, tab.action)
            if tab.active
            else Item(text, "$muted", RANK, tab.action)
            for text, tab in zip(words, tabs, strict=True)
        ]
