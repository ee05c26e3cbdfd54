"""Where the lines of a growing file begin, at a cost of 8 bytes per 64 KiB.

Only newlines per block are counted (`bytes.count` runs at memory speed); the positions inside a block are found
when a line of it is asked for, and the most recent blocks are remembered.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from typing import NamedTuple

from tui.log.file import LogFile

BLOCK = 64 * 1024
REMEMBERED_BLOCKS = 64
PROBE = 32
LINE_LIMIT = 4096
TAIL = 16 * 1024
"""Bytes at the end that are kept with their line starts: a page, as a rule, of a log that is being followed."""
_newlines = re.compile(rb"\n").finditer


class RawLine(NamedTuple):
    """The bytes of one line without its ending. `hidden` counts the bytes beyond the limit that were not read."""

    data: bytes
    hidden: int = 0


class _Seen(NamedTuple):
    """What has been indexed. One tuple, so that a reader never sees half an update of the indexing thread."""

    end: int
    newlines: int = 0
    open_line: bool = False
    probe: bytes = b""


class _Tail(NamedTuple):
    """The last bytes that are indexed: where they begin, what they are, and the positions past their newlines."""

    end: int
    start: int = 0
    data: bytes = b""
    first: int = 0
    offsets: tuple[int, ...] = ()


class LineIndex:
    """Line numbers (from 0) of a file from byte `start` on.

    `extend` may run in another thread than everything else, but never in two threads at a time.
    """

    def __init__(self, file: LogFile, start: int = 0, *, block: int = BLOCK, tail: int = TAIL) -> None:
        self.file = file
        self.start = start
        self._block = block
        self._seen = _Seen(start)
        # [b] = newlines before block b; the last entry belongs to the block being filled.
        self._before = array("Q", [0])
        self._blocks: OrderedDict[int, tuple[int, list[int]]] = OrderedDict()
        self._tail_size = tail
        self._tail = _Tail(-1)

    @property
    def end(self) -> int:
        """Position of the first byte that is not indexed."""
        return self._seen.end

    @property
    def newlines(self) -> int:
        """Lines that have an ending."""
        return self._seen.newlines

    @property
    def line_count(self) -> int:
        """Lines so far; one without an ending at the end counts."""
        return self._seen.newlines + self._seen.open_line

    def extend(self, budget: int = 1 << 20) -> int:
        """Indexes up to `budget` further bytes and returns how many there were; 0 means all is indexed."""
        first = self.end
        while budget > 0 and (fresh := self._extend_block(budget)):
            budget -= fresh
        return self.end - first

    def _extend_block(self, budget: int) -> int:
        seen = self._seen
        room = self._block - (seen.end - self.start) % self._block
        chunk = self.file.read(seen.end, min(room, budget))
        if not chunk:
            return 0
        newlines = seen.newlines + chunk.count(b"\n")
        if len(chunk) == room:
            self._before.append(newlines)
        probe = (seen.probe + chunk)[-PROBE:]
        self._seen = _Seen(seen.end + len(chunk), newlines, chunk[-1] != 10, probe)
        return len(chunk)

    def intact(self) -> bool:
        """False when the file has been cut or rewritten in place, so that nothing known of it holds."""
        seen = self._seen
        size = self.file.size()
        if size <= seen.end:
            return size == seen.end
        return self.file.read(seen.end - len(seen.probe), len(seen.probe)) == seen.probe

    def start_of(self, line: int) -> int:
        """Position of the first byte of `line`; the indexed end for lines beyond the last."""
        seen = self._seen
        if line <= 0:
            return self.start
        if line > seen.newlines:
            return seen.end
        tail = self._end_of_file(seen)
        if line > tail.first:
            place = line - 1 - tail.first
            return tail.offsets[place] if place < len(tail.offsets) else seen.end  # shorter only if cut meanwhile
        block = bisect_right(self._before, line - 1) - 1
        offsets = self._offsets(block)
        place = line - 1 - self._before[block]
        return offsets[place] if place < len(offsets) else seen.end  # shorter only if cut meanwhile

    def line_at(self, offset: int) -> int:
        """The line that holds the byte at `offset`."""
        block = min(max(0, offset - self.start) // self._block, len(self._before) - 1)
        return self._before[block] + bisect_right(self._offsets(block), offset)

    def read(self, line: int, limit: int = LINE_LIMIT) -> RawLine:
        """The bytes of a line, at most `limit` of them, so that a line of any length costs the same.

        A line rewritten by carriage returns (a progress bar) is as long as all its states: then the bytes are
        its last state, which is what a terminal would show.
        """
        start, end = self._bounds(line)
        tail = self._tail
        if tail.start <= start and end <= tail.end == tail.start + len(tail.data):
            data = tail.data[start - tail.start : min(end, start + limit) - tail.start]
        else:
            data = self.file.read(start, min(end - start, limit))
        if end - start <= limit:
            return RawLine(data.rstrip(b"\r\n"))
        if b"\r" in data:
            last = self.file.read(end - limit, limit).rstrip(b"\r\n")
            if (at := last.rfind(b"\r")) >= 0:
                return RawLine(last[at:])
        return RawLine(data, end - start - limit)

    def _bounds(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends; as a rule both are found in one place."""
        seen = self._seen
        if 0 < line < seen.newlines:
            tail = self._end_of_file(seen)
            if line > tail.first:
                place, offsets = line - 1 - tail.first, tail.offsets
                if place + 1 < len(offsets):
                    return offsets[place], offsets[place + 1]
            else:
                block = bisect_right(self._before, line - 1) - 1
                inside, place = self._offsets(block), line - 1 - self._before[block]
                if place + 1 < len(inside):
                    return inside[place], inside[place + 1]
        return self.start_of(line), self.start_of(line + 1)

    def _end_of_file(self, seen: _Seen) -> _Tail:
        """In a flood a page is a sliver of what came since the last look: only that is taken apart."""
        if self._tail.end != seen.end:
            start = max(self.start, seen.end - self._tail_size)
            data = self.file.read(start, seen.end - start)
            offsets = tuple(start + match.end() for match in _newlines(data))
            self._tail = _Tail(seen.end, start, data, seen.newlines - len(offsets), offsets)
        return self._tail

    def _offsets(self, block: int) -> list[int]:
        """Positions just past each newline of a block."""
        base = self.start + block * self._block
        end = min(base + self._block, self.end)
        known = self._blocks.get(block)
        if known is not None and known[0] == end:
            self._blocks.move_to_end(block)
            return known[1]
        data = self.file.read(base, end - base)
        offsets = [base + match.end() for match in _newlines(data)]
        self._blocks[block] = (end, offsets)
        self._blocks.move_to_end(block)
        if len(self._blocks) > REMEMBERED_BLOCKS:
            self._blocks.popitem(last=False)
        return offsets
