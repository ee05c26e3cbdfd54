"""The patterns of `on-failure: RETRY-…`: regular expressions as Go reads them, said so that Python finds the same.

AWS does not say which dialect it takes; its agent is written in Go, and so is YAML's wording in its logs. Go's has
neither lookarounds nor references to groups, which is also what makes it safe from patterns that take for ever.
https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import re
import warnings
from typing import NoReturn

_ESCAPED = re.compile(
    r"\\(?:Q(?P<literal>.*?)(?:\\E|\Z)|(?P<class>[pP])(?P<name>\{\^?\w+\}|\w)|(?P<other>.))", re.DOTALL
)
_UNKNOWN = re.compile(r"\(\?(?!P<\w+>|<\w+>|[imsU]+(?:-[imsU]+)?[:)]|-[imsU]+[:)]|:)")
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MOST = 1000
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PLAIN = frozenset("abfnrtvxdDsSwWAbBzCQE01234567")


class NotGo(ValueError):
    """Go refuses the pattern; the text is what it says."""


def in_python(pattern: str) -> str | None:
    """The pattern as Python writes it; None where it has no such thing. Raises `NotGo`."""
    if unknown := _UNKNOWN.search(_ESCAPED.sub("..", pattern)):
        raise NotGo(
            f"error parsing regexp: invalid or unsupported Perl syntax: `{unknown[0]}{_next(pattern, unknown)}`"
        )
    for count in _REPEAT.finditer(pattern):
        if max(int(number) for number in count.groups() if number) > _MOST:
            raise NotGo(f"error parsing regexp: invalid repeat count: `{count[0]}`")
    if re.search(r"[*+?}]\+", _bare(pattern)):
        raise NotGo("error parsing regexp: invalid nested repetition operator")
    try:
        text = _ESCAPED.sub(_translated, pattern)
        text = re.sub(r"\[:(\^?)(\w+):\]", lambda match: "" if match[1] else _POSIX[match[2]], text)
        text = text.replace("(?<", "(?P<")
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of `[[`, which means itself
            re.compile(text, re.ASCII)
    except NotGo:
        raise
    except (re.error, KeyError, LookupError, OverflowError, RecursionError):
        if not _looks_whole(pattern):
            _refuse(pattern)
        return None
    return text


def _translated(match: re.Match[str]) -> str:
    if match["literal"] is not None:
        return re.escape(match["literal"])
    if match["class"]:
        raise LookupError(match[0])  # Unicode's classes
    letter = match["other"]
    if letter in "123456789" or (letter.isalpha() and letter not in _PLAIN):
        raise NotGo(f"error parsing regexp: invalid escape sequence: `\\{letter}`")
    return r"\Z" if letter == "z" else match[0]


def _next(pattern: str, unknown: re.Match[str]) -> str:
    return pattern[unknown.end() : unknown.end() + 1]


def _bare(pattern: str) -> str:
    """The pattern with a letter for each escape and for each class."""
    return re.sub(r"\[\^?\]?[^\]]*\]", "c", _ESCAPED.sub("e", pattern))


def _looks_whole(pattern: str) -> bool:
    """Whether brackets are closed: what fails then is Python's lack, not the pattern's."""
    bare = _bare(pattern)
    return bare.count("(") == bare.count(")") and "[" not in bare and not re.search(r"(?:^|[(|])[*+?]|[*+?]{3}", bare)


def _refuse(pattern: str) -> NoReturn:
    raise NotGo(f"error parsing regexp: `{pattern}`")
