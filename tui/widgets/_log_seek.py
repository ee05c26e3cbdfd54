"""Going to matches and errors in the log of a view."""

from __future__ import annotations

from collections.abc import Callable

from tui.log.errors import error_lines
from tui.log.file import LogFile
from tui.log.hunt import Hunt
from tui.log.search import Needle
from tui.widgets._log_view import LogView


class Seeker:
    """The text search and the error search of one pane.

    Both read the file in threads and ask the view for a `Progress` message; `go_on` is to be called then.
    `say` tells the user what cannot be shown.
    """

    def __init__(self, view: LogView, say: Callable[[str], None]) -> None:
        self._view = view
        self._say = say
        self._matches: Hunt | None = None
        self._errors: Hunt | None = None
        self._asked_for_errors = False
        self._found: int | None = None
        self._anchor: tuple[int, int] | None = None

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

    def anchor(self) -> None:
        """Typing begins: until `release`, every letter looks from here."""
        self._anchor = self._here()

    def release(self) -> None:
        """Typing is over."""
        self._anchor = None

    def search(self, text: str) -> None:
        """Looks for another text, or for none."""
        if self._matches is not None:
            self._matches.cancel()
        self._view.needle = Needle(text) if text else None
        self._view.repaint()
        self._matches = self._hunt_for_text()
        if self._matches is not None:
            self._matches.go(*(self._anchor or self._here()))
            self.go_on()

    def step_match(self, direction: int) -> None:
        """To the next match, or the previous one."""
        if self._matches is not None:
            self._step(self._matches, direction)

    def step_error(self, direction: int) -> None:
        """To the next error, or the previous one."""
        file = self._file
        if self._errors is None and file is not None:
            self._errors = Hunt(file, error_lines, self._view.report)
        if self._errors is not None:
            self._asked_for_errors = True
            self._step(self._errors, direction)

    def go_to(self, offset: int) -> None:
        """To the line at a byte of the file."""
        self._found = offset
        self._reveal()

    def renew(self) -> None:
        """The log may be in another file than the one being searched, or in one at last; the text stays."""
        if self._matches is None or self._matches.file is not self._file:
            if self._matches is not None:
                self._matches.cancel()
            self._matches = self._hunt_for_text()
        if self._errors is not None and self._errors.file is not self._file:
            self._errors.cancel()
            self._errors = None

    def resume(self) -> None:
        """The file grew."""
        for hunt in (self._matches, self._errors):
            if hunt is not None:
                hunt.resume()

    def end(self) -> None:
        """Another log, or none, is going to be shown."""
        for hunt in (self._matches, self._errors):
            if hunt is not None:
                hunt.cancel()
        self._matches = self._errors = self._found = self._anchor = None

    def go_on(self) -> None:
        """Goes to what was looked for, once it is found and its line is known."""
        for hunt in (self._matches, self._errors):
            if hunt is not None and (hit := hunt.arrived()) is not None:
                self._found = hit
        self._reveal()
        if self._asked_for_errors and self._errors is not None and self._errors.complete:
            self._asked_for_errors = False
            if not self._errors.count:
                self._say("No errors in this log.")

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

    def _hunt_for_text(self) -> Hunt | None:
        file, needle = self._file, self._view.needle
        return Hunt(file, needle, self._view.report) if file is not None and needle is not None else None

    @property
    def _file(self) -> LogFile | None:
        return self._view.document.file if self._view.document else None

    def _step(self, hunt: Hunt, direction: int) -> None:
        hunt.go(direction, self._origin(hunt, direction))
        self.go_on()

    def _origin(self, hunt: Hunt, direction: int) -> int:
        """Where to look from: the match gone to last if it is on screen, else the edge of the screen."""
        document, visible = self._view.document, self._view.visible_lines
        if document is not None and hunt.current is not None and document.line_of(hunt.current) in visible:
            return hunt.current + (direction > 0)
        if direction < 0:
            return self._here()[1]
        return document.index.start_of(visible.start) if document and document.index and visible else 0

    def _here(self) -> tuple[int, int]:
        """Which way to look first, and from where: back from the end while following, else on from this page."""
        index = self._view.document.index if self._view.document else None
        if index is None or self._view.follow:
            return (-1, index.end if index else 0)
        visible = self._view.visible_lines
        return (1, index.start_of(visible.start) if visible else 0)
