"""The fold of what happens to an action that waits in the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.execution import pausing as ps
from engine.execution.state import ActionExecution, PipelineState


def unpause(action: ActionExecution, at: float) -> None:
    """It does not wait any more, whatever becomes of it; the time that it waited does not count as its own."""
    if action.paused is not None:
        action.paused = None
        action.rested += max(0.0, at - action.paused_at)


def _paused(state: PipelineState, event: ps.ActionPaused, at: float) -> None:
    action = state.actions[event.action_execution_id]
    action.paused = action.stopped_at = event.pause
    action.paused_at = at
    action.attended = True


def _resumed(state: PipelineState, event: ps.ActionResumed, at: float) -> None:
    action = state.actions[event.action_execution_id]
    unpause(action, at)
    action.attended = event.how != "start"  # a newer run that waits in front of it may as well start itself
    if event.how != "fail":
        action.stopped_at = None
        action.by_hand = action.by_hand or event.how != "start"


# Each handler takes exactly the event type it is filed under; the table cannot express that.
HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {
    ps.ActionPaused: _paused,
    ps.ActionResumed: _resumed,
}
