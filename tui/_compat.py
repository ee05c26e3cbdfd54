"""Textual's private parts that we lean on, in one place, each with the version it was checked against.

tests/tui/log/test_compat.py fails first when an upgrade changes one of them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from textual.app import App
from textual.events import Key
from textual.geometry import Region, Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.notifications import Notification
from textual.reactive import Reactive
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import Toast, ToastHolder, ToastRack


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


class Discreet(App[int]):
    """An app that shows some of what is said to the person at a time; Textual shows all of it (8.2.8)."""

    def seen(self, waiting: list[Notification]) -> list[Notification]:
        """Which of them to show, the last one lowest."""
        return waiting

    def unknown_key(self, event: Key) -> None:
        """Nothing here wants this key. Textual says nothing of that (8.2.8)."""

    async def _on_key(self, event: Key) -> None:
        event.prevent_default()  # Textual's own, which would be next, does the same but for the last line
        if not await self._check_bindings(event.key):
            self.unknown_key(event)

    def _refresh_notifications(self) -> None:
        if self.screen_stack and (racks := self.screen.query(ToastRack)):
            self.call_later(self._show_few, racks.first())

    def _show_few(self, rack: ToastRack) -> None:
        if not rack.is_attached:
            return
        few = self.seen(list(self._notifications))
        words = {each.identity: each for each in few}
        for toast in rack.query(Toast):
            said = words.get(toast._notification.identity)
            if said is None and isinstance(toast.parent, ToastHolder):
                toast.parent.remove()  # with its holder, which would stand for it for ever
            elif said is not None and said != toast._notification:
                toast._notification = said
                toast.refresh(layout=True)
        rack.show(few)  # type: ignore[arg-type]  # it asks for nothing that a list has not

    def _unnotify(self, notification: Notification, refresh: bool = True) -> None:
        super()._unnotify(notification, refresh=True)  # another one may be seen now

    def on_resize(self) -> None:
        """There may be more room, or less."""
        self._refresh_notifications()


class Enduring(Discreet):
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
