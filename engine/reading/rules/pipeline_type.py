"""What only pipelines of type V2 have."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline
from engine.reading.problem import Path, Problem
from engine.reading.rules.rule import STRUCTURE, found, rule


@rule("GR353", "V2 features stand in pipelines of type V2 only", STRUCTURE)
def features(pipeline: Outline) -> Iterator[Problem]:
    """V2 features in a pipeline of type V1."""
    if pipeline.pipeline_type == "V1":
        for path, name, key in _features(pipeline):
            yield found(path, f"{name} can only be used with V2 pipelines", "set pipelineType to V2", key=key)


@rule("GR354", "a pipeline with V2 features says that it is V2", STRUCTURE, Severity.ADVICE)
def unsaid(pipeline: Outline) -> Iterator[Problem]:
    """V2 features without a pipeline type: AWS has been seen to take such a pipeline for V1 and refuse it."""
    if not pipeline.pipeline_type and (first := next(_features(pipeline), None)):
        path, name, key = first
        yield found(path, f"{name} can only be used with V2 pipelines", "add `pipelineType: V2`", key=key)


def _features(pipeline: Outline) -> Iterator[tuple[Path, str, bool]]:
    """Path and name of each V2 feature, and whether its key is meant."""
    if pipeline.mode != "SUPERSEDED":
        yield ("executionMode",), f"Execution mode {pipeline.mode}", False
    for key, name in (("variables", "Pipeline variables"), ("triggers", "Triggers")):
        if pipeline.data.get(key):
            yield (key,), name, True
    for stage in pipeline.stages:
        for slot in ("beforeEntry", "onSuccess", "onFailure"):
            if slot in stage.data:
                yield (*stage.path, slot), f"{slot} of stage {stage.name}", True
    for action in pipeline.actions:
        if action.spec is not None and action.spec.v2_only:
            path = (*action.path, "actionTypeId", "provider")
            yield path, f"{action.provider} actions ({action.stage}/{action.name})", False
