"""Textual's private parts that we lean on, in one place, each with the version it was checked against.

tests/tui/log/test_compat.py fails first when an upgrade changes one of them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from textual.app import App
from textual.geometry import Region, Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget


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


class Enduring(App[int]):
    """An app that a defect of one part does not end: the part is left blank or unchanged, `endure` tells of it.

    Textual ends the app on any exception that a handler, a timer or a widget's drawing lets out (8.2.8).
    """

    def endure(self, error: Exception) -> bool:
        """Tell of it; False where it is too much, and the app has to end."""
        return False

    def _handle_exception(self, error: Exception) -> None:
        if not self.endure(error):
            super()._handle_exception(error)


def _endures(part: MessagePump, error: Exception) -> bool:
    try:
        app = part.app
    except RuntimeError:  # it belongs to none any more
        return False
    return isinstance(app, Enduring) and app.endure(error)


def _enduring_dispatch() -> None:
    original = MessagePump._dispatch_message

    @wraps(original)
    async def dispatch(self: MessagePump, message: Message) -> None:
        try:
            await original(self, message)
        except Exception as error:
            # Let out, it would end the loop that handles messages, and with it the widget.
            if not _endures(self, error):
                raise

    MessagePump._dispatch_message = dispatch  # type: ignore[method-assign]


def _enduring_drawing() -> None:
    original = Widget.render_lines

    @wraps(original)
    def render_lines(self: Widget, crop: Region) -> list[Strip]:
        try:
            return original(self, crop)
        except Exception as error:
            if not _endures(self, error):
                raise
            return [Strip.blank(crop.width, self.rich_style)] * crop.height

    Widget.render_lines = render_lines  # type: ignore[method-assign]


_enduring_dispatch()
_enduring_drawing()
