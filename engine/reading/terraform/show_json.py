"""What `terraform show -json` prints of a plan or a state: the same resources, every value worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from engine.reading._json import JsonPlaces
from engine.reading.foreign import Foreign, Found
from engine.reading.given import Given
from engine.reading.problem import Path, Place, Problem
from engine.reading.scalars import Plain
from engine.reading.source import Source
from engine.reading.terraform.evaluate import Scope
from engine.reading.terraform.functions import Files
from engine.reading.terraform.json_syntax import bodies
from engine.reading.terraform.neighbours import Neighbours
from engine.reading.terraform.pipeline import PipelineWriter
from engine.reading.terraform.resources import Resource
from engine.reading.terraform.syntax import Attribute, Body, Expression, ListOf, Literal, Name, ObjectOf, Setting
from engine.reading.terraform.values import Symbol, Value
from engine.reading.terraform.writer import Spots

_DEEPEST = 200
_AT = Place(1, 1)


def read(data: dict[str, Any], source: Source, given: Given) -> Found:
    """The pipelines of a plan or a state."""
    values = data.get("planned_values") or data.get("values")
    if not isinstance(values, dict) or not isinstance(values.get("root_module"), dict):
        message = "no pipeline: this plan or state declares nothing"
        return Found(problems=(Problem("GR113", (), message, "`terraform show -json FILE` prints one that does"),))
    key = "planned_values" if data.get("planned_values") else "values"
    rows = list(_rows(values["root_module"], (key, "root_module")))
    shown = _Shown(rows, _unknown(data), JsonPlaces(source.text), source.file.absolute().parent, given)
    spots = Spots()
    try:
        pipelines = tuple(shown.pipelines(spots))
    except RecursionError:
        return Found(problems=(Problem("GR107", (), "nested too deep"),))
    if pipelines:
        source.placed(spots)
        return Found(pipelines)
    message = "no pipeline: this plan or state has no resource 'aws_codepipeline'"
    return Found(problems=(Problem("GR113", (), message),))


@dataclass(frozen=True, slots=True)
class _Row:
    """One resource, and where it stands."""

    data: dict[str, Any]
    path: Path


@dataclass(frozen=True, slots=True)
class _Shown:
    """All resources, and by their addresses what of them is known only after an apply."""

    rows: list[_Row]
    unknown: dict[str, Any]
    places: JsonPlaces
    directory: File
    given: Given

    def every(self, kind: str, *, data: bool = False) -> Iterator[Resource]:
        """The resources of one type."""
        for row in self.rows:
            if row.data.get("type") == kind and row.data.get("mode", "managed") == ("data" if data else "managed"):
                yield self._resource(row)

    def _resource(self, row: _Row, *, placed: bool = False) -> Resource:
        address = str(row.data.get("address", ""))
        files = Files(self.directory, lambda text, values: Symbol(text))
        names: dict[str, Value] = {"resource": {}, "after": {"apply": Symbol("${known after apply}")}}
        values = _with_unknown(row.data["values"], self.unknown.get(address))
        path = (*row.path, "values")
        (body,) = bodies(_Reader(self.places if placed else None).expression(values, path)) or [Body()]
        body.settings = {name: setting for name, setting in body.settings.items() if not _is_nothing(setting)}
        name = str(row.data.get("name", ""))
        kind = str(row.data.get("type", ""))
        at = (self.places.place(row.path) if placed else None) or _AT
        return Resource(body, Scope(names, files), at, type=kind, name=name, address=address, given=self.given)

    def pipelines(self, spots: Spots) -> Iterator[Foreign]:
        """Every pipeline, in the long form."""
        for row in self.rows:
            if row.data.get("type") == "aws_codepipeline":
                resource = self._resource(row, placed=True)
                if "role_arn" not in resource.body.settings:
                    resource.body.settings["role_arn"] = Setting("role_arn", _AFTER, resource.at)
                writer = PipelineWriter(resource, spots, set())
                data = writer.write()
                yield Foreign(data, "terraform", writer.writer.origins, Neighbours(self, resource).read())


_AFTER = Attribute(_AT, "known after apply", Name(_AT, "after", "after"), "apply")


def _rows(module: dict[str, Any], path: Path) -> Iterator[_Row]:
    """The resources of a module and of those in it."""
    waiting = [(module, path)]
    while waiting:
        module, path = waiting.pop(0)
        resources = module.get("resources")
        for number, row in enumerate(resources if isinstance(resources, list) else ()):
            if isinstance(row, dict) and isinstance(row.get("values"), dict):
                yield _Row(row, (*path, "resources", number))
        children = module.get("child_modules")
        for number, child in enumerate(children if isinstance(children, list) else ()):
            if isinstance(child, dict):
                waiting.append((child, (*path, "child_modules", number)))


def _unknown(data: dict[str, Any]) -> dict[str, Any]:
    """What a plan does not know yet, by address: ``true`` stands where the value will."""
    changes = data.get("resource_changes")
    found: dict[str, Any] = {}
    for row in changes if isinstance(changes, list) else ():
        if isinstance(row, dict) and isinstance(row.get("change"), dict):
            found[str(row.get("address", ""))] = row["change"].get("after_unknown")
    return found


def _with_unknown(values: Any, unknown: Any) -> Any:
    if unknown is True:
        return _AFTER
    if isinstance(values, dict) and isinstance(unknown, dict):
        missing = {key: _AFTER for key, value in unknown.items() if value is True and values.get(key) is None}
        return {**{key: _with_unknown(value, unknown.get(key)) for key, value in values.items()}, **missing}
    if isinstance(values, list) and isinstance(unknown, list):
        rest = [*unknown, *([None] * len(values))]
        return [_with_unknown(value, rest[number]) for number, value in enumerate(values)]
    return values


class _Reader:
    """Plain data as expressions: nothing in it is a template."""

    def __init__(self, places: JsonPlaces | None) -> None:
        self._places = places

    def expression(self, value: Any, path: Path) -> Expression:
        if isinstance(value, Expression):
            return value
        if len(path) > _DEEPEST:
            raise RecursionError
        at = (self._places.place(path) if self._places else None) or _AT
        if isinstance(value, list):
            return ListOf(at, "[…]", tuple(self.expression(item, (*path, n)) for n, item in enumerate(value)))
        if isinstance(value, dict):
            items = ((Literal(at, key, key), self.expression(item, (*path, key))) for key, item in value.items())
            return ObjectOf(at, "{…}", tuple(items))
        if isinstance(value, Plain):
            return Literal(at, value, float(value) if "." in value or "e" in value else int(value[:18]))
        return Literal(at, str(value), value)


def _is_nothing(setting: Setting) -> bool:
    """A state writes out all that is not set: empty lists of blocks, null, empty texts."""
    value = setting.value
    return (isinstance(value, (ListOf, ObjectOf)) and not value.items) or (
        isinstance(value, Literal) and value.value is None
    )
