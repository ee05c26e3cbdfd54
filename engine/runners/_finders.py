"""Finding any of many byte strings in a stream: the longest at each place, from left to right."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

Span = tuple[int, int]
_GRAM = 4
_STRIDE = 8
_SURE = _STRIDE + _GRAM - 1
_HANDFUL = 100


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
    """One walk over the text, whatever the number of strings: for a value of thousands of lines.

    Only every eighth place is looked at: a string of eleven bytes or more covers one of them with four bytes of its
    own, whose offset in it is known.
    """

    def __init__(self, wanted: Sequence[bytes]) -> None:
        self._by_gram: dict[bytes, list[tuple[int, bytes]]] = {}
        self._tiny = tuple(one for one in wanted if len(one) < _GRAM)
        self._short = tuple(one for one in wanted if _GRAM <= len(one) < _SURE)
        self._short_grams = _by_gram(self._short)
        for one in wanted:
            for offset in range(_STRIDE if len(one) >= _SURE else 0):
                self._by_gram.setdefault(one[offset : offset + _GRAM], []).append((offset, one))
        self._beginnings = {one[:length] for one in wanted for length in range(1, min(_SURE, len(one)))}
        self._longest = len(wanted[0])

    def matches(self, buffer: bytes) -> Iterator[Span]:
        """See `Finder`."""
        found = [(start, -len(one)) for start, one in self._candidates(buffer, 0) if buffer.startswith(one, start)]
        found += self._short_ones(buffer)
        over = 0
        for start, length in sorted(found):
            if start >= over:
                over = start - length
                yield start, over

    def _short_ones(self, buffer: bytes) -> Iterator[tuple[int, int]]:
        """At each place the longest of them, whatever else begins or ends within it."""
        tiny = tuple(one for one in self._tiny if one in buffer)
        for match in _overlapping(tiny).finditer(buffer) if tiny else ():
            yield match.start(), match.start(1) - match.end(1)
        # A handful is searched for, one by one; of more than that each place is looked at.
        many = len(self._short) > _HANDFUL
        grams = self._short_grams if many else _by_gram(one for one in self._short if one in buffer)
        places = range(len(buffer) - _GRAM + 1) if grams else ()
        for at in [at for at in places if buffer[at : at + _GRAM] in grams]:
            longest = next((one for one in grams[buffer[at : at + _GRAM]] if buffer.startswith(one, at)), None)
            if longest is not None:
                yield at, -len(longest)

    def pending(self, buffer: bytes, start: int) -> int:
        """See `Finder`."""
        end = len(buffer)
        first = end
        for at, one in self._candidates(buffer, max(start, end - self._longest + 1)):
            if at < first and len(one) > end - at and one.startswith(buffer[at:]):
                first = at
        for at in range(max(start, end - _SURE + 1), first):
            if buffer[at:] in self._beginnings:
                return at
        return first

    def _candidates(self, buffer: bytes, start: int) -> Iterator[tuple[int, bytes]]:
        """(place, string) for each string that may begin at a place from `start` on, in no order."""
        grams = self._by_gram
        places = range(start - start % _STRIDE, len(buffer) - _GRAM + 1, _STRIDE)
        for place in [place for place in places if buffer[place : place + _GRAM] in grams]:
            for offset, one in grams[buffer[place : place + _GRAM]]:
                if place - offset >= start:
                    yield place - offset, one


def _by_gram(wanted: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for one in wanted:
        found.setdefault(one[:_GRAM], []).append(one)
    return found


@functools.lru_cache(64)
def _pattern(present: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(one) for one in present))


@functools.lru_cache(64)
def _overlapping(present: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"(?=(" + b"|".join(re.escape(one) for one in present) + b"))")
