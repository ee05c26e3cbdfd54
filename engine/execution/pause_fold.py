"""The fold of what happens to an action that waits in the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.execution import pausing as ps
from engine.execution.standing import rest, wake
from engine.execution.state import ActionExecution, PipelineState


def unpause(action: ActionExecution, at: float) -> None:
    """It does not wait any more, whatever becomes of it."""
    for build in list(action.pauses):
        wake(action, build, at)


def _paused(state: PipelineState, event: ps.ActionPaused, at: float) -> None:
    action = state.actions[event.action_execution_id]
    rest(action, event.pause, at)
    action.stopped_at = event.pause
    action.attended = True


def _resumed(state: PipelineState, event: ps.ActionResumed, at: float) -> None:
    action = state.actions[event.action_execution_id]
    wake(action, event.build, at)
    # A newer run that waits in front of it may as well start itself.
    action.attended = event.how != "start" or bool(action.pauses)
    if event.how != "fail":
        action.stopped_at = action.paused
        action.by_hand = action.by_hand or event.how != "start"


# Each handler takes exactly the event type it is filed under; the table cannot express that.
HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {
    ps.ActionPaused: _paused,
    ps.ActionResumed: _resumed,
}
