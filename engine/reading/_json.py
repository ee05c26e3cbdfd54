"""JSON to plain data, and where in the text a path stands.

The data comes from the standard parser at full speed. Places are looked up only when a problem needs one: the
scanner then walks the text to that path, and remembers each container it had to open.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.reading.problem import Path, Place, Problem, Unreadable
from engine.reading.scalars import Plain

_SPACE = re.compile(r"[ \t\n\r]*")


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
        twice.names = tuple(name for name, _ in items if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        return twice

    try:
        data = json.loads(text, parse_int=Plain, parse_float=Plain, parse_constant=Plain, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise _explain(error) from None
    except RecursionError:
        raise Unreadable("GR107", "nested too deep") from None
    return data, (_twice(data) if found else [])


def _twice(data: Any) -> list[Path]:
    paths: list[Path] = []
    stack: list[tuple[Any, Path]] = [(data, ())]
    while stack:
        value, path = stack.pop()
        if isinstance(value, _Twice):
            paths += [(*path, name) for name in value.names]
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        stack += [(item, (*path, step)) for step, item in items]
    return paths


def duplicate(path: Path) -> Problem:
    """The finding for a key that is given twice."""
    from engine.model.diagnostics import Severity

    message = f"the key {path[-1]!r} is given twice; the last one counts"
    return Problem("GR105", path, message, "keep one of the two", Severity.WARNING, key=True)


class JsonPlaces:
    """Finds the place of a path in a JSON text that is known to be valid."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._scan = json.JSONDecoder().raw_decode
        self._children: dict[int, dict[str | int, tuple[int, int]]] = {}

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """The place of the value (or its key); of the nearest part that exists where the path leads nowhere."""
        key_at = value_at = self._skip(0)
        for step in path:
            found = self._open(value_at).get(step)
            if found is None:
                key = False
                break
            key_at, value_at = found
        at = key_at if key else value_at
        line = self._text.count("\n", 0, at) + 1
        return Place(line, at - self._text.rfind("\n", 0, at), self._length(at))

    def _length(self, at: int) -> int:
        if self._text[at] in "{[":
            return 1
        _, end = self._scan(self._text, at)
        return int(end) - at

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _open(self, at: int) -> dict[str | int, tuple[int, int]]:
        """Offsets of the keys and values of the container that starts at `at`; empty for a scalar."""
        if at not in self._children:
            opening = self._text[at]
            self._children[at] = self._object(at) if opening == "{" else self._array(at) if opening == "[" else {}
        return self._children[at]

    def _object(self, at: int) -> dict[str | int, tuple[int, int]]:
        found: dict[str | int, tuple[int, int]] = {}
        at = self._skip(at + 1)
        while self._text[at] == '"':
            name, end = self._scan(self._text, at)
            value_at = self._skip(self._skip(end) + 1)
            found[name] = (at, value_at)
            at = self._next(value_at)
        return found

    def _array(self, at: int) -> dict[str | int, tuple[int, int]]:
        found: dict[str | int, tuple[int, int]] = {}
        at = self._skip(at + 1)
        while self._text[at] != "]":
            found[len(found)] = (at, at)
            at = self._next(at)
        return found

    def _next(self, at: int) -> int:
        """From a value's start to the next member's start, or to the closing bracket."""
        _, end = self._scan(self._text, at)
        end = self._skip(end)
        return self._skip(end + 1) if self._text[end] == "," else end


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
    if "{{" in text or "{%" in text:
        hint = hint or "if this is a template, render it first"
    return Unreadable("GR104", error.msg, hint, Place(error.lineno, error.colno))
