"""`.gitignore` rules as git has them, compiled to one decision for each directory and name.

Follows https://git-scm.com/docs/gitignore and git's own matching where that page is silent: patterns match bytes (so
``?`` is one byte of a name), ``**`` counts at the start of whatever follows a pattern's literal beginning, a pattern
that cannot be read matches nothing. Strings in here are *views*: names whose bytes were decoded as Latin-1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

_SPECIAL = re.compile(r"[*?\[\\]")
_MEMO = 65536


def view(name: str) -> str:
    """A name or path as its bytes, one character each."""
    return name if name.isascii() else os.fsencode(name).decode("latin-1")


class Rule(NamedTuple):
    """One pattern. `matches` takes a base name where `by_name`, else the path from the file's directory.

    `fixed` is the literal beginning of a path pattern; `literal` says that it is the whole pattern.
    """

    negative: bool
    directories_only: bool
    by_name: bool
    fixed: str
    literal: bool
    suffix: str
    matches: Callable[[str], object]


def parse(data: bytes, *, ignore_case: bool = False) -> tuple[Rule, ...]:
    """The rules of one ignore file, in its order."""
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n")
    found = (_rule(line, ignore_case) for line in lines)
    return tuple(rule for rule in found if rule is not None)


@lru_cache(maxsize=4096)
def _rule(line: str, ignore_case: bool) -> Rule | None:
    line = line.split("\0", 1)[0].removesuffix("\r")
    if not line or line.startswith("#"):
        return None
    text = _trim(line)
    if negative := text.startswith("!"):
        text = text[1:]
    if directories_only := text.endswith("/"):
        text = text[:-1]
    if not text:
        return None
    by_name = "/" not in text
    if not by_name:
        text = text.removeprefix("/")
        rest = text.removeprefix("**/")
        if rest != text and rest and "/" not in rest and "**" not in rest:
            text, by_name = rest, True  # at any depth: the same as the bare name
    special = _SPECIAL.search(text)
    fixed = text[: special.start()] if special else text
    suffix = text[1:] if by_name and text[:1] == "*" and len(text) > 1 and not _SPECIAL.search(text, 1) else ""
    matches = _matcher(text, fixed, by_name, ignore_case)
    if matches is None:
        return None
    if ignore_case:
        return Rule(negative, directories_only, by_name, "", False, "", matches)
    return Rule(negative, directories_only, by_name, fixed, special is None, suffix, matches)


def _trim(line: str) -> str:
    """Without trailing spaces, except one that a backslash protects."""
    end = at = 0
    while at < len(line):
        step = 2 if line[at] == "\\" else 1
        if line[at] == "\\" and at + 1 == len(line):
            return line
        at += step
        if line[at - 1] != " " or step == 2:
            end = at
    return line[:end]


def _matcher(text: str, fixed: str, by_name: bool, ignore_case: bool) -> Callable[[str], object] | None:
    if fixed == text and not ignore_case:
        return text.__eq__
    source = _translate(text[len(fixed) :], pathname=not by_name)
    if source is None:
        return None
    return re.compile(re.escape(fixed) + source, re.DOTALL | (re.IGNORECASE if ignore_case else 0)).fullmatch


def _translate(text: str, *, pathname: bool) -> str | None:
    """A glob as a regular expression; None where it can match nothing."""
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "*":
            piece, at = _stars(text, at, pathname)
        elif char == "?":
            piece, at = ("[^/]" if pathname else "."), at + 1
        elif char == "[":
            found = _bracket(text, at + 1, pathname)
            if found is None:
                return None
            piece, at = found
        elif char == "\\":
            if at + 1 == len(text):
                return None
            piece, at = re.escape(text[at + 1]), at + 2
        else:
            piece, at = re.escape(char), at + 1
        out.append(piece)
    return "".join(out)


def _stars(text: str, at: int, pathname: bool) -> tuple[str, int]:
    end = at
    while text[end : end + 1] == "*":
        end += 1
    if not pathname:
        return ".*", end
    rest = text[end:]
    whole_part = (at == 0 or text[at - 1] == "/") and (not rest or rest[0] == "/" or rest.startswith("\\/"))
    if end - at < 2 or not whole_part:
        return "[^/]*", end
    if rest.startswith("/"):
        return "(?:.*/)?", end + 1
    return ".*", end


_CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": lambda c: c in " \t",
    "cntrl": lambda c: ord(c) < 32 or ord(c) == 127,
    "digit": str.isdigit,
    "graph": lambda c: 32 < ord(c) < 127,
    "lower": str.islower,
    "print": lambda c: 32 <= ord(c) < 127,
    "punct": lambda c: 32 < ord(c) < 127 and not c.isalnum(),
    "space": lambda c: c in " \t\n\r\f\v",
    "upper": str.isupper,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}


def _bracket(text: str, at: int, pathname: bool) -> tuple[str, int] | None:
    """``[...]`` from behind its bracket: as an expression, and where it ends. None where it does not end."""
    if negated := text[at : at + 1] in ("!", "^"):
        at += 1
    chosen: set[int] = set()
    previous = ""  # what a range may start from
    first = True
    while first or text[at : at + 1] != "]":
        first = False
        step = _member(text, at, previous, chosen)
        if step is None:
            return None
        at, previous = step
    codes = set(range(1, 256)) - chosen if negated else chosen
    if pathname:
        codes.discard(ord("/"))
    return ("[" + "".join(f"\\x{code:02x}" for code in sorted(codes)) + "]" if codes else "(?!)"), at + 1


def _member(text: str, at: int, previous: str, chosen: set[int]) -> tuple[int, str] | None:
    """One member of a bracket: adds what it chooses, gives where it ends and what a range may start from."""
    char = text[at : at + 1]
    if char == "-" and previous and text[at + 1 : at + 2] not in ("", "]"):
        at += 1
        if text[at] == "\\":
            at += 1
        if at >= len(text):
            return None
        chosen.update(range(ord(previous), ord(text[at]) + 1))
        return at + 1, ""
    if char == "[" and text[at + 1 : at + 2] == ":":
        end = text.find("]", at + 2)
        if end < 0:
            return None
        if end > at + 2 and text[end - 1] == ":":
            holds = _CLASSES.get(text[at + 2 : end - 1])
            if holds is None:
                return None
            chosen.update(code for code in range(128) if holds(chr(code)))
            return end + 1, ""
    if char == "\\":
        at += 1
        char = text[at : at + 1]
    if not char:
        return None
    chosen.add(ord(char))
    return at + 1, char


_Placed = tuple[Rule, str]  # a rule, and the way from its file's directory to here (empty or ending in /)


class Rules:
    """All rules in force in one directory, the strongest last. Most directories share one object."""

    __slots__ = ("_anchored", "_names", "_others", "_placed", "_pool", "_seen_directories", "_seen_files", "_suffixes")

    def __init__(self, placed: Sequence[_Placed], pool: dict[tuple[_Placed, ...], Rules]) -> None:
        self._placed = tuple(placed)
        self._pool = pool
        self._seen_files: dict[str, bool] = {}
        self._seen_directories: dict[str, bool] = {}
        self._anchored = [(rule, way) for rule, way in self._placed if not rule.by_name]
        named = [rule for rule, _ in self._placed if rule.by_name]
        self._names = {rule.fixed for rule in named if rule.literal}
        self._suffixes = tuple({rule.suffix for rule in named if rule.suffix})
        self._others = [rule.matches for rule in named if not rule.literal and not rule.suffix]

    @classmethod
    def of(cls, *files: tuple[Rule, ...]) -> Rules:
        """The rules of a top directory, from the weakest file to the strongest."""
        return cls([(rule, "") for rules in files for rule in rules], {})

    @property
    def bare(self) -> bool:
        """Whether there are no rules at all."""
        return not self._placed

    def ignored(self, name: str, is_directory: bool) -> bool:
        """Whether the rules leave out an entry of this directory."""
        seen = self._seen_directories if is_directory else self._seen_files
        found = seen.get(name)
        if found is None:
            if len(seen) >= _MEMO:
                seen.clear()
            found = seen[name] = self._decide(view(name), is_directory)
        return found

    def _decide(self, name: str, is_directory: bool) -> bool:
        touched = (
            name in self._names
            or name.endswith(self._suffixes)
            or any(matches(name) for matches in self._others)
            or any(rule.matches(way + name) for rule, way in self._anchored)
        )
        if not touched:
            return False
        for rule, way in reversed(self._placed):
            if rule.directories_only and not is_directory:
                continue
            if rule.matches(name if rule.by_name else way + name):
                return not rule.negative
        return False

    def below(self, name: str, own: tuple[Rule, ...] = ()) -> Rules:
        """The rules of the directory `name` in this one; `own` are those of its own ignore file."""
        if not own and not self._anchored:
            return self
        step = view(name) + "/"
        placed = [(rule, way if rule.by_name else way + step) for rule, way in self._placed if _lives(rule, way + step)]
        return self._shared(placed + [(rule, "") for rule in own])

    def plus(self, own: tuple[Rule, ...]) -> Rules:
        """These rules and a directory's own on top."""
        return self._shared([*self._placed, *((rule, "") for rule in own)]) if own else self

    def _shared(self, placed: Sequence[_Placed]) -> Rules:
        key = tuple(placed)
        found = self._pool.get(key)
        if found is None:
            found = self._pool[key] = Rules(key, self._pool)
        return found


class Everything(Rules):
    """Inside an ignored directory: nothing counts, whatever its own ignore files say."""

    def __init__(self) -> None:
        super().__init__((), {})

    def ignored(self, name: str, is_directory: bool) -> bool:
        """Always."""
        return True

    def below(self, name: str, own: tuple[Rule, ...] = ()) -> Rules:
        """The same."""
        return self

    def plus(self, own: tuple[Rule, ...]) -> Rules:
        """The same."""
        return self


def _lives(rule: Rule, way: str) -> bool:
    """Whether a rule can still match something below `way`."""
    if rule.by_name:
        return True
    return rule.fixed.startswith(way) or (not rule.literal and way.startswith(rule.fixed))
