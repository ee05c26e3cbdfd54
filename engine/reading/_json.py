"""JSON to plain data, and where in the text a path stands.

The data comes from the standard parser at full speed. Places are looked up only when a problem needs one: the
scanner then walks the text to that path, and remembers each container it had to open.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from engine.reading.problem import Path, Place, Problem, Unreadable
from engine.reading.scalars import Plain

MAX_DEPTH = 100
MAX_KEYS = 100_000
"""Keys of one object. No definition has a hundredth of that; checking each would take its time."""

_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


class _Twice(dict[str, Any]):
    """An object that named a key twice."""

    names: tuple[str, ...] = ()


def read_json(text: str) -> tuple[Any, list[Path]]:
    """The data and the paths of keys that are given twice. Raises `Unreadable`."""
    found = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        data = dict(items)
        if len(data) == len(items):
            return data
        found = True
        twice = _Twice(items)
        seen: set[str] = set()
        names = [name for name, _ in items if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
        twice.names = tuple(dict.fromkeys(names))
        return twice

    try:
        data = json.loads(text, parse_int=Plain, parse_float=Plain, parse_constant=Plain, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise _explain(error) from None
    except RecursionError:
        raise _too_deep(text) from None
    _measure(data, text)
    if _HALF.search(text) and (half := _lone_half(text)):
        place = _place(text, half.start())
        raise Unreadable("GR104", f"{half[0]} is half a character", "write the character itself, or both halves", place)
    return data, (_twice(data) if found else [])


def _measure(data: Any, text: str) -> None:
    """Refuse what is nested so deep, or so large, that whoever walks through it later would fall over it."""
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        if any(len(each) > MAX_KEYS for each in level if isinstance(each, dict)):
            raise Unreadable("GR112", f"an object with more than {MAX_KEYS:,} keys: this is no definition file")
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise _too_deep(text)


def _too_deep(text: str) -> Unreadable:
    place, depth = None, 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            place = _place(text, token.start())
            break
    return Unreadable("GR107", f"nested more than {MAX_DEPTH} levels deep", place=place)


def _lone_half(text: str) -> re.Match[str] | None:
    """An escaped surrogate without its other half: it is no character, and can be written nowhere."""
    first: re.Match[str] | None = None
    for escape in _ESCAPE.finditer(text):
        code = int(escape[1], 16) if escape[1] else 0
        is_second = 0xDC00 <= code < 0xE000
        if first is not None:
            if not is_second or first.end() != escape.start():
                return first
            first = None
        elif is_second:
            return escape
        elif 0xD800 <= code < 0xDC00:
            first = escape
    return first


def _twice(data: Any) -> list[Path]:
    paths: list[Path] = []
    stack: list[tuple[Any, Path]] = [(data, ())]
    while stack:
        value, path = stack.pop()
        if isinstance(value, _Twice):
            paths += [(*path, name) for name in value.names]
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        stack += [(item, (*path, step)) for step, item in items if isinstance(item, (dict, list))]
    return paths


def duplicate(path: Path) -> Problem:
    """The finding for a key that is given twice."""
    from engine.model.diagnostics import Severity

    message = f"the key {path[-1]!r} is given twice; the last one counts"
    return Problem("GR105", path, message, "keep one of the two", Severity.WARNING, key=True)


class _Members:
    """The members of one container as far as they have been read: step -> offsets of key and value."""

    __slots__ = ("known", "rest")

    def __init__(self, rest: Iterator[tuple[str | int, int, int]]) -> None:
        self.known: dict[str | int, tuple[int, int]] = {}
        self.rest = rest

    def find(self, step: str | int) -> tuple[int, int] | None:
        """Where a member stands. A list is read up to it, an object to its end: the last of equal keys counts."""
        if isinstance(step, str) or step not in self.known:
            for name, key_at, value_at in self.rest:
                self.known[name] = (key_at, value_at)
                if name == step and isinstance(step, int):
                    break
        return self.known.get(step)


class JsonPlaces:
    """Finds the place of a path in a JSON text that is known to be valid."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._scan = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
        self._containers: dict[int, _Members] = {}
        self._lines: list[int] = []

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """The place of the value (or its key); of the nearest part that exists where the path leads nowhere."""
        key_at = value_at = self._skip(0)
        for step in path:
            found = self._open(value_at).find(step)
            if found is None:
                key = False
                break
            key_at, value_at = found
        at = key_at if key else value_at
        self._lines = self._lines or [0, *(match.end() for match in re.finditer("\n", self._text))]
        line = bisect_right(self._lines, at)
        return Place(line, at - self._lines[line - 1] + 1, self._length(at))

    def _length(self, at: int) -> int:
        if self._text[at] in "{[":
            return 1
        _, end = self._scan(self._text, at)
        return int(end) - at

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _open(self, at: int) -> _Members:
        """The members of the container that starts at `at`; none for a scalar."""
        if at not in self._containers:
            opening = self._text[at]
            rest = self._object(at) if opening == "{" else self._array(at) if opening == "[" else iter(())
            self._containers[at] = _Members(rest)
        return self._containers[at]

    def _object(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        at = self._skip(at + 1)
        while self._text[at] == '"':
            name, end = self._scan(self._text, at)
            value_at = self._skip(self._skip(end) + 1)
            yield name, at, value_at
            at = self._next(value_at)

    def _array(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        at, number = self._skip(at + 1), 0
        while self._text[at] != "]":
            yield number, at, at
            at, number = self._next(at), number + 1

    def _next(self, at: int) -> int:
        """From a value's start to the next member's start, or to the closing bracket."""
        _, end = self._scan(self._text, at)
        end = self._skip(end)
        return self._skip(end + 1) if self._text[end] == "," else end


def _place(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _explain(error: json.JSONDecodeError) -> Unreadable:
    text, at = error.doc, error.pos
    before = text[:at].rstrip()
    hint = ""
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        hint = "remove the comma before it"
    elif text[at : at + 2] in ("//", "/*") or text[at : at + 1] == "#":
        hint = "JSON has no comments; YAML has"
    elif text[at : at + 1] == "'":
        hint = "JSON wants double quotes"
    elif "delimiter" in error.msg and before:
        hint = "a comma is missing before it"
    return Unreadable("GR104", error.msg, hint, Place(error.lineno, error.colno))
