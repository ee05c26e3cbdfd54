"""A log's bytes as the screen shows them, line for line: what people search for is what they see.

Colours in the middle of a word and the earlier states of a progress bar would hide matches, or show some where
nothing is to be seen. Most logs have neither: they cost two looks for a single byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import AnyStr

Matcher = Callable[[bytes], list[int]]
"""Gives the position of the first match of each matching line in whole lines of a log."""

_sequence = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_overwritten = re.compile(rb"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)
_newlines = re.compile(rb"\n").finditer


def shown(data: bytes) -> bytes:
    """Whole lines less what is not to be seen of them; `data` itself where all of it is."""
    if b"\r" in data:
        data = _overwritten.sub(b"", data).replace(b"\r", b"")
    if b"\x1b" in data:
        data = _sequence.sub(b"", data)
    return data


def as_shown(matcher: Matcher) -> Matcher:
    """The same matcher on what the screen shows. In lines that differ, a match is where the line begins."""

    def matched(data: bytes) -> list[int]:
        text = shown(data)
        return matcher(text) if text is data else line_starts(data, lines_of(text, matcher(text)))

    return matched


def lines_of(text: AnyStr, positions: Iterable[int]) -> list[int]:
    """The line of each position; both in order."""
    newline = "\n" if isinstance(text, str) else b"\n"
    found, line, at = [], 0, 0
    for position in positions:
        line += text.count(newline, at, position)
        at = position
        found.append(line)
    return found


def line_starts(data: bytes, lines: list[int]) -> list[int]:
    """Where the lines with these numbers begin."""
    if not lines:
        return []
    starts = [0, *(match.end() for match in _newlines(data))]
    return [starts[line] for line in lines]


def among(matcher: Matcher, others: Matcher, *, inverted: bool = False) -> Matcher:
    """What `matcher` finds in the lines that `others` finds something in, too; `inverted`: nothing in."""

    def found(data: bytes) -> list[int]:
        hits = matcher(data)
        if not hits:
            return hits
        lines = {data.rfind(b"\n", 0, hit) for hit in others(data)}
        return [hit for hit in hits if (data.rfind(b"\n", 0, hit) in lines) is not inverted]

    return found
