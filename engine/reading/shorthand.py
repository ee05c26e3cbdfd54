"""The local shorthand: a pipeline for people without an AWS account, expanded to AWS's long form.

What is already long stays untouched, so this runs over every definition. Each part of the long form remembers where
it was written (`Expanded.origin`), so that later checks can point at the user's own line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.reading.placeholders import BRANCH, CONNECTION, REPOSITORY
from engine.reading.problem import OF_KEY, Path, Problem
from engine.reading.scalars import text_of
from engine.reading.short_action import ACTION_KEYS, ShortAction
from engine.reading.wiring import wire

_STAGE_KEYS = frozenset({"name", "blockers", "beforeEntry", "onSuccess", "onFailure"})
_ACCOUNT_KEYS = ("roleArn", "artifactStore", "artifactStores")


@dataclass(slots=True)
class Expanded:
    """The long form. `origins` maps its parts to where they were written; `problems` have paths of the long form."""

    data: Any
    origins: dict[Path, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    short: bool = False

    def origin(self, path: Path) -> Path:
        """Where a part of the long form was written."""
        for length in range(len(path), -1, -1):
            if (start := self.origins.get(path[:length])) is not None:
                return (*start, *path[length:])
        return path


def is_local(pipeline: dict[str, Any]) -> bool:
    """Whether a definition names neither a role nor an artifact store, so that none is demanded."""
    return not any(key in pipeline for key in _ACCOUNT_KEYS)


def expand(pipeline: dict[str, Any], *, default_name: str, local: bool) -> Expanded:
    """The long form of a definition."""
    expanded = Expanded(dict(pipeline))
    if local and "name" not in pipeline:
        expanded.data["name"] = default_name
    _variables(expanded)
    stages = pipeline.get("stages")
    if isinstance(stages, (dict, list)):
        _stages(expanded, stages, local)
    if (expanded.short or local) and "pipelineType" not in pipeline:
        expanded.data["pipelineType"] = "V2"
    return expanded


def _variables(expanded: Expanded) -> None:
    """A mapping of names to values becomes AWS's list."""
    given = expanded.data.get("variables")
    if not isinstance(given, dict):
        return
    expanded.short = True
    rows: list[dict[str, Any]] = []
    for number, (name, value) in enumerate(given.items()):
        expanded.origins["variables", number] = ("variables", name)
        expanded.origins["variables", number, "name"] = ("variables", name, OF_KEY)
        if not isinstance(value, dict):
            expanded.origins["variables", number, "defaultValue"] = ("variables", name)
        rows.append({"name": name, **(value if isinstance(value, dict) else {"defaultValue": value})})
    expanded.data["variables"] = rows


def _stages(expanded: Expanded, stages: dict[str, Any] | list[Any], local: bool) -> None:
    written = list(_entries(stages))
    rows: list[Any] = []
    for name, value, origin in written:
        path: Path = ("stages", len(rows))
        expanded.origins[path] = ("stages", *origin)
        rows.append(_stage(expanded, name, value, path, ("stages", *origin)))
    if isinstance(stages, dict):
        expanded.short = True
    if local and rows and not _has_source(rows):
        _add_source(expanded, rows)
    expanded.data["stages"] = rows
    wire(rows, expanded.problems)


def _entries(stages: dict[str, Any] | list[Any]) -> list[tuple[str | None, Any, Path]]:
    """Name, value and place of each stage. In a list a stage may be ``{Name: ...}``."""
    if isinstance(stages, dict):
        return [(name, value, (name,)) for name, value in stages.items()]
    found: list[tuple[str | None, Any, Path]] = []
    for number, item in enumerate(stages):
        if isinstance(item, dict) and len(item) == 1 and not item.keys() & {"name", "actions"}:
            name, value = next(iter(item.items()))
            found.append((name, value, (number, name)))
        else:
            found.append((None, item, (number,)))
    return found


def _stage(expanded: Expanded, name: str | None, value: Any, path: Path, origin: Path) -> Any:
    """One stage in the long form."""
    if name is None and not isinstance(value, dict):
        return value
    if name is not None:
        expanded.origins[*path, "name"] = (*origin, OF_KEY)
    stage: dict[str, Any] = {} if name is None else {"name": name}
    actions, place = value, origin
    if isinstance(value, dict) and "actions" in value:
        stage |= value
        actions, place = value["actions"], (*origin, "actions")
    elif isinstance(value, dict) and value.keys() & ACTION_KEYS:
        stage |= {key: item for key, item in value.items() if key in _STAGE_KEYS}
        actions = {key: item for key, item in value.items() if key not in _STAGE_KEYS}
    elif name is None:
        return value
    expanded.short = expanded.short or name is not None
    if _is_commands(actions) or (isinstance(actions, dict) and actions.keys() & ACTION_KEYS):
        actions = {text_of(stage.get("name")) or "": actions}
        expanded.origins[*path, "actions", 0] = place
        expanded.origins[*path, "actions", 0, "name"] = (*origin, OF_KEY if name is not None else "name")
    stage["actions"] = _actions(expanded, actions, (*path, "actions"), place)
    return stage


def _is_commands(value: Any) -> bool:
    """Text, or a list of nothing but text, is what to run."""
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
    )


def _actions(expanded: Expanded, actions: Any, path: Path, origin: Path) -> Any:
    """The actions of one stage, from a list or a mapping."""
    if not isinstance(actions, (dict, list)):
        return actions
    entries = list(_entries(actions)) if isinstance(actions, list) else _mapping_entries(actions)
    rows: list[Any] = []
    for name, value, place in entries:
        here = (*path, len(rows))
        expanded.origins.setdefault(here, (*origin, *place))
        if name is not None:
            expanded.origins.setdefault((*here, "name"), (*origin, *place, OF_KEY))
        action = ShortAction(here, expanded.origins[here], expanded.origins, expanded.problems)
        expanded.short = expanded.short or name is not None or not _is_long(value)
        rows.append(value if name is None and _is_long(value) else action.expand(name, value))
    return rows


def _mapping_entries(actions: dict[str, Any]) -> list[tuple[str | None, Any, Path]]:
    return [(name, value, (name,)) for name, value in actions.items()]


def _is_long(value: Any) -> bool:
    """Whether an action is written as AWS has it; then nothing is added to it."""
    return not isinstance(value, (dict, str, list)) or (
        isinstance(value, dict) and isinstance(value.get("actionTypeId"), dict)
    )


def _has_source(stages: list[Any]) -> bool:
    for stage in stages:
        actions = stage.get("actions") if isinstance(stage, dict) else None
        for action in actions if isinstance(actions, list) else ():
            kind = action.get("actionTypeId") if isinstance(action, dict) else None
            if isinstance(kind, dict) and kind.get("category") == "Source":
                return True
    return False


def _add_source(expanded: Expanded, rows: list[Any]) -> None:
    """The working directory, as the first stage. Everything else moves one place down."""
    taken = [stage.get("name") for stage in rows if isinstance(stage, dict)]
    name = next(each for each in ("Source", "Sources", "Checkout", "WorkingDirectory") if each not in taken)
    kind = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}
    action = {
        "name": "Source",
        "actionTypeId": kind,
        "configuration": {"ConnectionArn": CONNECTION, "FullRepositoryId": REPOSITORY, "BranchName": BRANCH},
        "outputArtifacts": [{"name": "Source"}],
        "namespace": "SourceVariables",
    }
    moved = {_moved(path): origin for path, origin in expanded.origins.items()}
    expanded.origins.clear()
    expanded.origins.update(moved)
    expanded.origins["stages", 0] = ("stages",)
    expanded.problems[:] = [_moved_problem(problem) for problem in expanded.problems]
    rows.insert(0, {"name": name, "actions": [action]})
    expanded.short = True


def _moved(path: Path) -> Path:
    if path[:1] == ("stages",) and len(path) > 1 and isinstance(path[1], int):
        return ("stages", path[1] + 1, *path[2:])
    return path


def _moved_problem(problem: Problem) -> Problem:
    from dataclasses import replace

    return replace(problem, path=_moved(problem.path))
