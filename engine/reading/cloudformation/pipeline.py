"""A pipeline resource in AWS's long form: PascalCase becomes camelCase, functions become what they amount to.

AWS's own shape of a declaration leads the way down; every part remembers where the template has it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.attributes import name_of
from engine.reading.cloudformation.scope import Resource, Scope
from engine.reading.cloudformation.text import written
from engine.reading.declaration_shape import PIPELINE
from engine.reading.problem import Path, Problem
from engine.reading.scalars import Plain, Symbolic, text_of
from engine.reading.shape import Kind, Many, Struct, Table, Text, Whole

_OWN = ("Tags", "DisableInboundStageTransitions", "RestartExecutionOnUpdate", "ArtifactStores")
"""Properties that the API does not have, or not in this form."""


@dataclass(slots=True)
class Written:
    """One pipeline, and where each part of it was written. `notes` say which parameters a part was made of."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Path] = field(default_factory=dict)
    notes: dict[Path, str] = field(default_factory=dict)
    tags: list[Any] | None = None
    transitions: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_pipeline(scope: Scope, resource: Resource) -> Written:
    """The long form of a pipeline resource."""
    written_ = Written()
    reader = _Reader(scope, written_)
    properties, at = scope.settle(resource.properties, resource.at)
    data = reader.read(PIPELINE, properties, at, ())
    if isinstance(data, dict):
        written_.data = data
        if "name" not in data:
            data["name"] = name_of(scope, resource)
            written_.origins["name",] = resource.at
        reader.own_properties(properties, at)
    return written_


class _Reader:
    """Walks down one pipeline."""

    def __init__(self, scope: Scope, found: Written) -> None:
        self._scope = scope
        self._found = found

    def read(self, kind: Kind, value: Any, at: Path, to: Path) -> Any:
        """A settled value in the shape's terms; what is no such shape stays for the checks to refuse."""
        self._found.origins[to] = at
        match kind:
            case Struct() if isinstance(value, dict):
                return self._struct(kind, value, at, to)
            case Many() if isinstance(value, list):
                return self._many(kind, value, at, to)
            case Table():
                return self._table(kind, value, at, to)
            case Text() | Whole():
                if isinstance(value, Symbolic) and to[-2:] == ("actionTypeId", "version"):
                    return "1"  # AWS's own types have no other
                return self._scalar(kind, value, at)
        if isinstance(value, Symbolic):
            self._lacking(value, at)
            return NO_VALUE
        return self._scope.plain(value, at)

    def own_properties(self, properties: Any, at: Path) -> None:
        """What only CloudFormation has: stores as a list, tags, disabled transitions."""
        stores, place = self._scope.member(properties, "ArtifactStores", at)
        if stores is not NO_VALUE:
            self._stores(stores, place)
        tags, place = self._scope.member(properties, "Tags", at)
        if isinstance(tags, list):
            self._found.origins["..", "tags"] = place
            rows = self._scope.plain(tags, place)
            self._found.tags = [_lowered(row) if isinstance(row, dict) else row for row in rows]
        disabled, place = self._scope.member(properties, "DisableInboundStageTransitions", at)
        for row, here in self._scope.items(disabled, place) if isinstance(disabled, list) else ():
            stage, reason = (written(self._scope.member(row, key, here)[0]) or "" for key in ("StageName", "Reason"))
            if stage:
                self._found.transitions[stage] = reason

    def _stores(self, stores: Any, at: Path) -> None:
        if not isinstance(stores, list):
            self._found.data["artifactStores"] = stores
            self._found.origins["artifactStores",] = at
            return
        found: dict[str, Any] = {}
        self._found.origins["artifactStores",] = at
        for row, place in self._scope.items(stores, at):
            region = written(self._scope.member(row, "Region", place)[0]) or ""
            store, here = self._scope.member(row, "ArtifactStore", place)
            if store is not NO_VALUE:
                kind = PIPELINE.fields["artifactStore"]
                found[region] = self.read(kind, store, here, ("artifactStores", region))
        self._found.data["artifactStores"] = found

    def _struct(self, kind: Struct, value: dict[str, Any], at: Path, to: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item, place in self._scope.entries(value, at):
            if not to and key in _OWN:
                continue
            if key in kind.fields:
                self._miswritten(key, place)
                continue
            name = key[:1].lower() + key[1:]
            known = name in kind.fields
            inner = self._member(kind.fields[name], item, place, (*to, name)) if known else self._unknown(item, place)
            if inner is not NO_VALUE:
                found[name if known else key] = inner
                if not known:
                    self._found.origins[*to, key] = place
        return found

    def _miswritten(self, key: str, place: Path) -> None:
        """Refuse the API's spelling of a property."""
        message = f"Properties validation failed: extraneous key [{key}] is not permitted"
        hint = f"in a template it is {key[:1].upper() + key[1:]!r}"
        self._found.problems.append(Problem("GR202", place, message, hint, exception="ValidationError", key=True))

    def _unknown(self, item: Any, place: Path) -> Any:
        if isinstance(place[-1], str) and place[-1].startswith("Fn::"):
            self._scope.complain(place, f"{place[-1]} is not evaluated here", "what it adds is left out")
            return NO_VALUE
        return self._scope.plain(item, place)

    def _member(self, kind: Kind, item: Any, at: Path, to: Path) -> Any:
        self._scope.used.clear()
        value, place = self._scope.settle(item, at)
        if value is NO_VALUE:
            return NO_VALUE
        if self._scope.used:
            self._found.notes[to] = ", ".join(dict.fromkeys(self._scope.used))
        return self.read(kind, value, place, to)

    def _many(self, kind: Many, value: list[Any], at: Path, to: Path) -> list[Any]:
        found: list[Any] = []
        for number, item in enumerate(value):
            inner = self._member(kind.item, item, (*at, number), (*to, len(found)))
            if inner is not NO_VALUE:
                found.append(inner)
        return found

    def _table(self, kind: Table, value: Any, at: Path, to: Path) -> Any:
        if isinstance(value, str) and value.lstrip().startswith("{"):  # a configuration as JSON text
            try:
                return {key: text_of(item) or json.dumps(item) for key, item in json.loads(value).items()}
            except ValueError:
                return value
        if not isinstance(value, dict):
            return self._scope.plain(value, at)
        found: dict[str, Any] = {}
        for key, item, place in self._scope.entries(value, at):
            inner = self._member(kind.value, item, place, (*to, key))
            if inner is not NO_VALUE and inner is not None:
                found[key] = inner
        return found

    def _scalar(self, kind: Text | Whole, value: Any, at: Path) -> Any:
        if isinstance(value, Symbolic):
            if isinstance(kind, Whole):
                return NO_VALUE
            if kind.choices:
                self._lacking(value, at)
                return NO_VALUE
            return value
        text = written(value)
        if text is None:
            return self._scope.plain(value, at)
        if not text and self._scope.used:  # a default of nothing: whoever uses the template must say more
            value = Symbolic(self._scope.used[0])
            self._scope.needs(value, at)
            return self._scalar(kind, value, at)
        return Plain(text) if isinstance(kind, Whole) else text  # CloudFormation takes numbers in quotes, too

    def _lacking(self, value: Symbolic, at: Path) -> None:
        """Say that nothing can be made of the pipeline without a value."""
        name = value.names[0]
        hint = f"give it one with --parameter {name}=VALUE"
        if name not in self._scope.values.declared:
            hint = "write the value out, or save what AWS has with `aws codepipeline get-pipeline`"
        message = f"the pipeline depends on {name} here, and nothing gives it a value"
        self._found.problems.append(Problem("GR123", at, message, hint))


def _lowered(row: dict[str, Any]) -> dict[str, Any]:
    return {(key[:1].lower() + key[1:] if key in ("Key", "Value") else key): item for key, item in row.items()}
