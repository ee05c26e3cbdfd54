"""What a check finds, before it is known at which line: a path and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from engine.model.diagnostics import Severity

Path = tuple[str | int, ...]

OF_KEY = "\0key"
"""As the last step of a path: not the value is meant, but its key. The shorthand has names for keys."""


class Place(NamedTuple):
    """Where something stands in a text. Line and column count from 1, `length` is in characters of that line."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding at a path of the data. `key` asks for the key's place instead of the value's."""

    code: str
    path: Path
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    exception: str = ""
    key: bool = False


class Unreadable(Exception):
    """A text that cannot be turned into data at all. `place` is None where no line can be named."""

    def __init__(self, code: str, message: str, hint: str = "", place: Place | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place


_LONGEST_WORD = 100
"""Comparing longer ones takes its time, and nobody misspells a known word that far."""


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty string."""
    from difflib import get_close_matches

    if len(word) > _LONGEST_WORD:
        return ""
    known = sorted(words)
    for each in known:
        if each.lower() == word.lower():
            return each
    lowered = {each.lower(): each for each in known}
    matches = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[matches[0]] if matches else ""


def did_you_mean(word: str, words: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, or `otherwise`."""
    match = nearest(word, words)
    return f"did you mean {match!r}?" if match else otherwise
