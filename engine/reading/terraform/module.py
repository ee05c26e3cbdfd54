"""A module: its variables, locals, resources and the modules that it calls."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path as File

from engine.reading.given import Given
from engine.reading.terraform.evaluate import Budget, Scope
from engine.reading.terraform.files import Declared, Texts, assignments, automatic, blocks
from engine.reading.terraform.functions import Files
from engine.reading.terraform.hcl import read_template
from engine.reading.terraform.parts import Part
from engine.reading.terraform.resources import NOWHERE, Copy, Resource, Several, copies, resources
from engine.reading.terraform.syntax import Expression
from engine.reading.terraform.types import converted, from_text
from engine.reading.terraform.values import Lazy, Symbol, Unresolved, Value

_DEEPEST = 8
_MODULE = 200
"""What a use of a module costs, in steps."""
MOST = 300
"""Resources of one type that are looked at: to parse each takes its time."""


@dataclass(eq=False, slots=True)
class World:
    """What every module of a configuration shares. `least`: there is one at least of each pipeline, whatever counts."""

    root: File
    texts: Texts
    given: Given
    budget: Budget = field(default_factory=Budget)
    least: bool = False


@dataclass(eq=False, slots=True)
class Module(Lazy):
    """One use of a module. `supplied` are the values that its caller gives, None for the root; `above` leads to it."""

    world: World
    directory: File
    prefix: str = ""
    supplied: Part | None = None
    above: tuple[File, ...] = ()
    _scope: Scope | None = None
    _known: dict[tuple[str, ...], Value] = field(default_factory=dict)
    _busy: set[tuple[str, ...]] = field(default_factory=set)
    _given: dict[str, Value] | None = None

    @property
    def scope(self) -> Scope:
        """What names mean in this module."""
        if self._scope is None:
            path = os.path.relpath(self.directory, self.world.root)
            names: Mapping[str, Value] = {
                "var": _Names(self, "var"),
                "local": _Names(self, "local"),
                "module": _Names(self, "module"),
                "data": _Names(self, "data"),
                "resource": _Names(self, "resource"),
                "path": {"module": path, "root": ".", "cwd": str(self.world.root)},
                "terraform": {"workspace": "default"},
            }
            self._scope = Scope(names, Files(self.world.root, self._render, self.world.texts.seen), self.world.budget)
        return self._scope

    def attribute(self, name: str) -> Value:
        """An output."""
        for declared in self.declared("output", name):
            return Part(declared.block.body, self.scope, declared.block.at).value("value")
        raise Unresolved(name)

    def declared(self, kind: str, *labels: str) -> Iterator[Declared]:
        """The blocks of a kind."""
        return blocks(self.world.texts.of(self.directory), kind, *labels)

    def resources(self, kind: str, *, data: bool = False) -> Iterator[Resource]:
        """Every resource (or data source) of a type, in this module alone, in the order of the files."""
        block = "data" if data else "resource"
        for declared in islice(self.declared(block, kind), MOST):
            found = self.named(block, *declared.block.labels[:2])
            yield from (
                (each for _, each in found.found if isinstance(each, Resource)) if isinstance(found, Several) else ()
            )

    def every(self, kind: str, *, data: bool = False) -> Iterator[Resource]:
        """The same in this module and in all that it calls, directly or not."""
        for module in self.all():
            yield from module.resources(kind, data=data)

    def all(self) -> Iterator[Module]:
        """The module and all that it calls, directly or not."""
        yield self
        for each in self.calls():
            yield from each.all()

    def calls(self) -> Iterator[Module]:
        """Every module of this repository that it calls."""
        for declared in self.declared("module"):
            found = self.named("module", *declared.block.labels[:1])
            yield from (
                (each for _, each in found.found if isinstance(each, Module)) if isinstance(found, Several) else ()
            )

    def named(self, *path: str) -> Value:
        """What ``var.x``, ``local.x``, ``module.x`` or a resource is. Raises `Unresolved`."""
        if path not in self._known:
            if path in self._busy:
                raise Unresolved("it depends on itself")
            self._busy.add(path)
            try:
                self._known[path] = self._find(*path)
            finally:
                self._busy.discard(path)
        return self._known[path]

    def _find(self, kind: str, *labels: str) -> Value:
        if kind == "var":
            return self._variable(labels[0])
        if kind == "local":
            return self._local(labels[0])
        for declared in self.declared(kind, *labels):
            if kind == "module":
                return self._call(declared)
            least = self.world.least and labels[0] == "aws_codepipeline"
            return resources(declared, self.scope, self.prefix, self.world.given, least=least)
        if kind == "data" and (known := self._undeclared(labels[0])) is not None:
            return known
        return Symbol(f"${{{'.'.join((kind, *labels) if kind != 'resource' else labels)}}}")

    def _undeclared(self, kind: str) -> Value:
        """A data source of the account may stand in a file that is not here."""
        from engine.reading.terraform.computed import data_of_account

        return data_of_account(kind, self.world.given) or None

    def _variable(self, name: str) -> Value:
        declared = next(self.declared("variable", name), None)
        part = None if declared is None else Part(declared.block.body, self.scope, declared.block.at)
        kind = part.setting("type") if part else None
        value = self._value_given(name, kind.value if kind else None)
        if value is None and part is not None and "default" in part.body.settings:
            value = part.value("default")
            if value is None:
                return None
        if value is None:
            return Symbol(f"${{var.{name}}}")
        return converted(value, kind.value, self.scope) if kind else value

    def _value_given(self, name: str, kind: Expression | None) -> Value:
        if self.supplied is not None:
            return self.supplied.value(name)
        given = self.world.given.parameters.get(name)
        if given is not None:
            return from_text(given, kind, self.scope)
        if self._given is None:
            self._given = dict(self._from_files())
        return self._given.get(name)

    def _from_files(self) -> Iterator[tuple[str, Value]]:
        files = [*automatic(self.directory), *self.world.given.files]
        for file in files:
            if file.name.endswith((".tfvars", ".tfvars.json", ".json")):
                self.world.texts.seen.add(file)
                for name, setting in assignments(file).items():
                    yield name, self.scope.value(setting.value)

    def _local(self, name: str) -> Value:
        for declared in self.declared("locals"):
            setting = declared.block.body.settings.get(name)
            if setting is not None:
                return self.scope.value(setting.value)
        return Symbol(f"${{local.{name}}}")

    def _call(self, declared: Declared) -> Value:
        block = declared.block
        part = Part(block.body, self.scope, block.at)
        source = part.value("source")
        address = f"{self.prefix}module.{block.labels[0]}"
        place = self.directory / source if isinstance(source, str) and source.startswith((".", "/")) else None
        if place is None or not place.is_dir() or len(self.above) >= _DEEPEST:
            return Symbol(f"${{module.{block.labels[0]}}}")
        directory = File(os.path.normpath(place))
        if directory in self.above or directory == self.directory:
            return Symbol(f"${{module.{block.labels[0]}}}")
        found: list[tuple[Copy, Lazy]] = []
        for copy in copies(part, least=self.world.least):
            supplied = Part(block.body, copy.scope, block.at, copy.open)
            prefix = f"{address}." if copy.key is None else f"{address}[{copy.key!s}]."
            self.world.budget.spend(_MODULE)
            found.append((copy, Module(self.world, directory, prefix, supplied, (*self.above, self.directory))))
        names = block.body.settings
        return Several("count" if "count" in names else "for_each" if "for_each" in names else "one", found)

    def _render(self, text: str, values: dict[str, Value]) -> Value:
        expression = read_template(text, NOWHERE)
        return self.scope.having(values).value(expression)


@dataclass(eq=False, slots=True)
class _Names(Lazy):
    """``var``, ``local``, ``data`` and so on: what stands after the first period. `first` is a type already named."""

    module: Module
    kind: str
    first: str = ""

    def attribute(self, name: str) -> Value:
        """The value, or, of resources, the names of a type."""
        if self.kind in ("data", "resource") and not self.first:
            return _Names(self.module, self.kind, name)
        return self.module.named(self.kind, *((self.first, name) if self.first else (name,)))
