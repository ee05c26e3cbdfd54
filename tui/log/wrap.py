"""Breaking lines into rows: anywhere, since a log is no prose and copying must give back what was there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.cells import cell_len


class Row(NamedTuple):
    """A row on screen: from character `start` of `line`, which are its cells `left` to `right`."""

    line: int
    start: int
    left: int
    right: int


def rows(line: int, text: str, width: int) -> list[Row]:
    """The rows of one line; an empty line has one."""
    width = max(1, width)
    if text.isascii():
        length = len(text)
        return [Row(line, at, at, min(at + width, length)) for at in range(0, max(1, length), width)]
    found, start, left, cell = [], 0, 0, 0
    for at, character in enumerate(text):
        size = cell_len(character)
        if cell + size - left > width and at > start:
            found.append(Row(line, start, left, cell))
            start, left = at, cell
        cell += size
    return [*found, Row(line, start, left, cell)]


def last_top(text_of: Callable[[int], str], count: int, width: int, height: int) -> int:
    """The first line of the last page: as many lines at the end as fit, at least one."""
    room = height
    for line in range(count - 1, -1, -1):
        room -= len(rows(line, text_of(line), width))
        if room < 0:
            return min(line + 1, count - 1)
    return 0


def page(text_of: Callable[[int], str], top: int, count: int, width: int, height: int) -> list[Row]:
    """The rows of a page that begins with line `top`; at the end of the log it shows the last rows instead.

    So the end of the log is always reached, even where its last line is taller than the page.
    """
    if top >= last_top(text_of, count, width, height):
        return _end(text_of, count, width, height)
    found: list[Row] = []
    line = top
    while line < count and len(found) < height:
        found += rows(line, text_of(line), width)
        line += 1
    return found[:height]


def _end(text_of: Callable[[int], str], count: int, width: int, height: int) -> list[Row]:
    found: list[Row] = []
    for line in range(count - 1, -1, -1):
        found[:0] = rows(line, text_of(line), width)
        if len(found) >= height:
            break
    return found[-height:] if height else []
