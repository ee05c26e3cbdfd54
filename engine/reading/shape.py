"""The first layer of AWS's checks: types, required members, patterns, lengths, enumerations.

A shape is data (`engine.reading.declaration_shape` holds AWS's); `ShapeReader` compares a value with it, reports every
problem in the words of AWS's ValidationException, and returns what is left when the broken parts are taken out, so
that the checks after it see the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.problem import Path, Problem, did_you_mean
from engine.reading.scalars import Plain, Symbolic, int_of, kind_of, text_of

_EXCEPTION = "ValidationException"
_NOTHING = object()
_SHOWN = 60
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|\{%.*?%\}|<[^<>]+>|\$\{[^{}]*\}")
_ENOUGH = 1000


@dataclass(frozen=True, slots=True)
class Text:
    """A string. `account`: it names something of an AWS account, which is of no matter here: a warning."""

    least: int = 0
    most: int = 0
    pattern: str = ""
    choices: tuple[str, ...] = ()
    account: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int = 0


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: Kind
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with free keys."""

    key: Text
    value: Kind
    most: int = 0


@dataclass(frozen=True, slots=True)
class Struct:
    """A mapping with known keys."""

    fields: Mapping[str, Kind]
    required: frozenset[str]


Kind = Text | Whole | Many | Table | Struct


def struct(**fields: Kind) -> Struct:
    """A `Struct`; a trailing underscore marks a required member."""
    required = frozenset(name[:-1] for name in fields if name.endswith("_"))
    return Struct({name.removesuffix("_"): kind for name, kind in fields.items()}, required)


def aws_path(path: Path) -> str:
    """A path as AWS prints it: list members count from 1 (``pipeline.stages.1.member.name``)."""
    return ".".join(["pipeline", *(f"{step + 1}.member" if isinstance(step, int) else step for step in path)])


@dataclass(slots=True)
class ShapeReader:
    """Compares values with shapes and gathers `problems`: all that matter, not every one of a million."""

    problems: list[Problem] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether there are so many problems, and a real one last, that another would tell nobody anything."""
        return len(self.problems) >= _ENOUGH and self.problems[-1].severity is Severity.ERROR

    def read(self, kind: Struct, value: Any, path: Path = ()) -> dict[str, Any]:
        """The value in the shape's types, without its broken parts."""
        found = self._read(kind, value, path)
        return found if isinstance(found, dict) else {}

    def _read(self, kind: Kind, value: Any, path: Path) -> Any:
        match kind:
            case Text():
                return self._text(kind, value, path)
            case Whole():
                return self._whole(kind, value, path)
            case Many():
                return self._many(kind, value, path)
            case Table():
                return self._table(kind, value, path)
            case Struct():
                return self._struct(kind, value, path)

    def _text(self, kind: Text, value: Any, path: Path) -> Any:
        text = text_of(value)
        if text is None:
            hint = "write it as JSON text in quotes" if isinstance(value, (dict, list)) else ""
            return self._wrong_type("text", value, path, hint)
        if isinstance(text, Symbolic):
            return _fitting(kind, text)
        text = str(text)
        severity = Severity.WARNING if kind.account else Severity.ERROR
        if kind.choices and text not in kind.choices:
            choices = ", ".join(kind.choices)
            hint = did_you_mean(text, kind.choices, f"one of {choices}")
            self._constraint("GR206", path, text, f"Member must satisfy enum value set: [{choices}]", hint)
            return _NOTHING
        if len(text) < kind.least:
            rule = f"Member must have length greater than or equal to {kind.least}"
            self._constraint("GR205", path, text, rule, "leave the key out" if not text else "", severity)
        elif kind.most and len(text) > kind.most:
            rule = f"Member must have length less than or equal to {kind.most}"
            self._constraint("GR205", path, text, rule, f"it has {len(text)} characters", severity)
        elif kind.pattern and not re.fullmatch(kind.pattern, text):
            rule = f"Member must satisfy regular expression pattern: {kind.pattern}"
            self._constraint("GR204", path, text, rule, _pattern_hint(kind, text), severity)
        return text

    def _whole(self, kind: Whole, value: Any, path: Path) -> Any:
        number = int_of(value)
        if number is None:
            wanted = "a whole number of at most 19 digits" if _is_long(value) else "a whole number"
            return self._wrong_type(wanted, value, path)
        if not isinstance(value, Plain):
            message = f"'{aws_path(path)}' must be a number, not text"
            self.problems.append(Problem("GR203", path, message, "remove the quotes", Severity.WARNING, _EXCEPTION))
        if number < kind.least:
            rule = f"Member must have value greater than or equal to {kind.least}"
            self._constraint("GR207", path, str(number), rule)
        elif kind.most and number > kind.most:
            rule = f"Member must have value less than or equal to {kind.most}"
            self._constraint("GR207", path, str(number), rule)
        return number

    def _many(self, kind: Many, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            return self._wrong_type("a list", value, path)
        self._size(kind.least, kind.most, len(value), path)
        # A broken item leaves an empty one behind: the paths of the others must stay right.
        empty: Any = {} if isinstance(kind.item, Struct) else ""
        few = value[: kind.most + 1] if kind.most else value  # what is beyond the limit needs no second word
        items = (self._read(kind.item, item, (*path, number)) for number, item in enumerate(few))
        return [empty if item is _NOTHING else item for item in items]

    def _table(self, kind: Table, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._wrong_type("a mapping", value, path)
        self._size(0, kind.most, len(value), path)
        found: dict[str, Any] = {}
        for key, item in value.items():
            before = len(self.problems)
            self._text(kind.key, key, (*path, key))
            for number in range(before, len(self.problems)):
                self.problems[number] = _of_key(self.problems[number])
            read = self._read(kind.value, item, (*path, key))
            found[str(key)] = "" if read is _NOTHING else read  # broken is not missing
        return found

    def _struct(self, kind: Struct, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._wrong_type("a mapping", value, path)
        found: dict[str, Any] = {}
        for key, item in value.items():
            if key in kind.fields:
                read = _NOTHING if item is None else self._read(kind.fields[key], item, (*path, key))
                if read is not _NOTHING:
                    found[key] = read
            elif not key.startswith("__"):  # AWS's own serialisers leave "__type" behind
                self._unknown(kind, key, path)
        for key in sorted(kind.required):
            if value.get(key) is None:
                self._missing(key, value, path)
        return found

    def _unknown(self, kind: Struct, key: str, path: Path) -> None:
        if self.full:
            return
        hint = did_you_mean(key, kind.fields, f"known here: {', '.join(kind.fields)}")
        message = f"Unknown parameter in {aws_path(path)}: {key!r}"
        self.problems.append(Problem("GR202", (*path, key), message, hint, exception=_EXCEPTION, key=True))

    def _missing(self, key: str, value: dict[str, Any], path: Path) -> None:
        where = (*path, key) if key in value else path
        message = f"Value null at '{aws_path((*path, key))}' failed to satisfy constraint: Member must not be null"
        self.problems.append(Problem("GR201", where, message, f"add {key!r}", exception=_EXCEPTION, key=key in value))

    def _size(self, least: int, most: int, size: int, path: Path) -> None:
        if size < least:
            rule = f"Member must have length greater than or equal to {least}"
        elif most and size > most:
            rule = f"Member must have length less than or equal to {most}"
        else:
            return
        message = f"Value at '{aws_path(path)}' failed to satisfy constraint: {rule}"
        hint = f"it has {size}" if size else "add one, or leave the key out"
        self.problems.append(Problem("GR208", path, message, hint, exception=_EXCEPTION, key=True))

    def _wrong_type(self, wanted: str, value: Any, path: Path, hint: str = "") -> object:
        if self.full:
            return _NOTHING
        message = f"'{aws_path(path)}' must be {wanted}, not {kind_of(value)}"
        self.problems.append(Problem("GR203", path, message, hint, exception=_EXCEPTION))
        return _NOTHING

    def _constraint(
        self, code: str, path: Path, value: str, rule: str, hint: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        message = f"Value '{shown}' at '{aws_path(path)}' failed to satisfy constraint: {rule}"
        self.problems.append(Problem(code, path, message, hint, severity, _EXCEPTION))


def _fitting(kind: Text, text: Symbolic) -> Symbolic:
    """An open value as this kind of name may be written; of whatever else it says nothing can be known."""
    if not kind.pattern or kind.account or re.fullmatch(kind.pattern, text):
        return text
    return Symbolic(re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[: kind.most or None], text.names)


def _of_key(problem: Problem) -> Problem:
    return Problem(
        problem.code, problem.path, problem.message, problem.hint, problem.severity, problem.exception, key=True
    )


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 19 and value.isdecimal()


def _pattern_hint(kind: Text, text: str) -> str:
    if placeholder := _PLACEHOLDER.search(text[:_SHOWN]):
        return f"{placeholder[0]} is a placeholder: fill it in" + (", it does not matter here" if kind.account else "")
    if kind.account:
        return "fill in the one of your account; it does not matter here"
    if " " in text and len(text) < _SHOWN:
        return f"no blanks: {re.sub(r'[^A-Za-z0-9_]+', '-', text.strip())!r}"
    return ""
