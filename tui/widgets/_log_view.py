"""One log file on screen: looks at it while it is visible, follows its end, scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from tui.log.arrivals import Arrivals
from tui.log.document import Change, Document
from tui.log.lens import Lens
from tui.log.wrap import last_top
from tui.widgets._log_keys import SCROLL_KEYS
from tui.widgets._log_lines import LogLines

LIVE_RATE = 1 / 25
"""Seconds between looks at a log that is being written; more often nobody could read."""
IDLE_RATE = 1.0
"""Seconds between looks at a finished log, in case it is replaced after all."""


class LogView(LogLines, can_focus=True, inherit_bindings=False):
    """The lines of a `LogPane`. It alone touches the file."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLL_KEYS

    class Changed(Message):
        """The log grew, began anew or was indexed further. `reset`: nothing known of it holds any more."""

        def __init__(self, *, reset: bool = False) -> None:
            super().__init__()
            self.reset = reset

        def can_replace(self, message: Message) -> bool:
            """A later one says it all, but a reset must be heard."""
            return isinstance(message, LogView.Changed) and (message.reset or not self.reset)

    class Progress(Message):
        """A thread has something to tell."""

        def can_replace(self, message: Message) -> bool:
            """One is as good as many."""
            return isinstance(message, LogView.Progress)

    class Moved(Message):
        """Another part of the log is seen, because of what somebody did here."""

        def __init__(self, view: LogView) -> None:
            super().__init__()
            self.view = view

        def can_replace(self, message: Message) -> bool:
            """Where it has come to counts, not the way there."""
            return isinstance(message, LogView.Moved) and message.view is self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._led = False
        self._timer: Timer | None = None
        self._live = False
        self._shown = False
        self._seen_lines = 0
        self._flooded = False

    # --- which log ---

    def open(self, path: Path | None, *, live: bool) -> None:
        """Shows another log, from its end."""
        if self.document is not None:
            self.document.close()
        self.document = None if path is None else Document(path, self.report)
        self.lens = None if self.document is None else Lens(self.document)
        self.live = live
        self._begin()
        self.tick()

    @property
    def live(self) -> bool:
        """Whether the log is being written: how often to look at it."""
        return self._live

    @live.setter
    def live(self, live: bool) -> None:
        self._live = live
        self._restart_timer()

    def report(self) -> None:
        """For threads: asks for a `Progress` message."""
        self.post_message(self.Progress())

    def _begin(self) -> None:
        self.forget()
        self._widest = 0
        self._left_at = 0
        self.current = None
        self.arrivals = None
        if self.document is not None and self.lens is not None:
            self.lens = Lens(self.document)  # folds and filter were about what is gone
        self.sync()

    # --- following the file ---

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = None
        if self._shown and self.document is not None:
            self._timer = self.set_interval(LIVE_RATE if self._live else IDLE_RATE, self._beat)

    def on_show(self) -> None:
        """Visible: look at the log now and from time to time."""
        self._wake()

    def on_hide(self) -> None:
        """Hidden: no work at all."""
        self._sleep()

    def _wake(self) -> None:
        if not self._shown and self.is_on_screen:
            self._shown = True
            self._restart_timer()
            self.tick()

    def _sleep(self) -> None:
        self._shown = False
        self._restart_timer()

    def on_unmount(self) -> None:
        """Ends threads and closes the file."""
        if self.document is not None:
            self.document.close()

    def _beat(self) -> None:
        """Time for a look. After one that found a whole page of new lines there is a pause of one.

        Nobody reads pages that fly by, so half as many do, and keys seldom meet one that is being painted.
        """
        if self._flooded:
            self._flooded = False
            return
        self.tick()
        self._flooded = self.line_count - self._seen_lines >= max(1, self.size.height)
        self._seen_lines = self.line_count

    def tick(self) -> None:
        """Shows what the file has become, in bounded time."""
        document = self.document
        if document is None or not self._shown or not self.screen.is_current:
            return
        if not self.is_on_screen:
            self._sleep()
            return
        change = document.poll()
        if change is Change.RESET:
            self._begin()
        elif change is Change.GREW and (self.follow or self.scroll_y >= self.max_scroll_y):
            self.sync()
        elif change is Change.GREW:
            self._fit()
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))  # the note of what came
        self.settle()
        if change is not Change.NONE and self.arrivals is not None:
            self.arrivals.read()
        if change is not Change.NONE:
            self.post_message(self.Changed(reset=change is Change.RESET))

    def settle(self) -> None:
        """Numbers lines from the file's beginning as soon as all is indexed."""
        # A selection is kept by line number, and one being dragged is out of reach: numbers wait for it.
        if self.document is not None and self.document.ready and self.text_selection is None:
            self.number_from_start()

    def number_from_start(self) -> None:
        """Numbers lines from the file's beginning now, even if the end is not indexed yet."""
        if self.document is None or not self.document.partial:
            return
        shift = self.document.expand()
        self.forget()
        self.current = None if self.current is None or shift is None else self.current + shift
        top = self.scroll_y + (shift or 0)
        self.sync()
        if not self.follow:
            self.scroll_to(y=top, animate=False, force=True)
        self.post_message(self.Changed())

    def sync(self) -> None:
        """Fits the scrollbar to the log, and goes to its end while following."""
        if not self.is_mounted:
            return  # what was set before shows with the first look
        self._fit()
        if self.follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """A paint; it may have met the widest line so far, to which one can scroll then."""
        strips = super().render_lines(crop)
        if not self._shown:
            self.call_later(self._wake)  # Show gets lost now and then (8.2.8); being painted tells as much
        if not self.wrap and self._widest > self.virtual_size.width:
            self.call_later(self._fit)
        return strips

    def _fit(self) -> None:
        self.grow(Size(0 if self.wrap else self._widest, self._height()))

    def _height(self) -> int:
        width, height = self.page_size
        if self.wrap and width:
            return last_top(self.text_of, self.line_count, width, height) + height
        return self.line_count

    def watch_follow(self, follow: bool) -> None:
        """Back to the end, or remember where we left it."""
        self._left_at = self.document.end if self.document else 0
        self.sync()
        self._tell_moved(forced=True)

    def watch_wrap(self) -> None:
        """Rows instead of sideways scrolling."""
        self._page_key = ()
        self.sync()

    def watch_timestamps(self) -> None:
        """Lines get another text."""
        self._stamped = self.timestamps
        self._retold()

    def show_arrivals(self, wanted: bool) -> bool:
        """Shows in front of each line when it came, or no longer; whether it is shown now: not all logs know."""
        path = self.document.path if self.document else None
        self.arrivals = Arrivals(path) if wanted and path else None
        if self.arrivals is not None and not self.arrivals.read():
            self.arrivals = None
        self._retold()
        return self.arrivals is not None

    def _retold(self) -> None:
        self.forget()
        self._widest = 0
        self.sync()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling up leaves the end; being pushed up by a smaller log or a taller pane does not."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value and new_value < self.max_scroll_y:
            self.follow = False
        self._tell_moved()

    def _tell_moved(self, *, forced: bool = False) -> None:
        """Not of the end that moves while it is followed: `forced` where somebody went there."""
        if not self._led and self.is_attached and (not self.follow or forced):
            # Where the pane has caused it, it would not come past the pane otherwise.
            self.post_message(self.Moved(self).set_sender(self))

    @contextmanager
    def led(self) -> Iterator[None]:
        """Around moves that another log leads: they lead nothing themselves."""
        self._led = True
        try:
            yield
        finally:
            self._led = False

    def on_mouse_scroll_down(self) -> None:
        """Wheeling against the end follows it again."""
        if self.scroll_y >= self.max_scroll_y:
            self.follow = True

    def on_resize(self) -> None:
        """The end stays the end."""
        self._page_key = ()
        self.sync()

    # --- places ---

    def action_lines(self, count: int) -> None:
        """Scrolls by lines; pushing down at the end follows it."""
        self._go(self.scroll_y + count)

    def action_pages(self, count: float) -> None:
        """Scrolls by pages, which share a line with the page before."""
        lines = len(self.visible_rows) if self.wrap else self.size.height
        self._go(self.scroll_y + int(count * max(1, lines - 1)))

    def action_columns(self, count: int) -> None:
        """Scrolls sideways."""
        self._fit()
        self.scroll_to(x=self.scroll_x + count, animate=False, force=True)

    def action_top(self) -> None:
        """To the first line of the file."""
        self.follow = False
        self.number_from_start()
        self._go(0)

    def action_bottom(self) -> None:
        """To the end, and follows it."""
        self.follow = True
        self.sync()

    def _go(self, top: float) -> None:
        if top > self.max_scroll_y and self.scroll_y >= self.max_scroll_y:
            self.follow = True
        self.scroll_to(y=top, animate=False, force=True)

    def reveal(self, line: int) -> None:
        """Makes a line of the document the current one and brings it on screen, with what led to it."""
        self.follow = False
        self.current = line
        if self.lens is None:
            return
        if self.lens.unfold(line):
            self.forget()
        self.sync()
        number = self.lens.row(line)
        if number not in self.visible_rows:
            self.scroll_to(y=max(0, number - self.size.height // 3), animate=False, force=True)
        if number < self.line_count:
            self._reveal_match(number)
        self.repaint()
        self._tell_moved()

    @contextmanager
    def reshaping(self, keep: int | None) -> Iterator[None]:
        """Around a change of which lines are on show. The line `keep` stays where it is on screen, if any does."""
        lens = self.lens
        assert lens is not None
        before = 0 if keep is None else lens.row(keep) - self.scroll_y
        yield
        if self.text_selection is not None:
            self.screen.clear_selection()
        self.forget()
        self._widest = 0
        self.sync()
        if keep is not None and not self.follow:
            self.scroll_to(y=max(0, lens.row(keep) - before), animate=False, force=True)
        self.refresh()

    def _reveal_match(self, number: int) -> None:
        text = self._line(number).text
        spans = self.needle.spans(text) if self.needle else []
        if self.wrap or not spans:
            return
        self._strip(number)
        self._fit()
        start, end = spans[0]
        left, width = int(self.scroll_x), self.page_size.width
        if not left <= start <= end <= left + width:
            self.scroll_to(x=max(0, end - width * 2 // 3) if end > width else 0, animate=False, force=True)
