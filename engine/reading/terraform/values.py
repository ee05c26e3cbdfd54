"""What an expression can be worth, and what stands for a value that only AWS or a `terraform apply` would know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1_000_000
"""Characters of a text and items of a list: more is no configuration, and is given up."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """An unknown value. `text` is what to show for it: ``${var.name}``, alone or within known text."""

    text: str

    def __str__(self) -> str:
        return self.text


UNKNOWN = Symbol("${…}")
"""What a function gives that can say nothing of its arguments; the expression is named in its place."""


class Lazy:
    """Something whose attributes are worked out once they are asked for: a resource, a module, ``var``."""

    def attribute(self, name: str) -> Value:
        """The value of ``thing.name``. Raises `Unresolved`."""
        raise Unresolved(name)

    def index(self, key: Value) -> Value:
        """The value of ``thing[key]``. Raises `Unresolved`."""
        if isinstance(key, str):
            return self.attribute(key)
        raise Unresolved(str(key))

    def items(self) -> list[tuple[Value, Value]]:
        """Keys and values, where it is a collection. Raises `Unresolved`."""
        raise Unresolved("not a collection")


class Unique(list["Value"]):
    """A set: in a loop each value is its own key."""


Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"] | Symbol | Lazy


class Unresolved(Exception):
    """Terraform would refuse this, or knows what we do not. ``try()`` goes on; elsewhere a `Symbol` stands for it."""


def text_of(value: Value) -> str:
    """A value as text. Raises `Unresolved` for what is no single value."""
    if value is None or isinstance(value, (list, dict, Lazy)):
        raise Unresolved("text is expected")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return str(value)


def number_of(value: Value) -> int | float:
    """A value as a number. Raises `Unresolved`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", value):
        return float(value) if "." in value else int(value)
    raise Unresolved("a number is expected")


def truth_of(value: Value) -> bool:
    """A value as a truth value. Raises `Unresolved`."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false", "1", "0"):
        return value in ("true", "1")
    raise Unresolved("true or false is expected")


def items_of(value: Value) -> list[tuple[Value, Value]]:
    """What a loop goes over, in Terraform's order: mappings by key. Raises `Unresolved`."""
    if isinstance(value, dict):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, list):
        return list(zip(value, value, strict=True)) if isinstance(value, Unique) else list(enumerate(value))
    if isinstance(value, Lazy):
        return value.items()
    raise Unresolved("a list or a mapping is expected")


def list_of(value: Value) -> list[Value]:
    """The values of a list or a mapping. Raises `Unresolved`."""
    return value if isinstance(value, list) else [item for _, item in items_of(value)]


def unknown_in(value: Value) -> Iterator[Symbol]:
    """Every unknown part of a value."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, Symbol):
            yield each
        elif isinstance(each, list):
            stack += each
        elif isinstance(each, dict):
            stack += each.values()


def joined(parts: list[str], known: bool) -> Value:
    """Text of these parts, unknown if one of them is. Raises `Unresolved` where it grows beyond all measure."""
    if sum(map(len, parts)) > LONGEST:
        raise Unresolved("too long")
    text = "".join(parts)
    return text if known else Symbol(text)


def word(text: str, most: int = 100) -> str:
    """A text as a name that AWS accepts: what stands for an unknown value must not be complained about."""
    bare = re.sub(r"\$\{|\}", "", text)
    return re.sub(r"[^A-Za-z0-9.@_]+", "-", bare).strip("-.")[:most] or "unknown"
