"""The lock of a stage, and the waiting place in front of it."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.state import Execution, PipelineState, StageExecution
from engine.model.status import ExecutionStatus


def enter(state: PipelineState, execution: Execution, stage: StageExecution) -> list[ev.Event]:
    """An execution has come to a stage: it enters, waits, or is superseded by another one that waits."""
    closed = state.disabled(stage.name)
    if execution.mode == "PARALLEL" and closed is None:
        return [ev.StageEntered(execution.id, stage.name)]
    queue = state.waiting.get(execution.lock_of(stage.name), [])
    if execution.mode == "SUPERSEDED" and (found := _supersede(state, execution, queue)):
        return found
    if closed is not None:
        return _wait(execution, stage, f"the transition into {stage.name} is disabled{_said(closed.by, closed.reason)}")
    holder = state.executions.get(state.locks.get(execution.lock_of(stage.name), ""))
    first = not queue or queue[0] == execution.id
    if holder is None and first:
        return [ev.StageEntered(execution.id, stage.name)]
    if holder is not None and first and _gives_way(state, holder, stage.name):
        return [ev.StageReleased(holder.id, stage.name), ev.StageEntered(execution.id, stage.name)]
    if holder is not None:
        return _wait(execution, stage, f"stage {stage.name} is locked by #{holder.number}{_paused(state, holder)}")
    return _wait(execution, stage, f"behind #{state.executions[queue[0]].number}")


def _said(by: str, reason: str) -> str:
    return (f" by {by}" if by else "") + (f": {reason}" if reason else "")


def _paused(state: PipelineState, holder: Execution) -> str:
    found = next((action for action in state.live_in(holder) if action.paused), None)
    return f", where {found.action} is paused: resume it, or stop #{holder.number}" if found else ""


def _wait(execution: Execution, stage: StageExecution, reason: str) -> list[ev.Event]:
    return [] if stage.waiting == reason else [ev.StageWaiting(execution.id, stage.name, reason)]


def _supersede(state: PipelineState, execution: Execution, queue: list[str]) -> list[ev.Event]:
    """One waiting slot: a newer execution supersedes an older one there, never the other way round."""
    for identity in queue:
        other = state.executions[identity]
        if other is execution or not other.active:
            continue
        loser, winner = (other, execution) if other.number < execution.number else (execution, other)
        return [
            ev.ExecutionEnded(loser.id, ExecutionStatus.SUPERSEDED, f"superseded by #{winner.number}", by=winner.id)
        ]
    return []


def _gives_way(state: PipelineState, holder: Execution, stage: str) -> bool:
    """Whether an outdated holder lets a newer save in: unless something in there must finish first."""
    if not holder.yields_to:
        return False
    currents = (state.actions[identity] for identity in holder.stages[stage].latest_runs())
    return not any(
        action.running and action.execution_id == holder.id and action.prepared.on_change != "restart"
        for action in currents
        if action.prepared
    )
