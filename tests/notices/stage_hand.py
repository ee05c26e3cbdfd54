"""A simulated pipeline and the events that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.execution.fold import apply
from engine.execution.state import PipelineState
from engine.model.address import Address
from engine.model.pipeline import PipelineDeclaration
from engine.notices.eventbridge import StateChange, state_changes
from tests.execution.pipelines import action, pipeline
from tests.execution.simulator import Simulator

HERE = Address("eu-west-1", "123456789012")


def shop(**more: object) -> PipelineDeclaration:
    """Source, Build, Approve: with a region of its own for the build, and a topic for the approval."""
    topic = {"NotificationArn": "arn:aws:sns:eu-west-1:123456789012:ask", "CustomData": "Look at it"}
    return pipeline(
        [action("Source:Src > S")],
        [action("Build:Compile S > Binaries", region="us-west-2")],
        [action("Approval:Ok", timeoutInMinutes=10, configuration=topic)],
        names=("Source", "Build", "Approve"),
        artifactStore={"type": "S3", "location": "artifacts-of-shop"},
        **more,
    )


def changes(simulator: Simulator) -> list[StateChange]:
    """Every event of the story, each told right after it was recorded."""
    state, found = PipelineState(simulator.state.name), []
    for item in simulator.story:
        apply(state, item)
        found += state_changes(state, [item], HERE)
    return found


def since(simulator: Simulator, act: Callable[[], object]) -> list[StateChange]:
    """The events that an act led to."""
    before = len(changes(simulator))
    act()
    return changes(simulator)[before:]


def told(found: list[StateChange]) -> list[str]:
    """Events in short."""
    return [" ".join(filter(None, (one.level, one.stage, one.action, one.state))) for one in found]


def detail(found: list[StateChange], short: str) -> dict[str, Any]:
    """The detail of the event that is short for this."""
    [body] = [one.body for one, name in zip(found, told(found), strict=True) if name == short]
    return body["detail"]  # type: ignore[return-value]
