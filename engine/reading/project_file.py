"""`greenroom.yaml`: found, read, checked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.diagnostics import Diagnostic, Severity
from engine.model.project import ProjectFile
from engine.reading.problem import Path as Where
from engine.reading.problem import Problem, did_you_mean
from engine.reading.scalars import kind_of
from engine.reading.source import read
from engine.reading.starts import wrong_starts

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

NAMES = ("greenroom.yaml", "greenroom.yml")
_MOST = 200
"""Problems of one file that are told."""
_TEXTS = frozenset({"environment", "parameters", "secrets", "variables", "buckets"})
_UNIONS = frozenset({"SourceSettings", "str"})


def find_project(directory: Path) -> Path | None:
    """The project file of a directory."""
    return next((directory / name for name in NAMES if (directory / name).is_file()), None)


def load_project(directory: Path) -> tuple[ProjectFile, list[Diagnostic]]:
    """The project's settings and what is wrong with them. Without a file, or with errors in it: the defaults."""
    file = find_project(directory)
    return (ProjectFile(), [*_no_files(directory)]) if file is None else load_project_file(file)


def _no_files(directory: Path) -> Iterator[Diagnostic]:
    """What has the name, and could be meant, but is no file: a directory, a pipe, a link that leads nowhere."""
    for place in (directory / name for name in NAMES):
        if os.path.lexists(place):
            yield Diagnostic("GR101", "this is no file", "make it one, or take it away", Severity.ERROR, place)


def load_project_file(file: Path) -> tuple[ProjectFile, list[Diagnostic]]:
    """The same for one file."""
    source = read(file)
    diagnostics = [found for found in source.problems if found.code != "GR109"]  # an empty one is all defaults
    diagnostics += [source.diagnose(problem) for problem in _beside(file)]
    if not source.documents or any(found.severity is Severity.ERROR for found in diagnostics):
        return ProjectFile(), diagnostics
    project, problems = _validate(source.documents[0].data)
    diagnostics += [source.diagnose(problem, source.documents[0].number) for problem in problems]
    diagnostics.sort(key=lambda found: (found.line, found.column))
    return project, diagnostics


def project_schema() -> dict[str, Any]:
    """The JSON Schema of `greenroom.yaml`, for editors."""
    schema = ProjectFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "greenroom.yaml"
    return schema


def _beside(file: Path) -> Iterator[Problem]:
    other = next((file.with_name(name) for name in NAMES if name != file.name), file)
    if file.name == NAMES[0] and other.is_file():
        message = f"{other.name} stands beside it and is not read"
        yield Problem("GR405", (), message, "keep one of the two", Severity.WARNING)


def _validate(data: Any) -> tuple[ProjectFile, list[Problem]]:
    from pydantic import ValidationError

    if not isinstance(data, dict):
        problem = Problem("GR402", (), f"a mapping of settings is expected, not {kind_of(data)}")
        return ProjectFile(), [problem]
    try:
        project = ProjectFile.model_validate(_filled(data, texts=False))
    except ValidationError as error:
        return ProjectFile(), list(_problems(error, data))
    try:
        assert project.max_bytes >= 0
    except ValueError as error:
        return ProjectFile(), [Problem("GR404", ("max-size",), str(error))]
    if wrong := [*_misspelt(project), *wrong_starts(project)]:
        return ProjectFile(), wrong
    return project, []


def _misspelt(project: ProjectFile) -> Iterator[Problem]:
    for index, rule in enumerate(project.notifications):
        for at in rule.misspelt:
            message = f"{rule.events[at]!r} is nothing that can happen"
            hint = "write LEVEL.STATE: pipeline.FAILED, stage.*, action.SUCCEEDED, approval.NEEDED"
            yield Problem("GR407", ("notifications", index, "events", at), message, hint)


def _filled(data: dict[str, Any], *, texts: bool) -> dict[str, Any]:
    """Without keys that have no value; where values are texts, nothing is the empty text."""
    filled: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            filled[key] = _filled(value, texts=key in _TEXTS and not texts)
        elif value is not None:
            filled[key] = ("true" if value else "false") if texts and isinstance(value, bool) else value
        elif texts:
            filled[key] = ""
    return filled


def _problems(error: ValidationError, data: dict[str, Any]) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_context=True, include_input=False)[:_MOST]:
        path, value = _locate(detail, data)
        if path is not None:
            yield _problem(detail, path, value)


def _locate(detail: ErrorDetails, data: Any) -> tuple[Where | None, Any]:
    """The path in the file, None for the branch of a union that was not meant."""
    path: list[str | int] = []
    value = data
    for step in detail["loc"]:
        if step in _UNIONS and not (isinstance(value, dict) and step in value):
            if (step == "str") == isinstance(value, dict):
                return None, None
            continue
        path.append(step)
        known = isinstance(value, dict) and step in value
        known = known or (isinstance(value, list) and isinstance(step, int) and step < len(value))
        value = value[step] if known else None
    return tuple(path), value


def _problem(detail: ErrorDetails, path: Where, value: Any) -> Problem:
    kind, name = detail["type"], ".".join(str(step) for step in path)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), _known(path[:-1]), "`greenroom schema` lists every key")
        return Problem("GR401", path, f"unknown key {path[-1]!r}", hint, key=True)
    if kind == "missing":
        return Problem("GR402", path[:-1], f"{name} is missing", f"add {path[-1]!r}")
    message = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    if kind == "literal_error":
        expected = str(detail.get("ctx", {}).get("expected", ""))
        choices = expected.replace("'", "").replace(" or ", ", ").split(", ")
        hint = did_you_mean(str(value), choices, f"one of {', '.join(choices)}")
        return Problem("GR402", path, f"{name} must be one of {', '.join(choices)}, not {str(value)!r}", hint)
    code = "GR403" if kind.startswith(("greater", "less")) else "GR402"
    return Problem(code, path, f"{name} must be {message}, not {_shown(value)}")


def _shown(value: Any) -> str:
    return repr(str(value)) if isinstance(value, str) else kind_of(value)


def _known(path: Where) -> list[str]:
    """The keys that a section of the schema knows."""
    schema = _schema()
    node = schema
    for step in path:
        node = _section(schema, node)
        node = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
    return list(_section(schema, node).get("properties", {}))


@cache
def _schema() -> dict[str, Any]:
    return ProjectFile.model_json_schema()


def _section(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The section that a schema node refers to, through references and alternatives."""
    for each in (node, *node.get("anyOf", ()), *node.get("allOf", ())):
        if "$ref" in each:
            found = schema["$defs"][each["$ref"].rsplit("/", 1)[-1]]
            return found if isinstance(found, dict) else {}
    return node
