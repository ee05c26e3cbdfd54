"""What is left to say of executions whose greenroom is gone."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.conditions import closed
from engine.execution.state import PipelineState
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, StageStatus

SUMMARY = "greenroom ended while it ran"
PAUSED = "greenroom ended while it was paused"


def settle_abandoned(state: PipelineState) -> list[ev.Event]:
    """The events that bring a state to rest when nothing runs any more: pure."""
    found: list[ev.Event] = [
        ev.ActionEnded(action.id, ActionStatus.ABANDONED, summary=PAUSED if action.paused else SUMMARY)
        for action in state.live()
    ]
    for execution in state.active:
        for stage in execution.stages.values():
            found += closed(execution, stage, ConditionStatus.ABANDONED)
            if stage.status in (StageStatus.IN_PROGRESS, StageStatus.STOPPING):
                found.append(ev.StageEnded(execution.id, stage.name, StageStatus.STOPPED))
            if stage.holds_lock:
                found.append(ev.StageReleased(execution.id, stage.name))
        found.append(ev.ExecutionEnded(execution.id, ExecutionStatus.STOPPED, SUMMARY))
    return found
