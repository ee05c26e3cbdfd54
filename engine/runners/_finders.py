"""Finding any of many byte strings in a stream: the longest at each place, from left to right."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

Span = tuple[int, int]
_GRAM = 4


class Finder(Protocol):
    """Knows the strings."""

    def matches(self, buffer: bytes) -> Iterator[Span]:
        """Where they are, without overlaps."""

    def pending(self, buffer: bytes, start: int) -> int:
        """Where the longest tail begins, from `start` on, that more bytes could turn into one; the end if none."""


class Few:
    """A search for each string: for the usual handful. `wanted` has the longest first."""

    def __init__(self, wanted: Sequence[bytes]) -> None:
        self._wanted = wanted

    def matches(self, buffer: bytes) -> Iterator[Span]:
        """See `Finder`."""
        # One alternation of all spellings would slow a build down; nearly all of them are nowhere in sight.
        present = tuple(one for one in self._wanted if one in buffer)
        return (match.span() for match in _pattern(present).finditer(buffer)) if present else iter(())

    def pending(self, buffer: bytes, start: int) -> int:
        """See `Finder`."""
        first = len(buffer)
        for one in self._wanted:
            at = buffer.find(one[:1], max(start, len(buffer) - len(one) + 1), first)
            while at != -1:
                if one.startswith(buffer[at:]):
                    first = at
                    break
                at = buffer.find(one[:1], at + 1, first)
        return first


class Many:
    """One walk over the text, whatever the number of strings: for a value of thousands of lines."""

    def __init__(self, wanted: Sequence[bytes]) -> None:
        self._by_gram: dict[bytes, list[bytes]] = {}
        self._short: list[bytes] = []
        for one in wanted:
            if len(one) >= _GRAM:
                self._by_gram.setdefault(one[:_GRAM], []).append(one)
            else:
                self._short.append(one)
        self._beginnings = {one[:length] for one in wanted for length in range(1, min(_GRAM, len(one)))}
        self._longest = len(wanted[0])

    def matches(self, buffer: bytes) -> Iterator[Span]:
        """See `Finder`."""
        over = 0
        for at in self._candidates(buffer, 0):
            if at < over:
                continue
            for one in (*self._by_gram.get(buffer[at : at + _GRAM], ()), *self._short):
                if buffer.startswith(one, at):
                    over = at + len(one)
                    yield at, over
                    break

    def pending(self, buffer: bytes, start: int) -> int:
        """See `Finder`."""
        end = len(buffer)
        for at in self._candidates(buffer, max(start, end - self._longest + 1)):
            left = end - at
            for one in self._by_gram.get(buffer[at : at + _GRAM], ()):
                if len(one) <= left:
                    break  # so are the others: the longest come first
                if one.startswith(buffer[at:]):
                    return at
        for at in range(max(start, end - _GRAM + 1), end):
            if buffer[at:] in self._beginnings:
                return at
        return end

    def _candidates(self, buffer: bytes, start: int) -> list[int]:
        """Where one may begin, in order."""
        grams = self._by_gram
        found = [at for at in range(start, len(buffer) - _GRAM + 1) if buffer[at : at + _GRAM] in grams]
        if not self._short:
            return found
        overlapping = (re.compile(b"(?=" + re.escape(one) + b")") for one in self._short)
        return sorted({*found, *(match.start() for one in overlapping for match in one.finditer(buffer, start))})


@functools.lru_cache(64)
def _pattern(present: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(one) for one in present))
