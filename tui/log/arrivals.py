"""When the lines of a log came, as noted beside it while it was written."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from pathlib import Path

from tui.log.file import LogFile

_ENTRY = struct.Struct("<Qd")


class Arrivals:
    """The record of one log: how long it was at which moments. There may be none; `read` takes in what is new."""

    def __init__(self, log: Path) -> None:
        self._path = log.with_name(f"{log.name}.times")
        self._end = 0
        self._positions = array("Q")
        self._moments = array("d")

    def read(self) -> bool:
        """Reads on; whether anything is known."""
        file = LogFile.open(self._path)
        if file is not None:
            try:
                length = (file.size() - self._end) // _ENTRY.size * _ENTRY.size
                data = file.read(self._end, length)
            finally:
                file.close()
            whole = len(data) // _ENTRY.size * _ENTRY.size
            self._end += whole
            for position, moment in _ENTRY.iter_unpack(data[:whole]):
                # A log that was begun anew: what is known holds for what it was.
                if not self._positions or position > self._positions[-1]:
                    self._positions.append(position)
                    self._moments.append(moment)
        return bool(self._positions)

    def between(self, start: int, end: int) -> list[tuple[int, float]]:
        """The entries between two positions: from which byte on, and the moment from which on that was written."""
        self.read()
        first, last = bisect_left(self._positions, start), bisect_left(self._positions, end)
        return list(zip(self._positions[first:last], self._moments[first:last], strict=True))

    def ends(self) -> tuple[float, ...]:
        """The first moment and the last, where any is known."""
        return (self._moments[0], self._moments[-1]) if self._moments else ()

    def at(self, offset: int) -> float | None:
        """When the byte at a position came, to a quarter of a second; None where that is not known."""
        if not self._positions or offset < self._positions[0]:
            return None
        return self._moments[bisect_right(self._positions, offset) - 1]
