"""Stages and actions: how many, their names, and where sources stand."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.outline import Outline
from engine.reading.problem import Problem
from engine.reading.rules.rule import ACTION, STAGE, STRUCTURE, found, rule


@rule("GR301", "a pipeline has 2 to 50 stages", STRUCTURE)
def stage_count(pipeline: Outline) -> Iterator[Problem]:
    """The number of stages."""
    count = len(pipeline.stages)
    if count < 2:
        message = f"Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline"
        yield found(("stages",), message, "add a stage after the sources", key=True)
    elif count > 50:
        message = f"Pipeline has {count} stages. There should be a maximum of 50 stages in a pipeline"
        yield found(("stages", 50), message)


@rule("GR302", "stage names are unique", STAGE)
def stage_names(pipeline: Outline) -> Iterator[Problem]:
    """Stages that share a name."""
    seen: set[str] = set()
    for stage in pipeline.stages:
        if stage.name in seen:
            message = f"Stage names must be unique within the pipeline. {stage.name} has been used more than once."
            yield found((*stage.path, "name"), message)
        if stage.name:
            seen.add(stage.name)


@rule("GR303", "the first stage holds sources, and nothing else", STRUCTURE)
def first_stage(pipeline: Outline) -> Iterator[Problem]:
    """Actions of the first stage that are no sources."""
    if not pipeline.stages:
        return
    for action in pipeline.stages[0].actions:
        if action.category and action.category != "Source":
            message = (
                f"The first stage may hold Source actions only: action {action.name} is a {action.category} action"
            )
            hint = "put a stage with a Source action before it"
            yield found((*action.path, "actionTypeId", "category"), message, hint)


@rule("GR304", "sources stand in the first stage only", STRUCTURE)
def later_sources(pipeline: Outline) -> Iterator[Problem]:
    """Source actions in later stages."""
    for action in pipeline.actions:
        if action.category == "Source" and action.stage_index > 0:
            message = f"Source action {action.name} is in stage {action.stage}: only the first stage may have sources"
            hint = f"move it to stage {pipeline.stages[0].name}"
            yield found((*action.path, "actionTypeId", "category"), message, hint)


@rule("GR305", "a stage has 1 to 100 actions (more than 50: a warning, AWS's pages disagree)", STAGE)
def action_count(pipeline: Outline) -> Iterator[Problem]:
    """Stages with too few or too many actions."""
    for stage in pipeline.stages:
        count, path = len(stage.actions), (*stage.path, "actions")
        if not count and "actions" in stage.data:
            yield found(
                path, f"Stage {stage.name} must have at least one action", "add one or remove the stage", key=True
            )
        elif count > 50:
            most = 50 if count <= 100 else 100
            message = f"Stage {stage.name} has {count} actions, which is more than the maximum ({most})"
            yield found((*path, 50), message, certain=count > 100)


@rule("GR306", "action names are unique within their stage", ACTION)
def action_names(pipeline: Outline) -> Iterator[Problem]:
    """Actions of one stage that share a name."""
    for stage in pipeline.stages:
        seen: set[str] = set()
        for action in stage.actions:
            if action.name in seen:
                message = (
                    f"Action names must be unique within a stage. {action.name} occurs more than once in {stage.name}."
                )
                yield found((*action.path, "name"), message)
            if action.name:
                seen.add(action.name)


@rule("GR307", "a pipeline has at most 1000 actions", STRUCTURE)
def all_actions(pipeline: Outline) -> Iterator[Problem]:
    """The number of actions."""
    if (count := len(pipeline.actions)) > 1000:
        message = f"Pipeline has {count} actions, which is more than the maximum (1000)"
        yield found(pipeline.actions[1000].path, message)
