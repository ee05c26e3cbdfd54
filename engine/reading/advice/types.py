"""Types of actions and pipelines that AWS has something better for."""

from __future__ import annotations

from collections.abc import Iterator

from engine.reading.advice.advice import GUIDE, Finding, advice
from engine.reading.advice.scene import Scene

_RETIRED = {"OpsWorks": "AWS OpsWorks Stacks ended in May 2024"}


@advice(
    "GR641",
    "GitHub is reached over a connection",
    why="the GitHub (version 1) action needs a personal token with all of the repository's rights, and AWS advises"
    " against it",
    fix="use the CodeStarSourceConnection action with a connection",
    reference=GUIDE + "update-github-action-connections.html",
)
def github(scene: Scene) -> Iterator[Finding]:
    """Source actions of the ThirdParty provider GitHub."""
    for action in scene.pipeline.actions:
        if (action.owner, action.provider) == ("ThirdParty", "GitHub"):
            yield Finding((*action.path, "actionTypeId", "provider"), f"source {action.name} is GitHub (version 1)")


@advice(
    "GR642",
    "a pipeline is of type V2",
    why="V1 has no triggers with filters, variables, conditions, rollbacks or automatic retries; it costs a dollar a"
    " month, V2 a fifth of a cent a minute after the first 100",
    fix="set pipelineType to V2",
    reference=GUIDE + "pipeline-types-planning.html",
)
def first_type(scene: Scene) -> Iterator[Finding]:
    """Pipelines that say V1."""
    if scene.pipeline.pipeline_type == "V1":
        yield Finding(("pipelineType",), "this pipeline is of type V1")


@advice(
    "GR643",
    "no action uses a service that has ended",
    why="the action can only fail",
    fix="deploy with CodeDeploy, ECS, EKS or CloudFormation",
    reference=GUIDE + "action-reference.html",
)
def ended(scene: Scene) -> Iterator[Finding]:
    """Actions of ended services."""
    for action in scene.pipeline.actions:
        if action.provider in _RETIRED and action.owner == "AWS":
            yield Finding((*action.path, "actionTypeId", "provider"), f"{action.name}: {_RETIRED[action.provider]}")
