"""Artifacts: made for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.scene import Scene
from engine.reading.outline import Action, rules_of
from engine.reading.rules.references import references
from engine.reading.scalars import Symbolic

_TRIGGERS_ONLY = ("ECR", "S3")


@advice(
    "GR611",
    "every artifact has a reader",
    why="it is zipped, encrypted and uploaded in every run, for nobody",
    fix="remove it, or add it to inputArtifacts of the action that is to have it",
    reference=GUIDE + "concepts.html#concepts-artifacts",
)
def unread(scene: Scene) -> Iterator[Finding]:
    """Output artifacts that no action and no rule takes in."""
    pipeline = scene.pipeline
    read = {artifact.name for action in pipeline.actions for artifact in action.inputs}
    read |= {artifact.name for stage in pipeline.stages for rule in rules_of(stage) for artifact in rule.inputs}
    named = {reference.namespace for reference in references(pipeline)}
    for action in pipeline.actions:
        missed = [artifact for artifact in action.outputs if not _is_read(artifact.name, read)]
        if missed and not _serves_otherwise(action, named):
            names = ", ".join(artifact.name for artifact in missed)
            yield Finding(missed[0].path, f"no action reads {names}, which {action.name} makes")


def _is_read(name: str, read: set[str]) -> bool:
    """A name that only a run will know may be any of those that are read."""
    return name in read or isinstance(name, Symbolic) or any(isinstance(each, Symbolic) for each in read)


def _serves_otherwise(action: Action, named: set[str]) -> bool:
    """A source may be there to start runs or for its variables; a stack's outputs and short actions come along."""
    must = action.spec is not None and action.spec.outputs.least > 0
    source = action.category == "Source" and (action.provider in _TRIGGERS_ONLY or action.namespace in named)
    return source or (must and action.category != "Source") or action.owner == "Custom"
