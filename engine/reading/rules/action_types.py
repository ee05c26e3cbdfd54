"""Action types: which there are, and how many artifacts each takes and makes."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.catalog import ActionTypeSpec, Bounds, all_types
from engine.reading.outline import Action, Outline
from engine.reading.problem import Path, Problem, nearest
from engine.reading.rules.rule import ACTION, found, rule
from engine.reading.scalars import Symbolic


@rule("GR312", "the action type exists", ACTION)
def known(pipeline: Outline) -> Iterator[Problem]:
    """Action types that AWS does not have."""
    for action in pipeline.actions:
        if action.typed and action.spec is None and not isinstance(action.provider, Symbolic):
            yield _unknown(action)


def _unknown(action: Action) -> Problem:
    path, hint, certain = _mend(action)
    message = (
        f"ActionType (Category: '{action.category}', Provider: '{action.provider}', Owner: '{action.owner}',"
        f" Version: '{action.version}') in action '{action.name}' is not available"
    )
    return found((*action.path, "actionTypeId", *path), message, hint, certain=certain)


def _mend(action: Action) -> tuple[Path, str, bool]:
    """Which part of the type is wrong, what to write instead, and whether that is sure."""
    same = [spec for spec in all_types() if spec.provider == action.provider]
    if exact := _first(same, category=action.category, owner=action.owner):
        return ("version",), f"its version is '{exact.version}'", True
    if other := _first(same, category=action.category):
        return ("owner",), f"the owner of {action.provider} is {other.owner}", True
    if other := _first(same, owner=action.owner):
        categories = " or ".join(spec.category for spec in same)
        return ("category",), f"{action.provider} is a {categories} action", True
    names = [spec.provider for spec in all_types() if spec.category == action.category]
    if match := nearest(action.provider, names):
        return ("provider",), f"did you mean {match!r}?", True
    # AWS adds types from time to time, and third parties theirs: what is not known here may well exist.
    return ("provider",), "not a type known here: it is shown, not run; a type of your own has the owner Custom", False


def _first(specs: list[ActionTypeSpec], *, category: str = "", owner: str = "") -> ActionTypeSpec | None:
    return next(
        (spec for spec in specs if category in ("", spec.category) and owner in ("", spec.owner)),
        None,
    )


@rule("GR313", "an action has as many input and output artifacts as its type allows", ACTION)
def artifact_counts(pipeline: Outline) -> Iterator[Problem]:
    """Too few or too many artifacts."""
    for action in pipeline.actions:
        if action.spec is not None:
            yield from _count(action, action.spec, "input", len(action.inputs), action.spec.inputs)
            yield from _count(action, action.spec, "output", len(action.outputs), action.spec.outputs)


def _count(action: Action, spec: ActionTypeSpec, kind: str, count: int, bounds: Bounds) -> Iterator[Problem]:
    if count in bounds:
        return
    key = f"{kind}Artifacts"
    word, limit = (
        ("less than the minimum", bounds.least) if count < bounds.least else ("more than the maximum", bounds.most)
    )
    message = f"Action {action.name} declares {count} {kind} artifacts which is {word} count ({limit})"
    few = f"add {key}" if key not in action.data else f"name {limit} in {key}"
    hint = few if count < bounds.least else (f"remove {key}" if not limit else f"keep {limit}")
    there = key in action.data
    path: Path = (*action.path, key) if there else (*action.path, "name")
    yield found(path, message, hint, key=there, certain=spec.settled)
