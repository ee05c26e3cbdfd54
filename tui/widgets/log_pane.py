"""A log: follow it, search it, go from error to error, copy from it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import ClassVar, Self, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.log.errors import error_lines
from tui.log.hunt import Hunt
from tui.log.save import free_name, save
from tui.log.search import Needle
from tui.widgets import _log_clipboard
from tui.widgets import _log_messages as messages
from tui.widgets._log_keys import PANE_KEYS
from tui.widgets._log_search_bar import SearchBar
from tui.widgets._log_view import LogView


class LogPane(Widget):
    """Shows a log file of any size, straight from disk, while it is being written or afterwards.

    Call `show`; everything else has a key. `follow`, `wrap` and `timestamps` may be set from outside.
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

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.path: Path | None = None
        """The log that is shown."""
        self.title = ""
        self._view = LogView()
        self._bar = SearchBar()
        self._matches: Hunt | None = None
        self._errors: Hunt | None = None
        self._pending: int | None = None
        self._anchor: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        """The lines above, the search below."""
        yield self._view.data_bind(LogPane.wrap, LogPane.timestamps)
        yield self._bar

    def on_mount(self) -> None:
        """Follow is one thing that pane and view both change."""
        self.watch(self._view, "follow", self._view_follows, init=False)

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the lines."""
        self._view.focus(scroll_visible)
        return self

    # --- which log ---

    def show(self, path: Path | None, *, title: str = "", live: bool = False) -> None:
        """Shows the log at `path`, from its end. It need not exist yet, and may grow, shrink or be replaced.

        `live`: it is being written, so look at it many times a second. The same path again only changes
        `title` and `live`; what the user scrolled to or searched for stays.
        """
        self.title = title
        self.border_title = Content(title) if title else None
        self._view.placeholder = "No log" if path is None else "Waiting for output…" if live else "No output"
        if path == self.path and path is not None:
            if live != self._view.live:
                self._view.live = live
                self._view.tick()
            return
        self.path = path
        self._end_hunts()
        self.follow = True
        self._view.open(path, live=live)
        self._hunt_again()

    @property
    def line_count(self) -> int:
        """Lines known now."""
        return self._view.line_count

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
            self._end_hunts()
            self._hunt_again()
        for hunt in (self._matches, self._errors):
            if hunt is not None:
                hunt.resume()
        self.post_message(self.Appended(self, self.line_count))

    @on(LogView.Progress)
    def _log_progress(self, event: LogView.Progress) -> None:
        event.stop()
        self._view.settle()
        self._view.sync()
        self._go_on()

    # --- search ---

    def search(self, text: str) -> None:
        """Marks `text` wherever it is and goes to a match: the latest while following, else the next one.

        Capitals matter only if `text` has some. An empty text ends the search.
        """
        if self._matches is not None:
            self._matches.cancel()
        self._matches = None
        self._view.needle = Needle(text) if text else None
        self._view.repaint()
        if text:
            self._bar.show(text)
            self._hunt_again()
            self._go_from_anchor()
        self._tell_matches()

    def next_match(self) -> None:
        """Goes to the next line that matches, after the last one to the first."""
        self._go_to_match(1)

    def previous_match(self) -> None:
        """Goes to the previous line that matches, before the first one to the last."""
        self._go_to_match(-1)

    def next_error(self) -> None:
        """Goes to the next line that tells of an error."""
        self._go_to_error(1)

    def previous_error(self) -> None:
        """Goes to the previous line that tells of an error."""
        self._go_to_error(-1)

    def _hunt_again(self) -> None:
        file = self._view.document.file if self._view.document else None
        if self._view.needle is not None and self._matches is None and file is not None:
            self._matches = Hunt(file, self._view.needle, self._view.report)

    def _end_hunts(self) -> None:
        for hunt in (self._matches, self._errors):
            if hunt is not None:
                hunt.cancel()
        self._matches = self._errors = self._pending = None

    def _go_from_anchor(self) -> None:
        """While the text is being typed, every letter looks from where typing began."""
        direction, origin = self._anchor or self._here()
        if self._matches is not None:
            self._pending = self._matches.go(direction, origin)
            self._go_on()

    def _here(self) -> tuple[int, int]:
        """Which way to look first, and from where: back from the end while following, else on from here."""
        index = self._view.document.index if self._view.document else None
        if index is None or self.follow:
            return (-1, index.end if index else 0)
        visible = self._view.visible_lines
        return (1, index.start_of(visible.start) if visible else 0)

    def _go_to_match(self, direction: int) -> None:
        if self._matches is not None:
            self._go(self._matches, direction)

    def _go_to_error(self, direction: int) -> None:
        file = self._view.document.file if self._view.document else None
        if self._errors is None and file is not None:
            self._errors = Hunt(file, error_lines, self._view.report)
        if self._errors is not None:
            self._go(self._errors, direction)
            self._say_if_none(self._errors)

    def _go(self, hunt: Hunt, direction: int) -> None:
        self._pending = hunt.go(direction, self._origin(hunt, direction))
        self._go_on()

    def _origin(self, hunt: Hunt, direction: int) -> int:
        """Where to look from: the match gone to last if it is on screen, else the edge of the screen."""
        document, visible = self._view.document, self._view.visible_lines
        index = document.index if document else None
        if index is None or not visible:
            return 0
        if hunt.current is not None:
            current = index.line_at(hunt.current)
            if current in visible:
                return hunt.current + (direction > 0)
        if direction < 0 and self.follow:
            return index.end
        return index.start_of(visible.start)

    def _go_on(self) -> None:
        """Goes to the match that was waited for, once it is found and its line is known."""
        for hunt in (self._matches, self._errors):
            if hunt is not None and (hit := hunt.arrived()) is not None:
                self._pending = hit
        document = self._view.document
        if self._pending is not None and document is not None:
            if document.line_of(self._pending) is None and document.partial:
                self._view.number_from_start()
            number = document.line_of(self._pending)
            if number is not None:
                self._pending = None
                self._view.reveal(number)
        self._tell_matches()

    def _say_if_none(self, hunt: Hunt) -> None:
        if hunt.complete and not hunt.count:
            self.notify("No errors in this log.", markup=False)

    def _tell_matches(self) -> None:
        hunt = self._matches
        count, number = (hunt.count, hunt.number) if hunt else (0, 0)
        ending = "" if hunt is None or hunt.complete else "…"
        self._bar.count(f"{number:,}/{count:,}{ending}")
        self.post_message(self.MatchesChanged(self, count, number))

    @on(SearchBar.Edited)
    def _search_edited(self, event: SearchBar.Edited) -> None:
        event.stop()
        self.search(event.text)

    @on(SearchBar.Accepted)
    def _search_accepted(self, event: SearchBar.Accepted) -> None:
        event.stop()
        self._anchor = None
        self._view.focus()
        if self._view.needle is None:
            self._bar.close()

    @on(SearchBar.Left)
    def _search_left(self, event: SearchBar.Left) -> None:
        event.stop()
        self.action_clear()

    # --- keys ---

    def action_follow(self) -> None:
        """Follow or stop following."""
        self.follow = not self.follow

    def action_wrap(self) -> None:
        """Wrap or cut long lines."""
        self.wrap = not self.wrap

    def action_timestamps(self) -> None:
        """Show or hide times."""
        self.timestamps = not self.timestamps

    def action_search(self) -> None:
        """Opens the search line."""
        self._anchor = self._here()
        self._bar.open()

    def action_next_match(self) -> None:
        """n."""
        self.next_match()

    def action_previous_match(self) -> None:
        """N."""
        self.previous_match()

    def action_next_error(self) -> None:
        """e."""
        self.next_error()

    def action_previous_error(self) -> None:
        """E."""
        self.previous_error()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the screen unless there is something to clear here."""
        return self._bar.is_open or self._view.current is not None if action == "clear" else True

    def action_clear(self) -> None:
        """Ends the search and its marks."""
        self._view.current = self._anchor = None
        self.search("")
        self._bar.close()
        self._view.focus()

    def action_copy(self) -> None:
        """Copies the selection, else the current line."""
        text = self.screen.get_selected_text()
        self._copy(text) if text else self.copy_line()

    def copy_line(self) -> None:
        """Copies the line of the match gone to last, or the last one on screen."""
        visible, current = self._view.visible_lines, self._view.current
        if visible:
            self._copy(self._view.text_of(visible[-1] if current is None or current not in visible else current))

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        _log_clipboard.copy(text)
        lines = text.count("\n") + 1
        self.notify(f"Copied {lines:,} line{'s' * (lines != 1)}.", timeout=2, markup=False)

    def action_save(self) -> None:
        """Saves the log beside where greenroom was started."""
        self.save()

    def save(self, target: Path | None = None) -> None:
        """Copies the whole log to `target`, by default a new file in the working directory; then posts `Saved`."""
        if self.path is None:
            return
        log, target = self.path, target or free_name(Path.cwd(), self.title or self.path.name)

        def copy() -> None:
            self.post_message(self.Saved(self, target, save(log, target)))

        threading.Thread(target=copy, name="log-save", daemon=True).start()

    @on(Saved)
    def _log_saved(self, event: Saved) -> None:
        if event.problem:
            self.notify(f"Not saved. {event.problem}", severity="error", markup=False)
        else:
            self.notify(f"Saved to {event.target}", markup=False)
