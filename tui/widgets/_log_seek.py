"""Going to matches, errors, failed tests and links in the log of a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui.log.file import LogFile
from tui.log.hunt import Hunt
from tui.log.moments import Moments
from tui.log.needle import Needle
from tui.log.shown import Matcher, among
from tui.widgets._log_view import LogView


class Quarry(NamedTuple):
    """What a key goes to: how to find it, and what to say where there is none."""

    name: str
    matcher: Matcher
    none: str


class Seeker:
    """The text search of one pane, and whatever else it goes from one to the next of.

    All read the file in threads and ask the view for a `Progress` message; `go_on` is to be called then.
    `say` tells the user what cannot be shown.
    """

    def __init__(self, view: LogView, say: Callable[[str], None]) -> None:
        self._view = view
        self._say = say
        self._matches: Hunt | None = None
        self._hunts: dict[str, Hunt] = {}
        self._asked: Quarry | None = None
        self._found: int | None = None
        self._anchor: tuple[int, int] | None = None
        self._among: tuple[Matcher, bool] | None = None

    @property
    def count(self) -> int:
        """Lines that match, so far."""
        return self._matches.count if self._matches else 0

    @property
    def number(self) -> int:
        """Which of them was gone to last, from 1; 0: none."""
        return self._matches.number if self._matches else 0

    @property
    def complete(self) -> bool:
        """Whether `count` is final."""
        return self._matches is None or self._matches.complete

    @property
    def under_way(self) -> bool:
        """Whether something that was asked for is still looked for."""
        return self._found is not None or any(hunt.under_way for hunt in self._all())

    def anchor(self) -> None:
        """Typing begins: until `release`, every letter looks from here."""
        self._anchor = self._here()

    def release(self) -> None:
        """Typing is over."""
        self._anchor = None

    def search(self, needle: Needle | None) -> None:
        """Looks for something else, or for nothing."""
        if self._matches is not None:
            self._matches.cancel()
        self._view.needle = needle
        self._view.repaint()
        self._matches = self._hunt_for_text()
        if self._matches is not None:
            self._matches.go(*(self._anchor or self._here()))
            self.go_on()

    def step_match(self, direction: int) -> None:
        """To the next match, or the previous one."""
        if self._matches is not None:
            self._step(self._matches, direction)

    def step(self, quarry: Quarry, direction: int) -> None:
        """To the next one of these, or the previous one."""
        file = self._file
        if quarry.name not in self._hunts and file is not None:
            self._hunts[quarry.name] = Hunt(file, self._visible(quarry.matcher), self._view.report)
        if hunt := self._hunts.get(quarry.name):
            self._asked = quarry
            self._step(hunt, direction)

    def forget(self, name: str) -> None:
        """What was found of these holds no more."""
        if hunt := self._hunts.pop(name, None):
            hunt.cancel()

    def within(self, matcher: Matcher | None, *, inverted: bool = False) -> None:
        """From now on look only in lines that match (`inverted`: do not), for no others are on show."""
        self._among = None if matcher is None else (matcher, inverted)
        for name in list(self._hunts):
            self.forget(name)
        if self._matches is not None:
            self._matches.cancel()
            self._matches = self._hunt_for_text()

    def go_to(self, offset: int) -> None:
        """To the line at a byte of the file."""
        self._found = offset
        self._reveal()

    def go_by_time(self, seconds: float) -> None:
        """To the line that was written so much later than the current one, or earlier; at most to the last or first."""
        view = self._view
        view.number_from_start()
        document, lens, file = view.document, view.lens, self._file
        if document is None or document.index is None or lens is None or file is None or not view.line_count:
            return
        found = Moments(file).away(document.index.start_of(lens.line(view.cursor_row)), seconds)
        if found is None:
            self._say("Nothing tells when the lines of this log came.")
        else:
            line = document.line_of(found)
            view.reveal(document.line_count - 1 if line is None else line)

    def renew(self) -> None:
        """The log may be in another file than the one being searched, or in one at last; the text stays."""
        if self._matches is None or self._matches.file is not self._file:
            if self._matches is not None:
                self._matches.cancel()
            self._matches = self._hunt_for_text()
        for name in [name for name, hunt in self._hunts.items() if hunt.file is not self._file]:
            self.forget(name)

    def resume(self) -> None:
        """The file grew."""
        for hunt in self._all():
            hunt.resume()

    def end(self) -> None:
        """Another log, or none, is going to be shown."""
        for hunt in self._all():
            hunt.cancel()
        self._hunts.clear()
        self._matches = self._found = self._anchor = self._asked = None

    def go_on(self) -> None:
        """Goes to what was looked for, once it is found and its line is known."""
        for hunt in self._all():
            if (hit := hunt.arrived()) is not None:
                self._found = hit
        self._reveal()
        hunted = self._hunts.get(self._asked.name) if self._asked else None
        if self._asked is not None and hunted is not None and hunted.complete:
            asked, self._asked = self._asked, None
            if not hunted.count:
                self._say(asked.none)

    def _all(self) -> list[Hunt]:
        return [*([self._matches] if self._matches else []), *self._hunts.values()]

    def _reveal(self) -> None:
        document = self._view.document
        if self._found is None or document is None:
            return
        if document.line_of(self._found) is None and document.partial:
            self._view.number_from_start()
        number = document.line_of(self._found)
        if number is not None:
            self._found = None
            self._view.reveal(number)

    def _visible(self, matcher: Matcher) -> Matcher:
        return matcher if self._among is None else among(matcher, self._among[0], inverted=self._among[1])

    def _hunt_for_text(self) -> Hunt | None:
        file, needle = self._file, self._view.needle
        return Hunt(file, self._visible(needle), self._view.report) if file is not None and needle is not None else None

    @property
    def _file(self) -> LogFile | None:
        return self._view.document.file if self._view.document else None

    def _step(self, hunt: Hunt, direction: int) -> None:
        hunt.go(direction, self._origin(direction))
        self.go_on()

    def _origin(self, direction: int) -> int:
        """Where to look from: the line gone to last if it is on screen, else the edge of the screen."""
        view, visible = self._view, self._view.visible_lines
        index = view.document.index if view.document else None
        if index is not None and view.current is not None and view.current in visible:
            return index.start_of(view.current + (direction > 0))
        if direction < 0:
            return self._here()[1]
        return index.start_of(visible.start) if index and visible else 0

    def _here(self) -> tuple[int, int]:
        """Which way to look first, and from where: back from the end while following, else on from this page."""
        index = self._view.document.index if self._view.document else None
        if index is None or self._view.follow:
            return (-1, index.end if index else 0)
        visible = self._view.visible_lines
        return (1, index.start_of(visible.start) if visible else 0)
