"""Numbers with gaps: what is left of a sequence where some of it is hidden."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

ENDLESS = 1 << 62
"""The end of what goes on to the end of a log, however long that gets."""


def merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same numbers as intervals in order that neither touch nor overlap; empty ones are left out."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


class Gaps:
    """Numbers from 0 on less those in `hidden` (each from its start up to, not with, its end)."""

    def __init__(self, hidden: Iterable[tuple[int, int]] = ()) -> None:
        self._hidden = merged(hidden)
        self._starts = [start for start, _ in self._hidden]
        # How many are hidden up to each gap's end, and where each gap lies among what is left.
        self._sums: list[int] = []
        self._places: list[int] = []
        total = 0
        for start, end in self._hidden:
            self._places.append(start - total)
            total += end - start
            self._sums.append(total)

    def __bool__(self) -> bool:
        return bool(self._hidden)

    def count(self, total: int) -> int:
        """How many of the numbers below `total` are left."""
        return self.place(total)

    def place(self, number: int) -> int:
        """How many are left before `number`."""
        at = bisect_right(self._starts, number) - 1
        if at < 0:
            return number
        end = self._hidden[at][1]
        return number - self._sums[at] if number >= end else self._places[at]

    def number(self, place: int) -> int:
        """The number at a place among those left."""
        at = bisect_right(self._places, place) - 1
        return place if at < 0 else place + self._sums[at]

    def hides(self, number: int) -> bool:
        """Whether a number is hidden."""
        at = bisect_right(self._starts, number) - 1
        return at >= 0 and number < self._hidden[at][1]
