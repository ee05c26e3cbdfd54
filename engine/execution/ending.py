"""How executions end before their last stage: stopped, overtaken by a save, or cancelled by a new definition."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.conditions import closed
from engine.execution.naming import name_of
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, StageStatus


def is_outdated(state: PipelineState, execution: Execution) -> bool:
    """Whether the definition changed under it; a parallel execution keeps the one it started with."""
    return execution.version != state.version and execution.mode != "PARALLEL"


def stopping(execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    """Somebody asked to stop: nothing more starts, and what runs finishes or is abandoned; what is paused is, too."""
    found = _drop_unstarted(live, "the execution was stopped")
    if execution.stop and execution.stop.abandon:
        found += [ev.ActionCancelling(action.id, "stopped") for action in live if action.step == "running"]
    else:  # nobody will answer a question of a stopping execution
        found += _end_questions(live, "the execution was stopped")
        found += [ev.ActionCancelling(action.id, "stopped") for action in live if action.paused]
    if found or live:
        return found
    reason = execution.stop.reason if execution.stop else ""
    return [
        *_close_stages(execution, StageStatus.STOPPED, ConditionStatus.ABANDONED),
        ev.ExecutionEnded(execution.id, ExecutionStatus.STOPPED, reason),
    ]


def cancelling(state: PipelineState, execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    """The definition changed: what runs may finish, then it is over."""
    why = f"the definition changed to version {state.version}"
    found = _drop_unstarted(live, why) + _end_questions(live, why)
    if found or live:
        return found
    return [
        *_close_stages(execution, StageStatus.CANCELLED, ConditionStatus.CANCELLED),
        ev.ExecutionEnded(execution.id, ExecutionStatus.CANCELLED, why),
    ]


def yielding(state: PipelineState, execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    """A newer save took over: what it cannot adopt and may be ended is ended."""
    found = _drop_unstarted(live, "a newer save took over")
    successor = _successor(state, execution)
    by = f"superseded by {name_of(state, execution.yields_to)}"
    found += [
        ev.ActionCancelling(action.id, by)
        for action in live
        if action.step == "running" and action.prepared and action.prepared.on_change == "restart"
        if not action.attended  # what is newer waits in front of it
        if not _may_adopt(state, successor, action)
    ]
    if found or live:
        return found
    closing = _close_stages(execution, StageStatus.CANCELLED, ConditionStatus.CANCELLED)
    if is_outdated(state, execution):
        status, why = ExecutionStatus.CANCELLED, f"the definition changed; {by}"
    else:
        status, why = ExecutionStatus.SUPERSEDED, by
    return [*closing, ev.ExecutionEnded(execution.id, status, why, by=execution.yields_to)]


def _successor(state: PipelineState, execution: Execution) -> Execution:
    while execution.yields_to:
        execution = state.executions[execution.yields_to]
    return execution


def _may_adopt(state: PipelineState, successor: Execution, action: ActionExecution) -> bool:
    """Whether the newest save may still come to want what runs: it has the action, and no result for it yet."""
    declared = (stage for stage in state.declaration(successor).stages if stage.name == action.stage)
    known = any(action.action == other.name for stage in declared for other in stage.actions)
    current = state.current(successor, action.stage, action.action)
    return successor.active and known and (current is None or current.live)


def _drop_unstarted(live: list[ActionExecution], why: str) -> list[ev.Event]:
    return [
        ev.ActionEnded(action.id, ActionStatus.ABANDONED, summary=f"not started: {why}")
        for action in live
        if not action.running
    ]


def _end_questions(live: list[ActionExecution], why: str) -> list[ev.Event]:
    """Whatever only waits, for a person or the clock, and every rule: their answer matters to nobody any more."""
    return [
        ev.ActionCancelling(action.id, why)
        for action in live
        if action.step == "running" and (action.passive or action.condition)
    ]


def _close_stages(execution: Execution, status: StageStatus, condition: ConditionStatus) -> list[ev.Event]:
    found: list[ev.Event] = []
    for stage in execution.stages.values():
        found += closed(execution, stage, condition)
        if stage.status in (StageStatus.IN_PROGRESS, StageStatus.STOPPING):
            found.append(ev.StageEnded(execution.id, stage.name, status))
        if stage.holds_lock:
            found.append(ev.StageReleased(execution.id, stage.name))
    return found
