"""Inputs that a short action leaves out: the single artifact of the nearest earlier producer."""

from __future__ import annotations

from typing import Any

from engine.model.catalog import ActionTypeSpec, lookup
from engine.reading.problem import Path, Problem
from engine.reading.scalars import int_of

_WIRED = "__wire"
"""Marks an action that asked for its inputs to be found. Never leaves this package."""


def ask(action: dict[str, Any]) -> None:
    """Have `wire` find the action's inputs."""
    action[_WIRED] = True


def wire(stages: list[Any], problems: list[Problem]) -> None:
    """Give every action that asked for it its input, and CodeBuild with several inputs its primary source."""
    produced: list[tuple[tuple[int, int], str]] = []
    for number, place, action in _in_order(stages):
        order = (number, _run_order(action))
        if action.pop(_WIRED, False):
            _wire_one(action, ("stages", number, "actions", place), order, produced, problems)
        produced += [(order, name) for name in _names(action, "outputArtifacts")]


def _wire_one(
    action: dict[str, Any],
    path: Path,
    order: tuple[int, int],
    produced: list[tuple[tuple[int, int], str]],
    problems: list[Problem],
) -> None:
    spec = _spec(action)
    if "inputArtifacts" not in action and spec is not None and spec.inputs.most and spec.category != "Invoke":
        earlier = [each for each in produced if each[0] < order]
        nearest = max((when for when, _ in earlier), default=None)
        names = [name for when, name in earlier if when == nearest]
        if len(names) == 1:
            action["inputArtifacts"] = [{"name": names[0]}]
        elif names:
            message = f"Action {action.get('name')} could take several artifacts: {', '.join(names)}"
            problems.append(Problem("GR213", path, message, f"say which, e.g. `input: {names[0]}`"))
            action["inputArtifacts"] = [{"name": names[0]}]
    inputs = _names(action, "inputArtifacts")
    if spec is not None and spec.provider == "CodeBuild" and len(inputs) > 1:
        configuration = action.get("configuration")
        if isinstance(configuration, dict):
            configuration.setdefault("PrimarySource", inputs[0])


def _in_order(stages: list[Any]) -> list[tuple[int, int, dict[str, Any]]]:
    """Actions with stage and place, in the order in which they run."""
    found = [
        (number, place, action)
        for number, stage in enumerate(stages)
        if isinstance(stage, dict) and isinstance(stage.get("actions"), list)
        for place, action in enumerate(stage["actions"])
        if isinstance(action, dict)
    ]
    return sorted(found, key=lambda each: (each[0], _run_order(each[2]), each[1]))


def _run_order(action: dict[str, Any]) -> int:
    return int_of(action.get("runOrder")) or 1


def _names(action: dict[str, Any], key: str) -> list[str]:
    items = action.get(key)
    if not isinstance(items, list):
        return []
    return [item["name"] for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)]


def _spec(action: dict[str, Any]) -> ActionTypeSpec | None:
    kind = action.get("actionTypeId")
    if not isinstance(kind, dict):
        return None
    return lookup(*(str(kind.get(part)) for part in ("category", "owner", "provider", "version")))
