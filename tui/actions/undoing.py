"""What takes a request back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.execution.requests import (
    DisableTransition,
    EnableTransition,
    Request,
    SetAlarm,
    SetWatch,
)

if TYPE_CHECKING:
    from engine.execution.state import PipelineState


def inverse(request: Request, state: PipelineState, by: str = "") -> tuple[Request, str] | None:
    """The request that brings back how things were before `request`, asked in `state`, and what to say of it.

    None where nothing does: what ran has run, and a decision about an approval stands, as on AWS.
    """
    match request:
        case DisableTransition(stage):
            return EnableTransition(stage, by), f"{stage} may be entered again"
        case EnableTransition(stage) if (found := state.disabled(stage)) is not None:
            return DisableTransition(stage, found.reason, by), f"nothing enters {stage}, as before"
        case SetAlarm(name) if (alarm := state.alarms.get(name)) is not None and alarm.state != request.state:
            return SetAlarm(name, alarm.state, alarm.reason, by), f"alarm {name} is {alarm.state} again"
        case SetWatch(paused) if paused != state.watch_paused:
            told = "watching for saves again" if paused else "saves start nothing, as before"
            return SetWatch(not paused, state.watch_reason), told
    return None
