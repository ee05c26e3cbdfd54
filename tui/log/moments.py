"""Between the lines of a log and the time at which they were written, both ways, without reading all of it.

A line has the time it carries, else the moment at which it arrived, else that of the line before it.
"""

from __future__ import annotations

import math

from tui.log.arrivals import Arrivals
from tui.log.file import LogFile
from tui.log.stamps import stamps

NEAR = 16 << 10
"""Bytes before a line, or after a place, that are looked at for a time."""
STAMP = 64
"""Bytes that a time at the start of a line has at most."""


class Moments:
    """The times of one log. Positions are bytes of the file, moments seconds since the epoch."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self._arrivals = Arrivals(file.path)

    def at(self, start: int) -> float | None:
        """When the line that begins there was written; None where nothing tells."""
        self._arrivals.read()
        first = max(0, start - NEAR)
        data = self.file.read(first, start - first + NEAR)
        cut = data.find(b"\n", start - first)
        told = [moment for _, moment in stamps(data[: cut if cut >= 0 else len(data)])]
        arrived = self._arrivals.at(start)
        return max(found) if (found := [*told[-1:], *([arrived] if arrived is not None else [])]) else None

    def find(self, moment: float) -> int | None:
        """Where the last line begins that had been written by then; 0 where none had, None where nothing tells."""
        if self.span() is None:
            return None
        low, high = 0, self.file.size()  # what was written by then ends in between
        while high - low > NEAR:
            middle = (low + high) // 2
            start = self._line_after(middle)
            told = None if start >= high else self.at(start)
            if told is not None and told <= moment:
                low = start
            else:
                high = middle
        return self._last(low, high, moment)

    def away(self, start: int, seconds: float) -> int | None:
        """Where the line begins that was written so much later than the one there, or so much earlier (below 0)."""
        here = self.at(start)
        if here is None:
            return None
        if seconds < 0:
            return self.find(here + seconds)
        last = self.find(math.nextafter(here + seconds, 0))
        return None if last is None else self._line_after(last + 1)

    def span(self) -> tuple[float, float] | None:
        """The first moment and the last; None where nothing tells."""
        self._arrivals.read()
        size = self.file.size()
        head = [*(moment for _, moment in stamps(self.file.read(0, NEAR))), *self._arrivals.ends()]
        tail = max(0, size - NEAR)
        tail = self._line_after(tail) if tail else 0
        told = [*head, *(moment for _, moment in stamps(self.file.read(tail, NEAR)))]
        return (min(told), max(told)) if told else None

    def _line_after(self, position: int) -> int:
        """Where the first line begins that is not before a position; the end where there is none near."""
        data = self.file.read(position - 1, NEAR)
        cut = data.find(b"\n")
        return position + cut if cut >= 0 else self.file.size()

    def _last(self, low: int, high: int, moment: float) -> int:
        """Of the lines that begin between two places, the first of which was written by then, the last that was."""
        data = self.file.read(low, high - low + STAMP)
        told = dict(stamps(data))
        for position, arrived in self._arrivals.between(low, high):
            told.setdefault(data.rfind(b"\n", 0, position - low) + 1, arrived)
        beyond = min((start for start, when in told.items() if start and when > moment), default=high - low)
        return low + data.rfind(b"\n", 0, max(0, min(beyond, high - low) - 1)) + 1
