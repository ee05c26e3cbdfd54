"""Stages: what each is for, and in which order things happen in it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.scene import Scene
from engine.reading.outline import Action, Stage


@advice(
    "GR601",
    "a stage builds or deploys, not both",
    why="a retry or a rollback takes the stage as a whole, so the build would run again with every deployment",
    fix="give the build a stage of its own before this one",
    reference=GUIDE + "concepts.html#concepts-stages",
)
def one_function(scene: Scene) -> Iterator[Finding]:
    """Stages whose build makes what is deployed in the very same stage."""
    for stage in scene.pipeline.stages:
        for build, deploy in _fed(stage):
            what = f"stage {stage.name} builds ({build.name}) and deploys ({deploy.name})"
            yield Finding((*stage.path, "name"), what)
            break


def _fed(stage: Stage) -> Iterator[tuple[Action, Action]]:
    """Builds and the deployments that take their artifacts."""
    for build in stage.actions:
        made = {artifact.name for artifact in build.outputs}
        if build.category in ("Build", "Compute") and made:
            for deploy in stage.actions:
                if deploy.category == "Deploy" and made & {artifact.name for artifact in deploy.inputs}:
                    yield build, deploy


@advice(
    "GR602",
    "a change set is made before it is executed",
    why="actions of one runOrder start together, and the execution finds no change set, or the one of last time",
    fix="give the execution a higher runOrder",
    reference=GUIDE + "action-reference-CloudFormation.html",
)
def change_sets(scene: Scene) -> Iterator[Finding]:
    """CHANGE_SET_EXECUTE that does not come after CHANGE_SET_REPLACE of the same stack and change set."""
    made = [action for action in scene.pipeline.actions if _mode(action) == "CHANGE_SET_REPLACE"]
    for action in scene.pipeline.actions:
        if _mode(action) != "CHANGE_SET_EXECUTE":
            continue
        makers = [each for each in made if _change_set(each) == _change_set(action)]
        if makers and not any(maker.before(action) for maker in makers):
            what = f"{action.name} executes a change set that {makers[0].name} makes at the same time or later"
            yield Finding((*action.path, "name"), what)


def _mode(action: Action) -> str:
    return action.configuration.get("ActionMode", "") if action.provider == "CloudFormation" else ""


def _change_set(action: Action) -> tuple[str, str, str]:
    has = action.configuration
    return has.get("StackName", ""), has.get("ChangeSetName", ""), action.region
