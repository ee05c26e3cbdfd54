"""The `configuration` of an action against the keys of its type."""

from __future__ import annotations

import json
from collections.abc import Iterator

from engine.model.catalog import ActionTypeSpec
from engine.model.diagnostics import Severity
from engine.reading.outline import Action, Outline
from engine.reading.problem import Path, Problem, did_you_mean
from engine.reading.rules.rule import ACTION, found, rule
from engine.reading.scalars import Symbolic

_JSON = frozenset({"EnvironmentVariables", "ParameterOverrides", "SourceRevisions", "Variables"})
_VARIABLE_TYPES = ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")
_ARTIFACTS = frozenset({"PrimarySource", "TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"})
_ARTIFACT_FILES = frozenset({"TemplatePath", "TemplateConfiguration"})


def _typed(pipeline: Outline) -> Iterator[tuple[Action, ActionTypeSpec]]:
    for action in pipeline.actions:
        if action.spec is not None and not action.spec.open_keys:
            yield action, action.spec


def _place(action: Action) -> Path:
    return (*action.path, "configuration" if "configuration" in action.data else "name")


@rule("GR314", "a configuration has every key that its type requires", ACTION)
def required(pipeline: Outline) -> Iterator[Problem]:
    """Required keys that are missing."""
    for action, spec in _typed(pipeline):
        for key in spec.required:
            if key not in action.configuration:
                message = f"Action configuration for action '{action.name}' is missing required configuration '{key}'"
                there = "configuration" in action.data
                yield found(_place(action), message, f"add {key}", key=there, certain=spec.settled)


@rule("GR315", "a configuration has only keys that its type knows", ACTION, Severity.WARNING)
def unknown(pipeline: Outline) -> Iterator[Problem]:
    """Keys that the type does not know. A warning: AWS adds keys from time to time."""
    for action, spec in _typed(pipeline):
        names = [key.name for key in spec.keys]
        for key in action.configuration:
            if key not in names:
                message = f"Action configuration for action '{action.name}' contains unknown configuration '{key}'"
                listed = f"{spec.provider} knows {', '.join(names)}" if names else f"{spec.provider} takes none"
                yield found((*action.path, "configuration", key), message, did_you_mean(key, names, listed), key=True)


@rule("GR316", "a configuration value is one of those that its key takes", ACTION, Severity.WARNING)
def values(pipeline: Outline) -> Iterator[Problem]:
    """Values outside of a key's list."""
    for action, spec in _typed(pipeline):
        for key in spec.keys:
            value = action.configuration.get(key.name, "")
            if isinstance(value, Symbolic):
                continue
            if key.values and value and value not in key.values and "#{" not in value:
                message = f"'{value}' is no value of {key.name} in action '{action.name}'"
                hint = did_you_mean(value, key.values, f"one of {', '.join(key.values)}")
                yield found((*action.path, "configuration", key.name), message, hint)


@rule("GR317", "keys that depend on other keys are there", ACTION, Severity.WARNING)
def conditional(pipeline: Outline) -> Iterator[Problem]:
    """Keys that the action's mode needs."""
    for action, _ in _typed(pipeline):
        for key, reason in _needed(action):
            if not action.configuration.get(key):
                message = f"Action '{action.name}' needs {key}: {reason}"
                yield found(_place(action), message, f"add {key}", key="configuration" in action.data)


def _needed(action: Action) -> Iterator[tuple[str, str]]:
    has = action.configuration
    provider = f"{action.category}/{action.provider}"
    if action.provider == "CodeBuild" and has.get("CombineArtifacts") == "true":
        yield "BatchEnabled", "CombineArtifacts is about the builds of a batch"
    if provider == "Deploy/CloudFormation":
        yield from _cloudformation(has.get("ActionMode", ""))
    elif provider == "Deploy/S3" and has.get("Extract") == "false":
        yield "ObjectKey", "with Extract false the artifact is copied to that key"
    elif action.provider == "CodeBuild" and len(action.inputs) > 1:
        yield "PrimarySource", "it has several input artifacts"
    elif provider == "Invoke/StepFunctions" and has.get("InputType") == "FilePath":
        yield "Input", "InputType is FilePath"
    elif provider == "Invoke/InspectorScan" and has.get("InspectorRunMode") == "ECRImageScan":
        yield "ECRRepositoryName", "InspectorRunMode is ECRImageScan"
        yield "ImageTag", "InspectorRunMode is ECRImageScan"
    elif provider == "Deploy/EC2" and not has.get("DeploySpec"):
        yield "TargetDirectory", "there is no DeploySpec"
        yield "PostScript", "there is no DeploySpec"
    elif provider == "Deploy/Lambda" and not action.inputs:
        yield "PublishedTargetVersion", "it has no input artifact"


def _cloudformation(mode: str) -> Iterator[tuple[str, str]]:
    reason = f"ActionMode is {mode}"
    if mode in ("CREATE_UPDATE", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE"):
        yield "TemplatePath", reason
    if mode in ("CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"):
        yield "ChangeSetName", reason
    if mode in ("CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY"):  # AWS takes change sets without
        yield "RoleArn", reason


@rule("GR318", "an artifact that a configuration names is an input of the action", ACTION, Severity.WARNING)
def named_artifacts(pipeline: Outline) -> Iterator[Problem]:
    """Configuration values that name artifacts which are no inputs."""
    for action, _ in _typed(pipeline):
        names = [artifact.name for artifact in action.inputs]
        for key, value in action.configuration.items():
            artifact = _artifact(key, value)
            if artifact and artifact not in names and "#{" not in artifact and not isinstance(value, Symbolic):
                message = (
                    f"{key} of action '{action.name}' names the artifact {artifact}, which is not among its inputs"
                )
                hint = did_you_mean(artifact, names, f"add {artifact} to inputArtifacts")
                yield found((*action.path, "configuration", key), message, hint)


def _artifact(key: str, value: str) -> str:
    if key in _ARTIFACTS or (key.startswith("Image") and key.endswith("ArtifactName")):
        return value
    return value.partition("::")[0] if key in _ARTIFACT_FILES and "::" in value else ""


@rule("GR319", "configuration values that hold JSON are JSON", ACTION, Severity.WARNING)
def json_values(pipeline: Outline) -> Iterator[Problem]:
    """Broken JSON in a configuration value."""
    for action, spec in _typed(pipeline):
        for key in sorted(_JSON & action.configuration.keys()):
            value = action.configuration[key]
            if spec.key(key) is None or isinstance(value, Symbolic):
                continue
            path = (*action.path, "configuration", key)
            try:
                rows = json.loads(value)
            except (ValueError, RecursionError) as error:
                if "#{" not in value:  # a variable may stand for a part of the text
                    reason = getattr(error, "msg", "nested too deep, or a number too long")
                    yield found(path, f"{key} of action '{action.name}' is not JSON: {reason}")
                rows = None
            if key == "EnvironmentVariables" and spec.provider == "CodeBuild":
                for message, hint in _variables(rows):
                    yield found(path, f"{key} of action '{action.name}': {message}", hint)
            if key == "ParameterOverrides" and len(value.encode()) > 1024:
                yield found(path, f"{key} of action '{action.name}' is longer than 1 KB")


def _variables(rows: object) -> Iterator[tuple[str, str]]:
    """What is wrong with a CodeBuild action's variables: a message and a hint each."""
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or not {"name", "value"} <= row.keys():
            yield "a variable needs name and value", '[{"name": "A", "value": "b", "type": "PLAINTEXT"}]'
        elif (kind := row.get("type") or "PLAINTEXT") not in _VARIABLE_TYPES and "#{" not in str(kind):
            yield f"type {kind} does not exist", did_you_mean(str(kind), _VARIABLE_TYPES, "use PLAINTEXT")
