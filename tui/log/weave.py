"""Whose the lines of a merged log are: each begins with the letter of the log it comes from."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

LEAD = re.compile(rb"\x1b\[3\dm(?P<log>[A-Z]\d{0,2})\xe2\x94\x82\x1b\[0m ")
"""What `Merge` writes in front of each line."""


class Weave:
    """Runs of lines that come from one log. One thread adds to it, others may look."""

    def __init__(self) -> None:
        self.lines = 0
        """Lines known."""
        self._names: list[str] = []
        self._firsts = array("Q")  # the line that each run begins with
        self._owners = array("B")

    def add(self, name: str, lines: int) -> None:
        """The next lines are this log's."""
        if name not in self._names:
            self._names.append(name)
        owner = self._names.index(name)
        if not self._owners or self._owners[-1] != owner:
            self._owners.append(owner)
            self._firsts.append(self.lines)
        self.lines += lines

    def owner(self, line: int) -> str:
        """The letter of a line's log; empty where that is not known yet."""
        if line >= self.lines:
            return ""
        return self._names[self._owners[bisect_right(self._firsts, line) - 1]]

    def of(self, name: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """From `start` up to, not with, `end`: where this log's lines are."""
        end = min(end, self.lines)
        if name not in self._names or start >= end:
            return
        owner = self._names.index(name)
        for run in range(bisect_right(self._firsts, start) - 1, bisect_left(self._firsts, end)):
            if self._owners[run] == owner:
                beyond = self._firsts[run + 1] if run + 1 < len(self._firsts) else self.lines
                yield max(start, self._firsts[run]), min(end, beyond)


def runs(data: bytes, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """Whole lines of a merged log, cut where another log's begin: the letter, and from where to where."""
    while at < len(data):
        lead = LEAD.match(data, at)
        name, mark = (lead["log"].decode(), lead[0]) if lead else ("", b"")
        # As long as lines begin with the same letter; one without any is on its own.
        other = re.compile(rb"\n(?!" + re.escape(mark) + rb")").search(data, at) if mark else None
        end = other.end() if other else data.find(b"\n", at) + 1 if not mark else len(data)
        end = end or len(data)
        yield name, at, end
        at = end
