"""Terraform's language as a tree: blocks, attributes, expressions, each with its place and its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.reading.problem import Place


@dataclass(frozen=True, slots=True)
class Expression:
    """Base of every expression. `text` is how it was written."""

    at: Place
    text: str


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A number, text, truth value or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template(Expression):
    """Text with expressions in it, joined."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """The first word of a reference."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Expression):
    """``of.name``"""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """``of[key]``"""

    of: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Splat(Expression):
    """``of[*]`` and ``of.*``; `each` is what follows, applied to a `Name` called ``*``."""

    of: Expression
    each: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function call; `spread`: its last argument is a list of arguments."""

    function: str
    arguments: tuple[Expression, ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """One or two operands."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Choice(Expression):
    """``condition ? yes : no``, and ``%{ if }`` in text."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class ListOf(Expression):
    """``[a, b]``"""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf(Expression):
    """``{ key = value }``"""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class For(Expression):
    """``[for k, v in over : value if condition]``; with `key` it makes a mapping, with `joined` text."""

    names: tuple[str, str]
    over: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """``name = value`` in a block. `at` is the place of the name."""

    name: str
    value: Expression
    at: Place


@dataclass(slots=True)
class Body:
    """What stands between the braces of a block, or in a file."""

    settings: dict[str, Setting] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Block]:
        """The blocks of one kind, in order."""
        return (block for block in self.blocks if block.kind == kind)


@dataclass(frozen=True, slots=True)
class Block:
    """``kind "label" { body }``"""

    kind: str
    labels: tuple[str, ...]
    body: Body
    at: Place
