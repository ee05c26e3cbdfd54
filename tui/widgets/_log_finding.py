"""Finding things in a log: search, filter, errors, failed tests, links, phases and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from textual import on
from textual.reactive import reactive
from textual.widget import Widget

from tui.graph.durations import duration
from tui.log.errors import error_lines
from tui.log.failures import failure_lines
from tui.log.links import Link, line_of, link_lines
from tui.log.needle import Needle, needle
from tui.log.outline import Entry, shown
from tui.widgets import _log_messages as messages
from tui.widgets._log_pick import PickView
from tui.widgets._log_search_bar import SearchBar
from tui.widgets._log_seek import Quarry, Seeker
from tui.widgets._log_shape import Shaper

Names = Callable[[Callable[[Iterable[str]], None]], None]
"""Asks for the names of failed tests; what it is given may be called from any thread, later, or never."""
_ERRORS = Quarry("errors", error_lines, "No errors in this log.")


class Finding(Widget):
    """The part of a log pane that goes to things."""

    path: Path | None
    title: str
    follow: reactive[bool]
    _view: PickView
    _bar: SearchBar
    _filter_bar: SearchBar
    _seek: Seeker
    _shape: Shaper
    _told: tuple[int, int, bool, str] | None = None
    _failed_tests: Names | None = None
    _failures_of: object = None
    _failed: tuple[str, ...] = ()
    _opening = False
    _known: list[str]  # what has come from the reports, from any thread

    # --- search ---

    def search(self, text: str, *, expression: bool = False) -> None:
        """Marks `text` wherever it is and goes to a match: the latest while following, else the next one.

        Capitals matter only if `text` has some. An empty text ends the search; so does a bad `expression`.
        """
        if text:
            self._bar.show(text, expression=expression)
        wanted, problem = _needle(text, expression)
        self._seek.search(wanted)
        self._tell_matches(problem)

    def next_match(self) -> None:
        """Goes to the next line that matches, after the last one to the first."""
        self._seek.step_match(1)
        self._tell_matches()

    def previous_match(self) -> None:
        """Goes to the previous line that matches, before the first one to the last."""
        self._seek.step_match(-1)
        self._tell_matches()

    def _tell_matches(self, problem: str = "") -> None:
        seek, wanted = self._seek, self._view.needle
        problem = problem or (wanted.problem if wanted else "")
        told = (seek.count, seek.number, seek.complete, problem)
        if told != self._told:
            self._told = told
            counted = f"{seek.number:,}/{seek.count:,}{'' if seek.complete else '…'}"
            self._bar.count(problem or counted, bad=bool(problem))
            self.post_message(messages.MatchesChanged(self, seek.count, seek.number))

    @on(SearchBar.Edited)
    def _edited(self, event: SearchBar.Edited) -> None:
        event.stop()
        bar = event.bar
        if bar.filtering:
            self.filter(bar.text, expression=bar.expression, context=bar.context)
        else:
            self.search(bar.text, expression=bar.expression)

    @on(SearchBar.Accepted)
    def _accepted(self, event: SearchBar.Accepted) -> None:
        event.stop()
        self._seek.release()
        self._view.focus()
        if (self._shape if event.bar.filtering else self._view).needle is None:
            event.bar.close()

    @on(SearchBar.Left)
    def _left(self, event: SearchBar.Left) -> None:
        event.stop()
        if event.bar.filtering:
            self.clear_filter()
        else:
            self.clear_search()

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

    # --- filter ---

    def filter(self, text: str, *, expression: bool = False, context: int = 0) -> None:
        """Shows only the lines with `text` in them, and so many around each; without it if it begins with ``!``."""
        inverted = text.startswith("!")
        wanted, problem = _needle(text.removeprefix("!"), expression)
        self._seek.within(wanted, inverted=inverted)
        self._shape.sift(wanted, inverted=inverted, context=context)
        self._tell_filtered(problem)
        self._tell_matches()

    def _tell_filtered(self, problem: str = "") -> None:
        shape, bar = self._shape, self._filter_bar
        if bar.is_open:
            problem = problem or (shape.needle.problem if shape.needle else "")
            counted = f"{shape.shown:,} line{'s' * (shape.shown != 1)}{'' if shape.complete else '…'}"
            bar.count(problem or (counted if shape.needle else ""), bad=bool(problem))

    def action_filter(self) -> None:
        """Opens the line that filters."""
        self._filter_bar.open()

    # --- errors, failed tests, links ---

    def next_error(self) -> None:
        """Goes to the next line that tells of an error."""
        self._seek.step(_ERRORS, 1)

    def previous_error(self) -> None:
        """Goes to the previous line that tells of an error."""
        self._seek.step(_ERRORS, -1)

    def action_next_error(self) -> None:
        """e."""
        self.next_error()

    def action_previous_error(self) -> None:
        """The error before."""
        self.previous_error()

    def know_failures(self, ask: Names | None, of: object) -> None:
        """Who knows from reports which tests failed, asked when somebody wants to know. `of`: whose tests they are."""
        if of != self._failures_of:
            self._failures_of = of
            self._failed_tests, self._failed, self._known = ask, (), []
            self._seek.forget("failures")

    def action_next_failure(self) -> None:
        """Goes to the next line that tells of a failed test."""
        if self._failed_tests is not None:
            ask, self._failed_tests, known = self._failed_tests, None, self._known
            ask(known.extend)
        if len(self._known) != len(self._failed):
            self._failed = tuple(self._known)
            self._seek.forget("failures")
        self._seek.step(Quarry("failures", failure_lines(self._failed), "No failed tests in this log."), 1)

    def action_next_link(self) -> None:
        """Goes to the next line that names a file that is there, or an address."""
        found = link_lines(self._view.places.find)
        self._seek.step(Quarry("links", found, "No file of the source is named in this log."), 1)

    def action_open(self) -> None:
        """What the current line names, or its fold; of a line that is still looked for, once it is found."""
        self._opening = self._seek.under_way
        if not self._opening:
            self._view.action_open()

    def _arrive(self) -> None:
        """A search has got further: perhaps what was to be opened is found."""
        if self._opening and not self._seek.under_way:
            self._opening = False
            self._view.action_open()

    @on(PickView.Followed)
    def _followed(self, event: PickView.Followed) -> None:
        event.stop()
        several = event.several
        if len(several) == 1:
            self._open(several[0])
            return
        from tui.screens.gates import ListDialog, Offer

        offers = [Offer(str(number), _named(link)) for number, link in enumerate(several)]

        def go(value: str | None) -> None:
            if value:
                self._open(several[int(value)])

        self.app.push_screen(ListDialog(self.title or "Log", "This line names", offers, "Open"), go)

    def _open(self, link: Link) -> None:
        if link.file is not None:
            line = link.line or (line_of(link.file, link.symbol) if link.symbol else 0)
            self.post_message(messages.OpenFile(link.file, line))
        elif link.url.lower().startswith("http"):
            self.post_message(messages.OpenAddress(link.url))
        else:
            self._say("the file that this leads to is not here")

    def action_minute(self, minutes: int) -> None:
        """So many minutes on, or back."""
        self._seek.go_by_time(60.0 * minutes)

    # --- phases and commands ---

    @on(PickView.Folding)
    def _folding(self, event: PickView.Folding) -> None:
        event.stop()
        self._shape.toggle(event.entry)

    def action_fold(self, folded: bool) -> None:
        """Folds or opens what the current line is in."""
        self._shape.fold(folded)

    def action_fold_all(self, folded: bool) -> None:
        """Folds or opens everything."""
        self._shape.fold_all(folded)

    def action_outline(self) -> None:
        """Lists phases and commands; the chosen one is gone to."""
        if self.path is None:
            return
        from tui.screens.gates import ListDialog, Offer

        entries = list(shown(self._shape.entries))
        if not entries:
            self._say("This log has no phases: it is not a build's." if self._shape.outlined else "Still reading it.")
            return
        offers = [Offer(str(entry.offset), *_outline_line(entry)) for entry in entries]

        def go(value: str | None) -> None:
            if value:
                self.follow = False
                self._seek.go_to(int(value))

        self.app.push_screen(ListDialog(self.title or "Log", "Phases and commands", offers, "Go there"), go)

    # --- leaving ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the screen unless there is something to clear here."""
        clears = self._bar.is_open or self._filter_bar.is_open or self._view.current is not None
        return clears if action == "clear" else True

    def action_clear(self) -> None:
        """Ends the search and its marks, then the filter."""
        if self._bar.is_open or self._view.current is not None:
            self.clear_search()
        else:
            self.clear_filter()

    def clear_search(self) -> None:
        """No search any more."""
        self._seek.release()
        self._view.current = None
        self.search("")
        self._bar.close()
        self._view.focus()

    def clear_filter(self) -> None:
        """All lines again."""
        self.filter("")
        self._filter_bar.close()
        self._view.focus()

    def _say(self, text: str) -> None:
        self.notify(text, markup=False)


def _needle(text: str, expression: bool) -> tuple[Needle | None, str]:
    """What to look for, or what is wrong with it."""
    if not text:
        return None, ""
    try:
        return needle(text, expression=expression), ""
    except ValueError as error:
        return None, str(error)


def _named(link: Link) -> str:
    if link.file is None:
        return link.url
    return f"{link.file.name}:{link.line}" if link.line else str(link.file)


def _outline_line(entry: Entry) -> tuple[str, str]:
    """What it is, and what became of it."""
    took = "" if entry.seconds is None else duration(entry.seconds)
    lead = f"{entry.log} " if entry.whole else f"{entry.log}   " if entry.log else ""
    return lead + ("  $ " if entry.command else "") + entry.text, f"{took}  ✘ {entry.state}" if entry.failed else took
