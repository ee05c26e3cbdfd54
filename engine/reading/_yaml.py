"""YAML to plain data, from the parser's event stream.

Events instead of PyYAML's nodes: no recursion (a text of a million brackets must not end the process), no second
tree in memory, and scalars stay as they were written. Marks are kept only on request, since a good file needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from engine.model.diagnostics import Severity
from engine.reading.problem import Path, Place, Problem, Unreadable
from engine.reading.scalars import Plain, is_null

MAX_DEPTH = 100
MAX_ALIASED = 100_000
"""Values that aliases may add to a document. Real files add a few; a bomb adds billions."""
MAX_VALUES = 300_000
"""Values of a text. AWS's largest pipeline has fifty thousand, its largest template (1 MB) a hundred thousand."""

_STRING_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "timestamp"))
_CONTAINER_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"})
_MERGE = Plain("<<")
_MISSING = object()
_SHOWN = 100
_CUT = re.compile(r"(?<=[ \t])#\{[\w@-]+\.[\w@-]+\}")
_CUT_HERE = re.compile(r"[ \t]*(#\{[\w@-]+\.[\w@-]+\})[^\r\n]*")


@dataclass(slots=True)
class _Frame:
    """A container that is still open. `key` is the key that waits for its value."""

    value: dict[str, Any] | list[Any]
    event: Any
    key: Any = _MISSING
    key_event: Any = None
    size: int = 1
    function: str = ""
    merges: list[Any] = field(default_factory=list)
    places: dict[str | int, tuple[Any, Any]] = field(default_factory=dict)


class YamlReader:
    """Reads every document of a text.

    With `templates`, CloudFormation's short functions become long ones (``!Ref X``: ``{Ref: X}``); the first of them in
    a document is remembered, for documents that turn out to be no template.
    """

    def __init__(self, text: str, *, marks: bool = False, templates: bool = False) -> None:
        self._text = text
        self._marks = marks
        self._templates = templates
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = self._total = 0
        self._cuts = _CUT.search(text) is not None
        self._root: Any = None
        self._root_event: Any = None
        self._problems: list[Problem] = []
        self._tagged: Problem | None = None
        self._places: dict[int, dict[str | int, tuple[Any, Any]]] = {}

    def documents(self) -> Iterator[Read]:
        """Each document. Raises `Unreadable`."""
        try:
            for event in self._events():
                name = type(event).__name__
                if name == "ScalarEvent":
                    self._scalar(event)
                elif name in ("MappingStartEvent", "SequenceStartEvent"):
                    self._open(event)
                elif name in ("MappingEndEvent", "SequenceEndEvent"):
                    self._close()
                elif name == "AliasEvent":
                    self._alias(event)
                elif name == "DocumentEndEvent":
                    places = YamlPlaces(self._root, self._root_event, self._places)
                    yield Read(self._root, self._problems, self._tagged, places)
                    self._anchors, self._problems, self._root, self._places, self._count = {}, [], None, {}, 0
                    self._tagged = None
        except yaml.YAMLError as error:
            raise _explain(error, self._text) from None

    def _events(self) -> Iterator[Any]:
        parser = yaml.CSafeLoader(self._text) if yaml.__with_libyaml__ else yaml.SafeLoader(self._text)
        get = parser.get_event
        while (event := get()) is not None:
            self._count += 1
            self._total += 1
            if self._total > MAX_VALUES:
                message = f"more than {MAX_VALUES:,} values: this is no definition file"
                raise Unreadable("GR112", message, "JSON is read faster: more of it is taken", _place(event))
            yield event

    def _scalar(self, event: Any) -> None:
        value: Any = event.value
        tag = event.tag
        if tag is None:
            if not event.style:
                value = None if is_null(event.value) else Plain(event.value)
        elif tag in _PLAIN_TAGS:
            value = None if is_null(event.value) else Plain(event.value)
        elif tag not in (_STRING_TAG, "!"):
            value = self._call(self._function(tag, event), value, event)
        if self._cuts and not event.style:
            self._look_behind(event)
        self._add(value, event, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)

    def _look_behind(self, event: Any) -> None:
        """Warn of a variable reference that YAML takes for a comment: ``run #{variables.Name}`` is ``run``."""
        cut = _CUT_HERE.match(self._text, event.end_mark.index)
        if cut is None or not self._stack or (isinstance(self._stack[-1].value, dict) and self._is_key()):
            return
        here = (*self._path(), self._step(self._stack[-1]))
        written = self._text[event.start_mark.index : cut.end()].strip()
        quote = "'" if '"' in written else '"'
        message = f"the value ends before {cut[1]}: to YAML that is a comment"
        hint = f"quote it: {quote}{written}{quote}" if len(written) < _SHOWN else "quote the whole value"
        self._problems.append(Problem("GR114", here, message, hint, Severity.WARNING))

    def _is_key(self) -> bool:
        return self._stack[-1].key is _MISSING

    def _open(self, event: Any) -> None:
        function = ""
        if event.tag is not None and event.tag not in _CONTAINER_TAGS:
            function = self._function(event.tag, event)
        if len(self._stack) >= MAX_DEPTH:
            raise Unreadable("GR107", f"nested more than {MAX_DEPTH} levels deep", place=_place(event))
        mapping = type(event).__name__ == "MappingStartEvent"
        self._stack.append(_Frame({} if mapping else [], event, function=function))
        if event.anchor is not None:
            self._anchors[event.anchor] = (_MISSING, 0)

    def _close(self) -> None:
        frame = self._stack.pop()
        for merged in frame.merges:
            self._merge(frame, merged)
        if self._marks:
            self._places[id(frame.value)] = frame.places
        if frame.size > self._count + MAX_ALIASED:
            raise Unreadable(
                "GR106",
                f"aliases blow this document up by more than {MAX_ALIASED:,} values",
                "write repeated parts out, or split the file",
                _place(frame.event),
            )
        value = self._call(frame.function, frame.value, frame.event) if frame.function else frame.value
        if frame.event.anchor is not None:
            self._anchors[frame.event.anchor] = (value, frame.size)
        self._add(value, frame.event, frame.size)

    def _function(self, tag: str, event: Any) -> str:
        """The long name of the function that a tag stands for. Raises `Unreadable` where none is expected."""
        if not self._templates or not tag.startswith("!") or tag.startswith("!!") or len(tag) < 2:
            raise _unknown_tag(tag, event)
        if self._tagged is None:
            here = (*self._path(), self._step(self._stack[-1])) if self._stack else ()
            self._tagged = Problem("GR108", here, f"the tag {tag} is not supported", _TEMPLATE)
        name = tag[1:]
        return name if name in ("Ref", "Condition") else f"Fn::{name}"

    def _call(self, function: str, value: Any, event: Any) -> dict[str, Any]:
        call = {function: value}
        if self._marks:
            self._places[id(call)] = {function: (event, event)}
        return call

    def _alias(self, event: Any) -> None:
        value, size = self._anchors.get(event.anchor, (None, -1))
        if size < 0:
            raise Unreadable("GR103", f"the alias *{event.anchor} has no anchor before it", _STAR, _place(event))
        if value is _MISSING:
            raise Unreadable("GR106", f"the alias *{event.anchor} contains itself", place=_place(event))
        self._add(value, event, size)

    def _add(self, value: Any, event: Any, size: int) -> None:
        if not self._stack:
            self._root, self._root_event = value, event
            return
        frame = self._stack[-1]
        frame.size += size
        if isinstance(frame.value, list):
            if self._marks:
                frame.places[len(frame.value)] = (event, event)
            frame.value.append(value)
        elif frame.key is _MISSING:
            self._key(frame, value, event)
        else:
            self._pair(frame, value, event)

    def _key(self, frame: _Frame, value: Any, event: Any) -> None:
        if (
            self._templates
            and isinstance(value, dict)
            and len(value) == 1
            and (name := next(iter(value))).startswith(_RESOLVE)
        ):
            value = "{{" + name + "}}"  # a dynamic reference without its quotes
        if isinstance(value, (dict, list)):
            raise Unreadable("GR103", "a key must be text, not a list or mapping", _BRACES, _place(event))
        frame.key, frame.key_event = ("" if value is None else value), event

    def _pair(self, frame: _Frame, value: Any, event: Any) -> None:
        assert isinstance(frame.value, dict)
        key, frame.key = frame.key, _MISSING
        if type(key) is Plain:
            if key == _MERGE and isinstance(value, (dict, list)):
                frame.merges += value if isinstance(value, list) else [value]
                return
            key = str(key)
        if key in frame.value:
            self._problems.append(_duplicate((*self._path(), key)))
        frame.value[key] = value
        if self._marks:
            frame.places[key] = (frame.key_event, event)

    def _merge(self, frame: _Frame, merged: Any) -> None:
        if not isinstance(merged, dict) or not isinstance(frame.value, dict):
            raise Unreadable("GR103", "<< takes a mapping or a list of mappings", place=_place(frame.event))
        for key, value in merged.items():
            if key not in frame.value:
                frame.value[key] = value
                if self._marks and key in self._places.get(id(merged), {}):
                    frame.places[key] = self._places[id(merged)][key]

    def _path(self) -> Path:
        """Where the innermost open container stands."""
        path: list[str | int] = []
        for frame, inner in pairwise(self._stack):
            path.append(self._step(frame))
            if inner.function:
                path.append(inner.function)
        return (self._stack[0].function, *path) if self._stack and self._stack[0].function else tuple(path)

    def _step(self, frame: _Frame) -> str | int:
        return len(frame.value) if isinstance(frame.value, list) else str(frame.key)


class YamlPlaces:
    """Finds the place of a path in one document that was read with marks."""

    def __init__(self, root: Any, event: Any, places: dict[int, dict[str | int, tuple[Any, Any]]]) -> None:
        self._root = root
        self._event = event
        self._places = places

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """The place of the value (or its key); of the nearest part that exists where the path leads nowhere."""
        value, spot = self._root, (self._event, self._event)
        for step in path:
            found = self._places.get(id(value), {}).get(step)
            if found is None:
                key = False
                break
            spot = found
            value = value[step]
        event = spot[0] if key or _is_nothing(spot[1]) else spot[1]
        return None if event is None else _place(event)


class Read(NamedTuple):
    """One document: its data, the keys given twice, the first tag of a template, and where everything stands."""

    data: Any
    problems: list[Problem]
    tagged: Problem | None
    places: YamlPlaces


_RESOLVE = "resolve:"
_STAR = "text that starts with * needs quotes"
_TEMPLATE = "CloudFormation's functions stand in templates only"
_BRACES = "text that starts with { or [ needs quotes"


def _is_nothing(event: Any) -> bool:
    """Whether a value is not even a character: then its key is what can be shown."""
    return event is not None and event.start_mark.index == event.end_mark.index


def _duplicate(path: Path) -> Problem:
    return Problem("GR105", path, f"the key {path[-1]!r} is given twice", "keep one of the two", key=True)


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, max(1, length))


def _unknown_tag(tag: str, event: Any) -> Unreadable:
    hint = _TEMPLATE if tag.startswith("!") else ""
    return Unreadable("GR108", f"the tag {tag} is not supported", hint, _place(event))


def _explain(error: yaml.YAMLError, text: str) -> Unreadable:
    """The parser's complaint in words that help."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position] if isinstance(error.position, int) else ""
        spot = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return Unreadable("GR103", f"a character that YAML does not allow: {error.reason}", place=spot)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = str(getattr(error, "problem", None) or "not valid YAML")
    context = getattr(error, "context", None)
    if mark and not text[mark.index :].strip():  # "the text ended": what was left open says more
        mark = getattr(error, "context_mark", None) or mark
        if not text[mark.index :].strip():
            return Unreadable("GR103", f"{message}, {context}" if context else message, "", _last(text))
    hint = _hint(message, text, mark.line if mark else -1)
    place = Place(mark.line + 1, mark.column + 1) if mark else None
    return Unreadable("GR103", f"{message}, {context}" if context else message, hint, place)


def _last(text: str) -> Place:
    """The last character that is no space."""
    kept = text.rstrip()
    return Place(kept.count("\n") + 1, max(1, len(kept) - kept.rfind("\n") - 1))


def _hint(message: str, text: str, line: int) -> str:
    lines = text.split("\n", line + 1)
    source = lines[line] if 0 <= line < len(lines) else ""
    if "\t" in source[: len(source) - len(source.lstrip())] or r"'\t'" in message:
        return "YAML indents with spaces, never with tabs"
    if "mapping values are not allowed" in message:
        return "text with ': ' in it needs quotes"
    if "could not find expected ':'" in message:
        return "a key needs a colon and a blank after it"
    return ""
