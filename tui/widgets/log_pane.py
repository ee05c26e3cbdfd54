"""A log: follow it, search it, go from error to error, copy from it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.log.places import Places
from tui.looks import TIMES, LogLook, Times
from tui.widgets import _log_messages as messages
from tui.widgets._log_finding import Finding
from tui.widgets._log_keys import PANE_KEYS
from tui.widgets._log_pick import PickView
from tui.widgets._log_search_bar import SearchBar
from tui.widgets._log_seek import Seeker
from tui.widgets._log_shape import Shaper
from tui.widgets._log_taking import Taking
from tui.widgets._log_view import LogView


class LogPane(Finding, Taking, Widget):
    """Shows a log file of any size, straight from disk, while it is being written or afterwards.

    Call `show`; everything else has a key. `look` and `follow` may be set from outside.
    """

    BINDINGS: ClassVar[list[BindingType]] = PANE_KEYS
    DEFAULT_CSS = """
    LogPane {
        layout: vertical;
        height: 1fr;
        & LogView { height: 1fr; }
    }
    """
    ALLOW_MAXIMIZE = True

    follow: reactive[bool] = reactive(True)
    """Whether the end of the log stays in view; any scrolling up ends it."""
    wrap: reactive[bool] = reactive(False)
    """Whether long lines continue on the next row."""
    timestamps: reactive[bool] = reactive(True)
    """Whether the times at the start of CodeBuild's own lines are shown."""

    FollowChanged: TypeAlias = messages.FollowChanged
    MatchesChanged: TypeAlias = messages.MatchesChanged
    Appended: TypeAlias = messages.Appended
    Saved: TypeAlias = messages.Saved
    OpenFile: TypeAlias = messages.OpenFile
    OpenAddress: TypeAlias = messages.OpenAddress
    Page: TypeAlias = messages.Page
    LookChanged: TypeAlias = messages.LookChanged

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.path: Path | None = None
        """The log that is shown."""
        self.title = ""
        self._view = PickView()
        self._bar = SearchBar()
        self._filter_bar = SearchBar(filtering=True)
        self._seek = Seeker(self._view, self._say)
        self._shape = Shaper(self._view, self._say)
        self._known = []
        self._times: Times = "own"

    def compose(self) -> ComposeResult:
        """The lines above, the search below."""
        yield self._view.data_bind(LogPane.wrap, LogPane.timestamps)
        yield self._bar
        yield self._filter_bar

    def on_mount(self) -> None:
        """Follow is one thing that pane and view both change."""
        self.watch(self._view, "follow", self._view_follows, init=False)

    def on_unmount(self) -> None:
        """Ends the threads."""
        self._seek.end()
        self._shape.end()

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the lines."""
        self._view.focus(scroll_visible)
        return self

    @property
    def view(self) -> LogView:
        """The lines, for who scrolls several logs as one."""
        return self._view

    # --- which log ---

    def show(self, path: Path | None, *, title: str = "", live: bool = False, places: Places | None = None) -> None:
        """Shows the log at `path`, from its end. It need not exist yet, and may grow, shrink or be replaced.

        `live`: it is being written, so look at it many times a second. `places` finds the files it names. The same
        path again only changes these and `title`; what the user scrolled to or searched for stays.
        """
        self.title = title
        if places is not None and places != self._view.places:
            self._view.places = places
            self._view.forget()
            self._seek.forget("links")
        self.border_title = Content(title) if title else None
        self._view.placeholder = "No log" if path is None else "Waiting for output…" if live else "No output"
        if path == self.path and path is not None:
            if live != self._view.live:
                self._view.live = live
                self._view.tick()
                self._shape.go_on()
            return
        self.path = path
        self._seek.end()
        self._shape.end()
        self.follow = True
        self._view.open(path, live=live)
        self._renew()

    @property
    def line_count(self) -> int:
        """Lines known now, whether or not all are on show."""
        return self._view.document.line_count if self._view.document else 0

    @property
    def current_line(self) -> int:
        """The line gone to last, or the first one on screen, numbered from 1 as editors do; 0: not known yet."""
        document, visible = self._view.document, self._view.visible_lines
        if document is None or document.partial or not visible:
            return 0
        return (self._view.current if self._view.current is not None else visible.start) + 1

    def _view_follows(self, follow: bool) -> None:
        self.follow = follow

    def watch_follow(self, follow: bool) -> None:
        """Set from outside, or by a key."""
        self._view.follow = follow
        self.post_message(self.FollowChanged(self, follow))

    @on(LogView.Changed)
    def _log_changed(self, event: LogView.Changed) -> None:
        event.stop()
        if event.reset:
            self._renew()
        if event.reset or (self._times == "all" and self._view.arrivals is None):
            self._show_times()
        self._seek.resume()
        self._shape.resume()
        self.post_message(self.Appended(self, self.line_count))

    @on(LogView.Progress)
    def _log_progress(self, event: LogView.Progress) -> None:
        event.stop()
        self._view.settle()
        self._shape.go_on()
        self._view.sync()
        self._seek.go_on()
        self._arrive()
        self._tell_matches()
        self._tell_filtered()

    def _renew(self) -> None:
        self._shape.renew()
        self._seek.renew()

    def _say(self, text: str) -> None:
        self.notify(text, markup=False)

    # --- keys ---

    def action_follow(self) -> None:
        """Follow or stop following."""
        self.follow = not self.follow

    def action_wrap(self) -> None:
        """Wrap or cut long lines."""
        self.wrap = not self.wrap
        self.post_message(messages.LookChanged(self, self.wrap, self._times))

    def action_timestamps(self) -> None:
        """Times of CodeBuild's own lines, of every line where they are known, none."""
        wanted = TIMES[(TIMES.index(self._times) + 1) % len(TIMES)]
        if wanted == "all" and not self._view.show_arrivals(True):
            wanted = "none"
        self._times = wanted
        self._show_times()
        self.post_message(messages.LookChanged(self, self.wrap, self._times))

    def look(self, wanted: LogLook) -> None:
        """As the person wants logs to look."""
        self.wrap = wanted.wrap
        if self._times != wanted.times:
            self._times = wanted.times
            self._show_times()

    def _show_times(self) -> None:
        """Where nobody noted when lines came, those times are shown that they carry."""
        shown = self._view.show_arrivals(self._times == "all") if self._times == "all" or self._view.arrivals else False
        self.timestamps = self._times == "own" or (self._times == "all" and not shown)
