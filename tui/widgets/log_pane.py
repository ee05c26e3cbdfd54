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

from tui.graph.durations import duration
from tui.log.outline import Entry, outline, shown
from tui.log.save import free_name, save
from tui.widgets import _log_clipboard
from tui.widgets import _log_messages as messages
from tui.widgets._log_keys import PANE_KEYS
from tui.widgets._log_search_bar import SearchBar
from tui.widgets._log_seek import Seeker
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
        self._seek = Seeker(self._view, self._say)
        self._told: tuple[int, int, bool] | None = None

    def compose(self) -> ComposeResult:
        """The lines above, the search below."""
        yield self._view.data_bind(LogPane.wrap, LogPane.timestamps)
        yield self._bar

    def on_mount(self) -> None:
        """Follow is one thing that pane and view both change."""
        self.watch(self._view, "follow", self._view_follows, init=False)

    def on_unmount(self) -> None:
        """Ends the threads."""
        self._seek.end()

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
        self._seek.end()
        self.follow = True
        self._view.open(path, live=live)
        self._seek.renew()

    @property
    def line_count(self) -> int:
        """Lines known now."""
        return self._view.line_count

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
            self._seek.renew()
        self._seek.resume()
        self.post_message(self.Appended(self, self.line_count))

    @on(LogView.Progress)
    def _log_progress(self, event: LogView.Progress) -> None:
        event.stop()
        self._view.settle()
        self._view.sync()
        self._seek.go_on()
        self._tell_matches()

    # --- search ---

    def search(self, text: str) -> None:
        """Marks `text` wherever it is and goes to a match: the latest while following, else the next one.

        Capitals matter only if `text` has some. An empty text ends the search.
        """
        if text:
            self._bar.show(text)
        self._seek.search(text)
        self._tell_matches()

    def next_match(self) -> None:
        """Goes to the next line that matches, after the last one to the first."""
        self._seek.step_match(1)
        self._tell_matches()

    def previous_match(self) -> None:
        """Goes to the previous line that matches, before the first one to the last."""
        self._seek.step_match(-1)
        self._tell_matches()

    def next_error(self) -> None:
        """Goes to the next line that tells of an error."""
        self._seek.step_error(1)

    def previous_error(self) -> None:
        """Goes to the previous line that tells of an error."""
        self._seek.step_error(-1)

    def _tell_matches(self) -> None:
        seek = self._seek
        told = (seek.count, seek.number, seek.complete)
        if told != self._told:
            self._told = told
            self._bar.count(f"{seek.number:,}/{seek.count:,}{'' if seek.complete else '…'}")
            self.post_message(self.MatchesChanged(self, seek.count, seek.number))

    @on(SearchBar.Edited)
    def _search_edited(self, event: SearchBar.Edited) -> None:
        event.stop()
        self.search(event.text)

    @on(SearchBar.Accepted)
    def _search_accepted(self, event: SearchBar.Accepted) -> None:
        event.stop()
        self._seek.release()
        self._view.focus()
        if self._view.needle is None:
            self._bar.close()

    @on(SearchBar.Left)
    def _search_left(self, event: SearchBar.Left) -> None:
        event.stop()
        self.action_clear()

    def _say(self, text: str) -> None:
        self.notify(text, markup=False)

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
        self._seek.anchor()
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

    def action_outline(self) -> None:
        """Lists phases and commands; the chosen one is gone to."""
        if self.path is not None:
            log = self.path
            self.run_worker(lambda: self._outlined(log), thread=True, exclusive=True, group="outline")

    def _outlined(self, log: Path) -> None:
        """In a thread: a large log takes a while."""
        entries = list(shown(outline(log)))
        self.app.call_from_thread(self._show_outline, entries)

    def _show_outline(self, entries: list[Entry]) -> None:
        from tui.screens.gates import ListDialog, Offer

        if not entries:
            self._say("This log has no phases: it is not a build's.")
            return
        offers = [Offer(str(entry.offset), *_outline_line(entry)) for entry in entries]

        def go(value: str | None) -> None:
            if value:
                self.follow = False
                self._seek.go_to(int(value))

        self.app.push_screen(ListDialog(self.title or "Log", "Phases and commands", offers, "Go there"), go)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the screen unless there is something to clear here."""
        return self._bar.is_open or self._view.current is not None if action == "clear" else True

    def action_clear(self) -> None:
        """Ends the search and its marks."""
        self._seek.release()
        self._view.current = None
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
        self.notify(f"copied {lines:,} line{'s' * (lines != 1)}", timeout=2, markup=False)

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
            self.notify(f"not saved: {event.problem}", severity="error", markup=False)
        else:
            self.notify(f"saved to {event.target}", markup=False)


def _outline_line(entry: Entry) -> tuple[str, str]:
    """What it is, and what became of it."""
    took = "" if entry.seconds is None else duration(entry.seconds)
    return ("  $ " if entry.command else "") + entry.text, f"{took}  ✘ {entry.state}" if entry.failed else took
