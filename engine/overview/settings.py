"""Everything that is in force, value by value, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.model.project import ProjectFile
from engine.opening import Opened
from engine.reading.project_file import find_project
from engine.reading.source import read

HIDDEN = "(secret)"
_SECRET = frozenset({"secrets", "parameters"})  # sections whose values are never shown
_SECRET_KEYS = frozenset({"secret"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One value in force. `origin` says where it comes from: ``default``, ``greenroom.yaml``, ``--jobs``, ...

    `file` and `line` are where that stands, if it stands in a file.
    """

    key: str
    value: str
    origin: str
    help: str = ""
    file: Path | None = None
    line: int = 0

    @property
    def is_default(self) -> bool:
        """Whether nobody said anything."""
        return self.origin in ("default", "found here")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands beside the project file: options by key (``jobs``, ``variables.X``) with how they were given."""

    options: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def settings_of(opened: Opened) -> tuple[Setting, ...]:
    """Every setting of a pipeline that is open."""
    values = {
        "pipeline name": opened.declaration.name,
        "definition": str(opened.pipeline.file),
        "directory": str(opened.directory),
    }
    return in_force(opened.project, opened.directory, Given(opened.options.said, values))


def in_force(project: ProjectFile, directory: Path, given: Given) -> tuple[Setting, ...]:
    """Every setting of a project, in the order of the project file's documentation."""
    file = find_project(directory)
    source = read(file) if file else None
    data = source.documents[0].data if source is not None and source.documents else {}
    found: list[Setting] = []
    beside = {"environment": ".env", "secrets": ".secrets", "parameters": ".secrets"}
    for path, value, told in _flat(project, ()):
        key = ".".join(path)
        origin, line = given.options.get(key, ""), 0
        if not origin and _is_in(data, path) and source is not None:
            place = source.place(0, path, key=True)
            origin, line = file.name if file else "", place.line if place else 0
        if not origin and len(path) > 1 and path[0] in beside:
            origin = _beside(directory, beside[path[0]], path[1])
        if not origin and not _is_default(project, path):
            origin = "the definition"  # a template's own view of the same things
        found.append(Setting(key, _shown(path, value), origin or "default", told, file if line else None, line))
    extra = [Setting(key, value, given.options.get(key, "found here")) for key, value in given.values.items()]
    return (*extra, *found)


def _flat(section: BaseModel, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Path, value and help of every value; tables entry by entry, an empty one as itself."""
    for name, info in type(section).model_fields.items():
        path = (*above, info.alias or name)
        yield from _values(path, getattr(section, name), info.description or "")


def _values(path: tuple[str, ...], value: Any, told: str) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    if isinstance(value, BaseModel):
        yield from _flat(value, path)
    elif isinstance(value, dict) and value:
        for name, item in value.items():
            if isinstance(item, BaseModel):
                given = {name: info for name, info in type(item).model_fields.items() if name in item.model_fields_set}
                for field_name, info in given.items():
                    inner = (*path, str(name), info.alias or field_name)
                    yield from _values(inner, getattr(item, field_name), info.description or "")
            else:
                yield (*path, str(name)), item, told
    else:
        yield path, value, told


def _is_in(data: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True


def _beside(directory: Path, name: str, key: str) -> str:
    """The name of a file of values, if it has the key."""
    from engine.reading.env_file import load_env

    file = directory / name
    return name if file.is_file() and key in load_env(file) else ""


def _is_default(project: ProjectFile, path: tuple[str, ...]) -> bool:
    default: Any = ProjectFile()
    value: Any = project
    for step in path:
        if isinstance(value, dict):
            return False
        name = next((n for n, info in type(value).model_fields.items() if (info.alias or n) == step), None)
        if name is None:
            return False
        value, default = getattr(value, name), getattr(default, name)
    return bool(value == default)


def _shown(path: tuple[str, ...], value: Any) -> str:
    if value in (None, "", (), {}, []):
        return ""
    if (path[0] in _SECRET and len(path) > 1) or path[-1] in _SECRET_KEYS:
        return HIDDEN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(_entry(item) for item in value)
    return str(value)


def _entry(item: Any) -> str:
    if not isinstance(item, BaseModel):
        return str(item)
    plain = item.model_dump(exclude_defaults=True, by_alias=True)
    return " ".join(f"{key}={', '.join(map(str, v)) if isinstance(v, tuple | list) else v}" for key, v in plain.items())
