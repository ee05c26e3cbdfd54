"""Triggers: which source they belong to, and which filters go together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline
from engine.reading.problem import Path, Problem, did_you_mean
from engine.reading.rules.rule import STRUCTURE, found, rule

_LARGEST = 200 * 1024
_COMBINATION = (
    "The trigger configuration for the source action is not valid. Make sure to choose valid filter combinations."
)


def _triggers(pipeline: Outline) -> Iterator[tuple[Path, dict[str, Any]]]:
    for number, trigger in enumerate(pipeline.data.get("triggers", ())):
        yield ("triggers", number, "gitConfiguration"), trigger.get("gitConfiguration", {})


@rule("GR342", "a trigger belongs to a source action with a connection", STRUCTURE)
def source(pipeline: Outline) -> Iterator[Problem]:
    """Triggers of other actions, or of none."""
    sources = [action.name for action in pipeline.actions if action.provider == "CodeStarSourceConnection"]
    for path, git in _triggers(pipeline):
        name = git.get("sourceActionName", "")
        if name and name not in sources:
            message = f"Triggers for connection must reference a CodeStarSourceConnection action: {name} is none"
            otherwise = f"such actions: {', '.join(sources)}" if sources else "this pipeline has no such action"
            yield found((*path, "sourceActionName"), message, did_you_mean(name, sources, otherwise))


@rule("GR343", "a source action has one trigger at most", STRUCTURE)
def one_each(pipeline: Outline) -> Iterator[Problem]:
    """Source actions with several triggers."""
    seen: set[str] = set()
    for path, git in _triggers(pipeline):
        name = git.get("sourceActionName", "")
        if name in seen:
            message = f"You cannot specify more than one trigger per source action: {name} has one already"
            yield found((*path, "sourceActionName"), message, "move its filters into the first one")
        if name:
            seen.add(name)


@rule("GR344", "trigger filters go together", STRUCTURE)
def combinations(pipeline: Outline) -> Iterator[Problem]:
    """Filters that AWS refuses side by side."""
    for path, git in _triggers(pipeline):
        for number, push in enumerate(git.get("push", ())):
            if hint := _push(push):
                yield found((*path, "push", number), _COMBINATION, hint)
        for number, pull in enumerate(git.get("pullRequest", ())):
            if "branches" not in pull:
                yield found((*path, "pullRequest", number), _COMBINATION, "add branches to this pull request filter")


def _push(push: dict[str, Any]) -> str:
    if "tags" in push and ("branches" in push or "filePaths" in push):
        return "tags stand alone: use two elements of push, one for tags and one for branches"
    # The guide lists filePaths only beside branches; templates that are in use have them alone.
    return "" if push.keys() & {"tags", "branches", "filePaths"} else "add tags or branches to this push filter"


@rule("GR345", "no trigger filter is given twice", STRUCTURE, Severity.WARNING)
def duplicates(pipeline: Outline) -> Iterator[Problem]:
    """Equal elements of one list of filters."""
    for path, git in _triggers(pipeline):
        for kind in ("push", "pullRequest"):
            seen: list[Any] = []
            for number, element in enumerate(git.get(kind, ())):
                if element in seen:
                    yield found((*path, kind, number), f"this {kind} filter is given twice", "remove one")
                seen.append(element)


@rule("GR355", "all triggers together are no longer than 200 KB", STRUCTURE)
def together(pipeline: Outline) -> Iterator[Problem]:
    """The triggers as JSON, as AWS measures them."""
    triggers = pipeline.data.get("triggers", ())
    size = len(json.dumps(triggers, separators=(",", ":"), ensure_ascii=False).encode()) if triggers else 0
    if size > _LARGEST:
        message = f"The triggers have {size:,} bytes as JSON, which is more than the maximum ({_LARGEST:,})"
        yield found(("triggers",), message, "use fewer, or shorter, patterns", key=True)
