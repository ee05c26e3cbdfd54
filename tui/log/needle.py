"""What to look for: a text or an expression, in bytes of a log and in lines as shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from tui.log.shown import as_shown, line_starts, lines_of

if TYPE_CHECKING:
    import regex

PATIENCE = 0.2
"""Seconds for a window of a log; an expression that needs more is given up, it might never end."""
GLANCE = 0.02
"""Seconds for a line that is about to be painted."""


class Needle(Protocol):
    """What is looked for. Matches bytes of a log, see `Matcher`."""

    text: str
    """As typed."""

    def __call__(self, data: bytes) -> list[int]:
        """The position of the first match of each matching line."""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is in a shown line."""

    @property
    def problem(self) -> str:
        """Why the search was given up; empty while all is well."""


def needle(text: str, *, expression: bool = False) -> Needle:
    """What to look for; without capitals in it, capitals do not matter. Raises `ValueError` for a bad expression."""
    return Expression(text) if expression else Words(text)


class Words:
    """A text as it stands; without capitals in it, ASCII capitals do not matter."""

    problem = ""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ignore_case = text == text.lower()
        self._bytes = text.encode("utf-8", "replace")
        flags = re.IGNORECASE | re.ASCII if self.ignore_case else re.NOFLAG
        self._shown = re.compile(re.escape(text), flags)
        self._find = as_shown(self._found)

    def __call__(self, data: bytes) -> list[int]:
        """A `Matcher`."""
        return self._find(data)

    def _found(self, data: bytes) -> list[int]:
        """Lowering and finding is four times as fast as an expression that ignores case."""
        if self.ignore_case:
            data = data.lower()
        found, at = [], data.find(self._bytes)
        while at >= 0:
            found.append(at)
            end = data.find(b"\n", at)
            at = data.find(self._bytes, end) if end >= 0 else -1
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is in a shown line."""
        return [match.span() for match in self._shown.finditer(text)]


# What may hold in a line alone and not in the same line among others: looks around, ends of the text, no going back.
_alone = re.compile(r"\(\?(?!:|P<|<[A-Za-z_])|\\[AZzGK]|[*+?}]\+")
_escaped = re.compile(r"\\(?:[xuUN]\S|[pP]\{[^}]*\}|.)", re.DOTALL)


class Expression:
    """A regular expression, line by line.

    `regex` instead of `re`: it lets go of the interpreter while it looks, so that the screen stays alive, and it
    can be told to give up, which an expression such as ``(a+)+b`` needs.
    """

    def __init__(self, text: str) -> None:
        import regex

        self.text = text
        self.problem = ""
        ignore_case = (plain := _escaped.sub("", text)) == plain.lower()
        flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
        try:
            self._regex: regex.Pattern[str] = regex.compile(text, flags)
        except regex.error as error:
            raise ValueError(str(error)) from error
        self._line_by_line = bool(_alone.search(text))
        self._find = as_shown(self._found)

    def __call__(self, data: bytes) -> list[int]:
        """A `Matcher`."""
        return [] if self.problem else self._find(data)

    def _found(self, data: bytes) -> list[int]:
        text = data.decode("utf-8", "replace")
        try:
            hits = self._each_line(text) if self._line_by_line else self._first_of_lines(text)
        except TimeoutError:
            self.problem = "takes too long"
            return []
        if data.isascii():
            return hits
        return line_starts(data, lines_of(text, hits))

    def _first_of_lines(self, text: str) -> list[int]:
        """Finds candidates in all of the text, and asks again in their lines: a match may not leave its line."""
        search, found, at = self._regex.search, [], 0
        while at <= len(text) and (match := search(text, at, timeout=PATIENCE, concurrent=True)) is not None:
            start = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.start())
            end = len(text) if end < 0 else end
            line = text[start:end]
            if start < len(text) and (hit := search(line, timeout=PATIENCE, concurrent=True)):
                found.append(start + hit.start())
            at = end + 1
        return found

    def _each_line(self, text: str) -> list[int]:
        search, found, at = self._regex.search, [], 0
        lines = text.split("\n")
        for line in lines if lines[-1] else lines[:-1]:
            if hit := search(line, timeout=PATIENCE, concurrent=True):
                found.append(at + hit.start())
            at += len(line) + 1
        return found

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is in a shown line; nowhere where that takes too long."""
        try:
            found = [match.span() for match in self._regex.finditer(text, timeout=GLANCE)]
        except TimeoutError:
            return []
        return [(start, end) for start, end in found if end > start]
