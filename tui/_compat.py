"""Textual's private parts that we lean on, in one place, each with the version it was checked against.

tests/tui/log/test_compat.py fails first when an upgrade changes one of them.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip


class GrowingScrollView(ScrollView):
    """A `ScrollView` whose content may grow many times a second.

    `Widget.virtual_size` asks for a new layout of the screen on every change (8.2.8), which costs more than painting.
    The size of a scroll view never depends on its content, so growth only has to move the scrollbar.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def grow(self, size: Size) -> None:
        """Sets the size of the content, moves the scrollbars and keeps the scroll position within bounds."""
        if size != self.virtual_size:
            self.virtual_size = size
            self._scroll_update(size)  # 8.2.8


def screen_strips(screen: Screen[object]) -> list[Strip]:
    """What is on a screen, row by row; Textual exports pictures only (8.2.8)."""
    return screen._compositor.render_strips()


def write_to_terminal(app: App[Any], text: str) -> None:
    """Control sequences, in turn with the frames; Textual offers the bell only, which goes the same way (8.2.8)."""
    if app._driver is not None:
        app._driver.write(text)
