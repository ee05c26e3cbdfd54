"""The builds of a batch: how they are told, and how they add up in the state of their action."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.execution.standing import wake
from engine.model.member import MemberBuild

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, PipelineState


@dataclass(frozen=True, slots=True)
class BatchBuildChanged:
    """A build of a batch is known of, began, went on or ended. Its times are those of the events that say so."""

    action_execution_id: str
    build: MemberBuild
    type: Literal["BatchBuildChanged"] = "BatchBuildChanged"


def earlier_builds(state: PipelineState, action: ActionExecution) -> dict[str, MemberBuild]:
    """The newest success of each build of a batch by fingerprint, with the action execution whose it was."""
    found: dict[str, MemberBuild] = {}
    for attempt in state.attempts(action.stage, action.action):
        for build in attempt.builds.values() if attempt.id != action.id else ():
            if build.status == "SUCCEEDED" and build.fingerprint:
                found[build.fingerprint] = dataclasses.replace(build, origin=build.origin or attempt.id)
    return found


def close(action: ActionExecution, at: float) -> None:
    """An action that ends leaves no build running: what was not over was stopped with it."""
    for name, build in action.builds.items():
        if build.live:
            ended = at if build.started_at else 0.0
            action.builds[name] = dataclasses.replace(build, status="STOPPED", ended_at=ended, paused=False)


def _changed(state: PipelineState, event: BatchBuildChanged, at: float) -> None:
    action = state.actions[event.action_execution_id]
    build, before, builds = event.build, action.builds.get(event.build.identifier), action.builds
    started = build.started_at or (before.started_at if before else 0.0)
    if build.running and not started:
        started = at
    ended = 0.0 if build.live else build.ended_at or (at if started else 0.0)
    if not build.live:
        wake(action, build.identifier, at)
    builds[build.identifier] = dataclasses.replace(
        build,
        started_at=started,
        ended_at=ended,
        paused=build.identifier in action.pauses,
        rested=builds[build.identifier].rested if before else 0.0,
    )


HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {BatchBuildChanged: _changed}
