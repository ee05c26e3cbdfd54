"""Finding lines in a file of any size: counted by window, found again where needed, nothing kept per match."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from tui.log.file import LogFile
from tui.log.shown import Matcher

WINDOW = 128 << 10
"""Bytes looked at in one step: the interpreter is busy for well under a millisecond."""


class Search:
    """The lines of a file that a matcher finds, in order.

    `advance` may run in another thread than everything else. A line longer than a window is looked at in pieces,
    each of which counts as a line.
    """

    def __init__(self, file: LogFile, matcher: Matcher, *, window: int = WINDOW) -> None:
        self.end = 0
        """Position up to which whole lines have been looked at."""
        self.complete = False
        self._file = file
        self._matcher = matcher
        self._window = window
        self._starts = array("Q", [0])  # where each window begins
        self._totals = array("Q", [0])  # matches before each window
        self._found = 0
        self._tail: list[int] = []  # in the last line, which may still grow
        self._recent: tuple[int, int, list[int]] = (-1, 0, [])

    @property
    def count(self) -> int:
        """Matching lines found so far."""
        return self._found + len(self._tail)

    def advance(self) -> bool:
        """Looks at one more window; False when the end of the file is reached."""
        data = self._file.read(self.end, self._window)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) == self._window:
            whole = len(data)
        if whole:
            self._commit(whole, len(self._matcher(data[:whole])))
        else:
            self._tail = [self.end + at for at in self._matcher(data)]
            self.complete = True
        return not self.complete

    def resume(self) -> bool:
        """Whether there is more to look at since it was complete; it is not complete then."""
        if self.complete and self._file.size() > self.end:
            self.complete = False
        return not self.complete

    def _commit(self, length: int, matches: int) -> None:
        # Small additions to a growing log join the last window, so that windows stay few.
        if self.end > self._starts[-1] and self.end + length - self._starts[-1] > self._window:
            self._totals.append(self._found)
            self._starts.append(self.end)
        self._tail = []
        self._found += matches
        self.end += length

    def rank(self, offset: int) -> int:
        """How many matches lie before `offset`."""
        if offset >= self.end:
            return self._found + bisect_left(self._tail, offset)
        window = bisect_right(self._starts, offset) - 1
        return self._totals[window] + bisect_left(self._hits(window), offset)

    def nth(self, number: int) -> int | None:
        """Position of match `number` (from 0); None where there is none."""
        if number < 0 or number >= self.count:
            return None
        if number >= self._found:
            return self._tail[number - self._found]
        window = min(bisect_right(self._totals, number), len(self._starts)) - 1
        hits = self._hits(window)
        place = number - self._totals[window]
        return hits[place] if place < len(hits) else None  # fewer only if the file was cut meanwhile

    def after(self, offset: int) -> int | None:
        """The first match at `offset` or later; None if none is known."""
        return self.nth(self.rank(offset))

    def before(self, offset: int) -> int | None:
        """The last match before `offset`; None if none is known."""
        return self.nth(self.rank(offset) - 1)

    def _hits(self, window: int) -> list[int]:
        start = self._starts[window]
        end = self._starts[window + 1] if window + 1 < len(self._starts) else self.end
        if self._recent[:2] != (start, end):
            data = self._file.read(start, end - start)
            self._recent = (start, end, [start + at for at in self._matcher(data)])
        return self._recent[2]
