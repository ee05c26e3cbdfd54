"""Going from match to match while the file is still being searched, and still growing."""

from __future__ import annotations

from collections.abc import Callable

from tui.log.file import LogFile
from tui.log.reading import Reading
from tui.log.search import Search
from tui.log.shown import Matcher


class Hunt:
    """One search through one file, in a thread. `report` is called from it, see `Task`."""

    def __init__(self, file: LogFile, matcher: Matcher, report: Callable[[], None]) -> None:
        self.file = file
        self.current: int | None = None
        """Position of the match gone to last."""
        self._search = Search(file, matcher)
        self._wanted: tuple[int, int] | None = None
        self._reading = Reading("log-search", self._search, report)

    @property
    def count(self) -> int:
        """Matching lines found so far."""
        return self._search.count

    @property
    def complete(self) -> bool:
        """Whether the whole file has been looked at."""
        return self._search.complete

    @property
    def number(self) -> int:
        """Which match the current one is, from 1; 0 when there is none."""
        return 0 if self.current is None else self._search.rank(self.current) + 1

    @property
    def under_way(self) -> bool:
        """Whether a match is wanted that is not known yet."""
        return self._wanted is not None

    def go(self, direction: int, offset: int) -> None:
        """Wants the first match at or after `offset` (direction 1) or the last before it (-1), around the ends."""
        self._wanted = (direction, offset)

    def arrived(self) -> int | None:
        """The match that is wanted, once it is known; given out once. None also when there is none at all."""
        if self._wanted is None:
            return None
        hit = self._find(*self._wanted)
        if hit is not None:
            self.current = hit
        if hit is not None or self.complete:
            self._wanted = None
        return hit

    def resume(self) -> None:
        """Goes on with what was appended since."""
        self._reading.resume()

    def cancel(self) -> None:
        """Ends the thread."""
        self._reading.cancel()

    def _find(self, direction: int, offset: int) -> int | None:
        search = self._search
        if direction > 0:
            hit = search.after(offset)
            return search.nth(0) if hit is None and search.complete else hit
        if not search.complete and search.end < offset:
            return None
        hit = search.before(offset)
        return search.nth(search.count - 1) if hit is None and search.complete else hit
