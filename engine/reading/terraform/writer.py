"""Values of Terraform into AWS's long form, each with the place where it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.problem import Path, Place, Problem
from engine.reading.scalars import Plain, Symbolic
from engine.reading.terraform.evaluate import symbol
from engine.reading.terraform.parts import Part
from engine.reading.terraform.syntax import Expression, ListOf, Literal
from engine.reading.terraform.values import Lazy, Symbol, Unresolved, Value, text_of, unknown_in, word

Convert = Callable[[Value], Any]
_REQUIRED = frozenset({"name", "location", "category", "owner", "provider", "version"})
_VARIABLE = re.compile(r"\bvar\.([A-Za-z_][\w-]*)")


class Spots:
    """Where things stand: a path of the document is the number of a row, with the places of a value and its key."""

    def __init__(self) -> None:
        self._rows: list[tuple[Place, Place]] = []

    def add(self, value: Place, key: Place) -> Path:
        """The path of a new row."""
        self._rows.append((value, key))
        return (len(self._rows) - 1,)

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """The place of a row."""
        number = path[0] if path else 0
        if not isinstance(number, int) or not 0 <= number < len(self._rows):
            return None
        return self._rows[number][1 if key else 0]


class Writer:
    """Fills a mapping in, and remembers origins and what had no value; `advised` are the variables it was said of."""

    def __init__(self, spots: Spots, advised: set[str]) -> None:
        self.origins: dict[Path, Path] = {}
        self.problems: list[Problem] = []
        self._spots = spots
        self._named = advised

    def mark(self, path: Path, value: Place, key: Place | None = None) -> Path:
        """Where a part of the long form was written; the path of that place."""
        self.origins[path] = self._spots.add(value, key or value)
        return self.origins[path]

    def put(self, data: dict[str, Any], path: Path, part: Part, name: str, key: str, convert: Convert) -> None:
        """One attribute. What `convert` makes None of is left out."""
        setting, value = part.setting(name), part.value(name)
        if setting is not None and name in _REQUIRED:
            value = unless_given(value, setting.value)
        if setting is None or value is None:
            return
        at = self.mark((*path, key), setting.value.at, setting.at)
        self.miss(value, at)
        if isinstance(value, list) and isinstance(setting.value, ListOf):
            for number, item in enumerate(setting.value.items):
                self.mark((*path, key, number), item.at)
        made = convert(value)
        if made is not None:
            data[key] = made

    def miss(self, value: Value, at: Path) -> None:
        """Say once of each variable without a value that its name stands in its place."""
        for unknown in unknown_in(value):
            for name in _VARIABLE.findall(unknown.text):
                self.advise(name, at, f"the variable {name} has no value: its name stands in its place")

    def stands_for_all(self, part: Part, what: str, at: Path) -> None:
        """Say of a block that one stands for as many as nobody knows yet."""
        if part.open is not None:
            names = _VARIABLE.findall(part.open.text)
            name = names[0] if names else ""
            shown = part.open.text.removeprefix("${").removesuffix("}")
            self.advise(name, at, f"how many {what} there are depends on {shown}: one stands for all")

    def advise(self, name: str, at: Path, message: str) -> None:
        """A piece of advice about a variable, the first time."""
        if name not in self._named:
            self._named.add(name)
            hint = f"--parameter {name}=VALUE or terraform.tfvars gives it one" if name else ""
            self.problems.append(Problem("GR120", at, message, hint, Severity.ADVICE))

    def mapping(
        self, data: dict[str, Any], path: Path, part: Part, name: str, key: str, convert: Convert
    ) -> dict[str, Symbol]:
        """A map of texts. An unknown one is left out. Returns the values that nothing is given for, by key."""
        rows = part.mapping(name)
        setting = part.setting(name)
        if setting is not None:
            at = self.mark((*path, key), setting.value.at, setting.at)
            self.miss(None if rows else part.value(name), at)
        made: dict[str, Any] = {}
        missing: dict[str, Symbol] = {}
        for label, (given, written) in rows.items():
            value = given if given is None else unless_given(given, written.value)
            if given is None and not isinstance(written.value, Literal):
                missing[label] = symbol(written.value)
            at = self.mark((*path, key, label), written.value.at, written.at)
            self.miss(value, at)
            converted = None if value is None else convert(value)
            if converted is not None:
                made[label] = converted
        if made:
            data[key] = made
        return missing


def unless_given(value: Value, expression: Expression) -> Value:
    """A default that is nothing stands for what somebody has to give."""
    nothing = value is None or value == ""
    return symbol(expression) if nothing and not isinstance(expression, Literal) else value


def free(value: Value) -> Any:
    """Any text: what is unknown is shown by its name."""
    if isinstance(value, Symbol):
        return Symbolic(value.text[:1000], tuple(_VARIABLE.findall(value.text)))
    try:
        return text_of(value)
    except Unresolved:
        return plain(value)


def filled(value: Value) -> Any:
    """The same; the provider takes an empty text for none."""
    return None if value == "" else free(value)


def name(value: Value) -> Any:
    """A name that AWS restricts: an unknown one becomes a valid name."""
    return _word(value, r"[^A-Za-z0-9.@_-]+", 100)


def artifact(value: Value) -> Any:
    """The name of an artifact."""
    return _word(value, r"[^A-Za-z0-9_-]+", 100)


def namespace(value: Value) -> Any:
    """The namespace of an action's variables."""
    return _word(value, r"[^A-Za-z0-9@_-]+", 100)


def known(value: Value) -> Any:
    """A value that must be one of few, or that can be done without: left out if it is not known."""
    return None if isinstance(value, Symbol) else filled(value)


def whole(value: Value) -> Any:
    """A whole number; the provider takes 0 for none."""
    if isinstance(value, Symbol) or value in (0, "", "0"):
        return None
    made = free(value)
    return Plain(made) if isinstance(made, str) else made


def each(convert: Convert) -> Convert:
    """The same for each item of a list; a list that is not known has one item."""

    def items(value: Value) -> Any:
        if isinstance(value, Symbol):
            return [convert(value)]
        if not isinstance(value, list):
            return plain(value)
        return [convert(item) for item in value if item is not None and item != ""]

    return items


def several(convert: Convert) -> Convert:
    """The same, but a list that is not known is left out."""
    return lambda value: None if isinstance(value, Symbol) else each(convert)(value)


def plain(value: Value) -> Any:
    """The value for a check to complain of."""
    if isinstance(value, (Symbol, Lazy)):
        return Symbolic(str(value)) if isinstance(value, Symbol) else {}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, (str, bool)) else Plain(value)


def _word(value: Value, refused: str, most: int) -> Any:
    if not isinstance(value, Symbol):
        return filled(value)
    made = re.sub(refused, "-", word(value.text)).strip("-")[:most] or "unknown"
    return Symbolic(made, tuple(_VARIABLE.findall(value.text)))
