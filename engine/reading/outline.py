"""A definition as the structure checks see it: every part with its path, and nothing that can be missing.

The checks must go on where a part is broken, so this is not the model: a name that could not be read is an empty
string, a type that is unknown has no spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.model.catalog import DAY, ActionTypeSpec, Bounds, ConfigurationKey, lookup
from engine.model.project import ActionTypeSettings
from engine.reading.problem import Path


@dataclass(frozen=True, slots=True)
class Named:
    """A name and where it stands."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Action:
    """One action."""

    path: Path
    stage: str
    stage_index: int
    name: str
    category: str
    owner: str
    provider: str
    version: str
    spec: ActionTypeSpec | None
    run_order: int
    configuration: dict[str, str]
    inputs: tuple[Named, ...]
    outputs: tuple[Named, ...]
    namespace: str
    region: str
    data: dict[str, Any]

    @property
    def typed(self) -> bool:
        """Whether all of the action type could be read."""
        return bool(self.category and self.owner and self.provider and self.version)

    def before(self, other: Action) -> bool:
        """Whether this action is certain to have ended before the other starts."""
        return (self.stage_index, self.run_order) < (other.stage_index, other.run_order)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a condition. `slot` is beforeEntry, onSuccess or onFailure."""

    path: Path
    slot: str
    name: str
    provider: str
    result: str
    configuration: dict[str, str]
    inputs: tuple[Named, ...]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. `data` is all of it as read."""

    path: Path
    index: int
    name: str
    actions: tuple[Action, ...]
    data: dict[str, Any]

    @property
    def source(self) -> bool:
        """Whether it is the pipeline's first stage."""
        return self.index == 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole pipeline. `local`: neither role nor artifact store is given, so none is demanded."""

    name: str
    stages: tuple[Stage, ...]
    data: dict[str, Any]
    local: bool
    actions: tuple[Action, ...] = field(default=())

    @property
    def pipeline_type(self) -> str:
        """``V1``, ``V2`` or empty where none is given."""
        return str(self.data.get("pipelineType", ""))

    @property
    def mode(self) -> str:
        """The execution mode in force."""
        return str(self.data.get("executionMode", "SUPERSEDED"))


Types = Mapping[str, ActionTypeSettings]
"""Custom action types that a template or greenroom.yaml declares, by Category/Provider/Version."""


def outline(data: dict[str, Any], *, local: bool, types: Types | None = None) -> Outline:
    """The outline of cleaned data (`engine.reading.shape`)."""
    stages = tuple(_stage(stage, number, types or {}) for number, stage in enumerate(data.get("stages", ())))
    actions = tuple(action for stage in stages for action in stage.actions)
    return Outline(data.get("name", ""), stages, data, local, actions)


def rules_of(stage: Stage) -> list[Rule]:
    """Every rule of a stage's conditions."""
    found: list[Rule] = []
    for slot in ("beforeEntry", "onSuccess", "onFailure"):
        for number, condition in enumerate(stage.data.get(slot, {}).get("conditions", ())):
            for place, rule in enumerate(condition.get("rules", ())):
                path = (*stage.path, slot, "conditions", number, "rules", place)
                found.append(_rule(rule, path, slot, condition.get("result", "")))
    return found


def _stage(data: dict[str, Any], number: int, types: Types) -> Stage:
    path: Path = ("stages", number)
    name = data.get("name", "")
    actions = tuple(
        _action(action, (*path, "actions", place), name, number, types)
        for place, action in enumerate(data.get("actions", ()))
    )
    return Stage(path, number, name, actions, data)


def _spec(category: str, owner: str, provider: str, version: str, types: Types) -> ActionTypeSpec | None:
    """What is known of an action type: of a custom one, what it was declared with."""
    declared = types.get(f"{category}/{provider}/{version}") if owner == "Custom" else None
    if declared is None:
        return lookup(category, owner, provider, version) if category and owner and provider else None
    keys = tuple(
        ConfigurationKey(name, required, name in declared.secret)
        for names, required in ((declared.required, True), (declared.optional, False))
        for name in names
    )
    inputs, outputs = Bounds(*declared.inputs), Bounds(*declared.outputs)
    return ActionTypeSpec(category, owner, provider, inputs, outputs, keys, DAY, version=version, open_variables=True)


def _action(data: dict[str, Any], path: Path, stage: str, number: int, types: Types) -> Action:
    kind = data.get("actionTypeId", {})
    category, owner, provider, version = (kind.get(part, "") for part in ("category", "owner", "provider", "version"))
    return Action(
        path,
        stage,
        number,
        data.get("name", ""),
        category,
        owner,
        provider,
        version,
        _spec(category, owner, provider, version, types),
        data.get("runOrder", 1),
        data.get("configuration", {}),
        _named(data, path, "inputArtifacts"),
        _named(data, path, "outputArtifacts"),
        data.get("namespace", ""),
        data.get("region", ""),
        data,
    )


def _rule(data: dict[str, Any], path: Path, slot: str, result: str) -> Rule:
    provider = data.get("ruleTypeId", {}).get("provider", "")
    inputs = _named(data, path, "inputArtifacts")
    return Rule(path, slot, data.get("name", ""), provider, result, data.get("configuration", {}), inputs, data)


def _named(data: dict[str, Any], path: Path, key: str) -> tuple[Named, ...]:
    return tuple(
        Named(item["name"], (*path, key, number, "name"))
        for number, item in enumerate(data.get(key, ()))
        if "name" in item
    )
