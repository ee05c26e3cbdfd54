"""References to variables: ``#{namespace.key}``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.diagnostics import Severity
from engine.reading.outline import Action, Outline, rules_of
from engine.reading.problem import Path, Problem, did_you_mean
from engine.reading.rules.namespaces import RESERVED
from engine.reading.rules.rule import ACTION, found, rule

_REFERENCE = re.compile(r"#\{([^{}]*)\}")
_PARTS = re.compile(r"([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_-]+)")
_AFTER_ACTIONS = 1000
_FORMAT = "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.)."


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: what stands between the braces, where, and in which action (or stage's rule)."""

    text: str
    path: Path
    key: str
    owner: str
    stage: str
    order: tuple[int, int]
    action: Action | None = None

    @property
    def namespace(self) -> str:
        """What stands before the period; empty where the reference is malformed."""
        match = _PARTS.fullmatch(self.text)
        return match[1] if match else ""

    @property
    def variable(self) -> str:
        """What stands after it."""
        match = _PARTS.fullmatch(self.text)
        return match[2] if match else ""

    @property
    def place(self) -> str:
        """As AWS names it in its messages."""
        return (
            f"StageName=[{self.stage}], ActionName=[{self.owner}], ActionConfigurationKey=[{self.key}],"
            f" VariableReferenceText=[{self.text}]"
        )


def references(pipeline: Outline) -> Iterator[Reference]:
    """Every reference of the pipeline, in its actions and in the rules of its stages."""
    for action in pipeline.actions:
        for path, key, value in _texts(action.path, action.data):
            for text in _REFERENCE.findall(value):
                order = (action.stage_index, action.run_order)
                yield Reference(text, path, key, action.name, action.stage, order, action)
    for stage in pipeline.stages:
        for each in rules_of(stage):
            order = (stage.index, 0 if each.slot == "beforeEntry" else _AFTER_ACTIONS)
            for path, key, value in _texts(each.path, each.data):
                for text in _REFERENCE.findall(value):
                    yield Reference(text, path, key, each.name, stage.name, order)


def _texts(path: Path, data: dict[str, object]) -> Iterator[tuple[Path, str, str]]:
    """Every text of an action or rule in which AWS resolves references: path, key, text."""
    configuration, commands, environment = (
        data.get("configuration"),
        data.get("commands"),
        data.get("environmentVariables"),
    )
    if isinstance(configuration, dict):
        for key, value in configuration.items():
            yield (*path, "configuration", key), key, value
    if isinstance(commands, list):
        for number, command in enumerate(commands):
            yield (*path, "commands", number), "commands", command
    if isinstance(environment, list):
        for number, variable in enumerate(environment):
            yield (*path, "environmentVariables", number, "value"), variable.get("name", ""), variable.get("value", "")


@rule("GR333", "a variable reference is a namespace and a key with a period between them", ACTION, Severity.WARNING)
def well_formed(pipeline: Outline) -> Iterator[Problem]:
    """Malformed references. Shells and Ruby use the same braces, so this may be meant otherwise."""
    for reference in references(pipeline):
        if not reference.namespace:
            message = f"{_FORMAT} The following is none. {reference.place}"
            yield found(reference.path, message, "write #{namespace.key}")


@rule("GR334", "the namespace of a variable reference exists", ACTION)
def existing(pipeline: Outline) -> Iterator[Problem]:
    """References to namespaces that no action has."""
    namespaces = [action.namespace for action in pipeline.actions if action.namespace]
    for reference in references(pipeline):
        name = reference.namespace
        if name and name not in namespaces and name not in RESERVED:
            message = (
                f"{_FORMAT} The following pipeline execution variables are referencing a namespace that does not"
                f" exist. {reference.place}"
            )
            hint = did_you_mean(name, (*namespaces, *RESERVED), f"add `namespace: {name}` to the action that sets it")
            yield found(reference.path, message, hint)


@rule("GR335", "a variable comes from an action that has ended before", ACTION)
def earlier(pipeline: Outline) -> Iterator[Problem]:
    """References to actions that run later or at the same time."""
    makers = {action.namespace: action for action in pipeline.actions if action.namespace}
    for reference in references(pipeline):
        maker = makers.get(reference.namespace)
        if maker is not None and not (maker.stage_index, maker.run_order) < reference.order:
            message = (
                f"#{{{reference.text}}} in {reference.stage}/{reference.owner} is set by {maker.stage}/{maker.name},"
                " which has not ended by then"
            )
            same = (
                reference.action is not None
                and maker.stage_index == reference.order[0]
                and maker is not reference.action
            )
            hint = f"give {reference.owner} a runOrder above {maker.run_order}" if same else ""
            yield found(reference.path, message, hint)


@rule("GR336", "the variable of a reference exists", ACTION, Severity.WARNING)
def known_keys(pipeline: Outline) -> Iterator[Problem]:
    """Keys that their namespace is not known to have. AWS finds out when the action starts."""
    declared = [variable.get("name", "") for variable in pipeline.data.get("variables", ())]
    makers = {action.namespace: action for action in pipeline.actions if action.namespace}
    for reference in references(pipeline):
        known = _known(reference.namespace, declared, makers)
        if known is not None and reference.variable not in known:
            message = f"#{{{reference.text}}} in {reference.stage}/{reference.owner}: {reference.namespace} has no"
            otherwise = f"it has {', '.join(known)}" if known else _nothing(reference.namespace)
            hint = did_you_mean(reference.variable, known, otherwise)
            yield found(reference.path, f"{message} variable {reference.variable}", hint)


def _nothing(namespace: str) -> str:
    return "declare it in the pipeline's variables" if namespace == "variables" else "that action sets none"


def _known(namespace: str, declared: list[str], makers: dict[str, Action]) -> list[str] | None:
    """The keys of a namespace, None where they cannot be known."""
    if namespace == "codepipeline":
        return ["PipelineExecutionId"]
    if namespace == "variables":
        return declared
    maker = makers.get(namespace)
    if maker is None or maker.spec is None:
        return None
    if maker.spec.commands:
        return list(maker.data.get("outputVariables", ()))
    return None if maker.spec.open_variables or not maker.spec.variables else list(maker.spec.variables)


@rule("GR337", "source actions use no pipeline variables", ACTION, Severity.WARNING)
def not_in_sources(pipeline: Outline) -> Iterator[Problem]:
    """Pipeline-level variables in source actions, where AWS does not resolve them."""
    for reference in references(pipeline):
        if reference.namespace == "variables" and reference.action and reference.action.category == "Source":
            message = (
                f"#{{{reference.text}}} in {reference.owner}: pipeline variables are not resolved in source actions"
            )
            yield found(reference.path, message, "write the value out")
