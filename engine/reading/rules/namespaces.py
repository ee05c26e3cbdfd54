"""Namespaces of output variables."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline
from engine.reading.problem import Problem
from engine.reading.rules.rule import ACTION, found, rule

RESERVED = ("codepipeline", "variables")


@rule("GR330", "namespaces are unique in the pipeline", ACTION)
def unique(pipeline: Outline) -> Iterator[Problem]:
    """Namespaces that two actions have."""
    seen: dict[str, str] = {}
    for action in pipeline.actions:
        name = action.namespace
        if name and name in seen:
            message = (
                "Namespaces must be unique across the pipeline definition. The following occur more than once in the"
                f" pipeline. StageName=[{action.stage}], ActionName=[{action.name}], Namespace=[{name}]"
            )
            yield found((*action.path, "namespace"), message, f"{seen[name]} has it already")
        seen.setdefault(name, f"{action.stage}/{action.name}")


@rule("GR331", "codepipeline and variables are no namespaces of actions", ACTION)
def reserved(pipeline: Outline) -> Iterator[Problem]:
    """Reserved namespaces."""
    for action in pipeline.actions:
        if action.namespace in RESERVED:
            message = f"The namespace {action.namespace} of action {action.name} is reserved"
            yield found((*action.path, "namespace"), message, "choose another name")


@rule("GR332", "a namespace is not named like an artifact", ACTION, Severity.WARNING)
def like_artifacts(pipeline: Outline) -> Iterator[Problem]:
    """Namespaces that are artifact names too. The user guide forbids it; whether AWS checks it is not known."""
    artifacts = {artifact.name for action in pipeline.actions for artifact in action.outputs}
    for action in pipeline.actions:
        if action.namespace in artifacts:
            message = f"The namespace {action.namespace} of action {action.name} is also the name of an artifact"
            yield found((*action.path, "namespace"), message, f"for example {action.namespace}Variables")
