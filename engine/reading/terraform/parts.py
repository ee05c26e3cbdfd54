"""Blocks with what their names mean: the body of a resource, and the blocks in it, `dynamic` ones written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.reading.problem import Place
from engine.reading.terraform.evaluate import Scope, symbol
from engine.reading.terraform.json_syntax import bodies
from engine.reading.terraform.syntax import Block, Body, Name, ObjectOf, Setting
from engine.reading.terraform.values import Lazy, Symbol, Unresolved, Value, items_of

_PART = 20
"""What a block of a loop costs, in steps."""


@dataclass(eq=False, slots=True)
class Part(Lazy):
    """A body in its scope.

    `open` is the unknown collection that it stands for all items of, if it does; `guess`: it or a block around it does.
    """

    body: Body
    scope: Scope
    at: Place
    open: Symbol | None = None
    guess: bool = False
    _busy: set[str] = field(default_factory=set)

    def setting(self, name: str) -> Setting | None:
        """How an attribute is written."""
        return self.body.settings.get(name)

    def value(self, name: str) -> Value:
        """The value of an attribute; None where it is not set, a `Symbol` where it is not known."""
        setting = self.body.settings.get(name)
        if setting is None:
            return None
        if name in self._busy:
            return symbol(setting.value)
        self._busy.add(name)
        try:
            value = self.scope.value(setting.value)
            return symbol(setting.value) if self.guess and value == "" else value
        finally:
            self._busy.discard(name)

    def attribute(self, name: str) -> Value:
        """What ``this.name`` is worth. Raises `Unresolved`."""
        if name in self.body.settings:
            return self.value(name)
        parts: list[Value] = [*self.parts(name)]
        if parts:
            return parts
        raise Unresolved(name)

    def mapping(self, name: str) -> dict[str, tuple[Value, Setting]]:
        """A map, with where each of its values is written. Old files write maps like blocks."""
        setting = self.body.settings.get(name)
        if setting is None:
            rows = ((each, part) for part in self.parts(name) for each in part.body.settings.values())
            return {each.name: (part.value(each.name), each) for each, part in rows}
        value = self.value(name)
        if not isinstance(value, dict):
            return {}
        written = {}
        if isinstance(setting.value, ObjectOf):
            written = {str(self.scope.value(key)): Setting(name, item, key.at) for key, item in setting.value.items}
        return {key: (item, written.get(key, setting)) for key, item in value.items()}

    def parts(self, kind: str, *, least: bool = False) -> Iterator[Part]:
        """The blocks of a kind, in order. `least`: a `dynamic` block that makes none is taken for unknown."""
        if kind in self.body.settings:
            setting = self.body.settings[kind]
            for body in bodies(setting.value):
                yield Part(body, self.scope, setting.at, guess=self.guess)
        for block in self.body.blocks:
            if block.kind == kind:
                yield Part(block.body, self.scope, block.at, guess=self.guess)
            elif block.kind == "dynamic" and block.labels == (kind,):
                yield from self._dynamic(block, least=least)

    def _dynamic(self, block: Block, *, least: bool) -> Iterator[Part]:
        setting, named = block.body.settings.get("for_each"), block.body.settings.get("iterator")
        content = next(block.body.of("content"), None)
        if setting is None or content is None:
            return
        name = named.value.name if named and isinstance(named.value, Name) else block.labels[0]
        over = self.scope.value(setting.value)
        if least and not isinstance(over, Symbol) and not _rows(over):
            over = symbol(setting.value)
        unknown = over if isinstance(over, Symbol) else None
        for key, value in [(Symbol(f"${{{name}.key}}"), Symbol(f"${{{name}.value}}"))] if unknown else _rows(over):
            self.scope.budget.spend(_PART)
            scope = self.scope.having({name: {"key": key, "value": value}})
            yield Part(content.body, scope, content.at, unknown, self.guess or unknown is not None)


def _rows(over: Value) -> list[tuple[Value, Value]]:
    try:
        return items_of(over)
    except Unresolved:
        return []
