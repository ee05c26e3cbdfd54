"""Only some lines of a file: those that match, with what is around them, in a few bytes per window.

As in a search, nothing is kept per line: each window remembers how many lines are shown before it, and which of its
lines are shown is found again when somebody looks there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from tui.log.file import LogFile
from tui.log.search import WINDOW
from tui.log.shown import Matcher

NOTHING = -1
"""The line before the first."""


class _Edge(NamedTuple):
    """What the lines before a place have to do with those behind it."""

    line: int = 0
    """The line there."""
    last: int = NOTHING
    """The last line that is shown before it."""
    until: int = NOTHING
    """Up to which line a match goes on to show what follows it."""


class Filter:
    """The lines of a file that are shown, as rows from 0 on, in order.

    `context`: so many lines around each match are shown, too. `inverted`: what does not match is shown instead.
    `advance` may run in another thread than everything else.
    """

    def __init__(
        self, file: LogFile, matcher: Matcher, *, context: int = 0, inverted: bool = False, window: int = WINDOW
    ) -> None:
        self.file = file
        self.end = 0
        """Position up to which whole lines have been looked at."""
        self.complete = False
        self._matcher = matcher
        self._context = context
        self._inverted = inverted
        self._window = window
        # Of each window: where it begins, the rows before it, and its first edge.
        self._starts = array("Q", [0])
        self._totals = array("Q", [0])
        self._lines = array("q", [0])
        self._lasts = array("q", [NOTHING])
        self._untils = array("q", [NOTHING])
        self._edge = _Edge()
        self._found = 0
        self._tail: list[int] = []
        self._recent: tuple[int, int, list[int]] = (-1, 0, [])

    @property
    def settled(self) -> int:
        """Rows that will not change."""
        return self._found

    @property
    def row_count(self) -> int:
        """Rows so far; a last line without an ending counts."""
        return self._found + len(self._tail)

    def advance(self) -> bool:
        """Looks at one more window; False when the end of the file is reached."""
        data = self.file.read(self.end, self._window)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) == self._window:
            whole = len(data)
        if whole:
            self._commit(data[:whole])
        else:
            self._tail = self._rows(data, self._edge)[0] if data else []
            self.complete = True
        return not self.complete

    def resume(self) -> bool:
        """Whether there is more to look at since it was complete; it is not complete then."""
        if self.complete and self.file.size() > self.end:
            self.complete = False
        return not self.complete

    def _commit(self, data: bytes) -> None:
        # Small additions to a growing log join the last window, so that windows stay few.
        if self.end > self._starts[-1] and self.end + len(data) - self._starts[-1] > self._window:
            self._totals.append(self._found)
            self._lines.append(self._edge.line)
            self._lasts.append(self._edge.last)
            self._untils.append(self._edge.until)
            self._starts.append(self.end)
        rows, edge = self._rows(data, self._edge)
        self._tail = []
        self._edge = edge
        self.end += len(data)
        self._found += len(rows)

    def _rows(self, data: bytes, edge: _Edge) -> tuple[list[int], _Edge]:
        """The lines shown because of these bytes (some may lie before them), and what follows from them."""
        line, last, until = edge
        end = line + data.count(b"\n")
        beyond = end + (data[-1:] not in (b"", b"\n"))  # a piece of a line is a line
        context = self._context
        rows: list[int] = []
        for match in self._matching(data, line, beyond):
            rows += range(last + 1, min(until, match - 1) + 1)
            last = max(last, min(until, match - 1))
            rows += range(max(last + 1, match - context), match + 1)
            last, until = max(last, match), match + context
        rows += range(last + 1, min(until, beyond - 1) + 1)
        return rows, _Edge(end, max(last, min(until, beyond - 1)), until)

    def _matching(self, data: bytes, line: int, beyond: int) -> Sequence[int]:
        found, at = [], 0
        number = line
        for position in self._matcher(data):
            number += data.count(b"\n", at, position)
            at = position
            found.append(number)
        if not self._inverted:
            return found
        matching = set(found)
        return [number for number in range(line, beyond) if number not in matching]

    def line(self, row: int) -> int:
        """The line of a row; of one beyond the last, the line at the end."""
        if row >= self._found:
            tail = self._tail
            place = row - self._found
            return tail[place] if place < len(tail) else self._edge.line
        window = min(bisect_right(self._totals, row), len(self._starts)) - 1
        rows = self._rows_of(window)
        place = row - self._totals[window]
        return rows[place] if place < len(rows) else self._edge.line  # fewer only if the file was cut meanwhile

    def row_at(self, line: int) -> int:
        """How many rows lie before `line`."""
        window = min(max(0, bisect_left(self._lasts, line) - 1), len(self._starts) - 1)
        before = self._totals[window] + bisect_left(self._rows_of(window), line)
        return before + bisect_left(self._tail, line) if before >= self._found else before

    def _rows_of(self, window: int) -> list[int]:
        start = self._starts[window]
        end = self._starts[window + 1] if window + 1 < len(self._starts) else self.end
        if self._recent[:2] != (start, end):
            edge = _Edge(self._lines[window], self._lasts[window], self._untils[window])
            self._recent = (start, end, self._rows(self.file.read(start, end - start), edge)[0])
        return self._recent[2]
