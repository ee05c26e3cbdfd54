"""The fold of what keeps executions out of a stage or lets them through: conditions, transitions, alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.execution import gates as gt
from engine.execution.resume import resume
from engine.execution.state import Alarm, ConditionExecution, PipelineState, Transition
from engine.model.status import ConditionStatus, StageStatus


def _condition_started(state: PipelineState, event: gt.ConditionStarted, at: float) -> None:
    stage = state.executions[event.execution_id].stages[event.stage]
    stage.conditions.append(ConditionExecution(event.condition, event.result, at))


def _condition_ended(state: PipelineState, event: gt.ConditionEnded, at: float) -> None:
    condition = _standing(state, event)
    condition.status = event.status
    condition.ended_at = at
    condition.summary = event.summary


def _condition_overridden(state: PipelineState, event: gt.ConditionOverridden, at: float) -> None:
    condition = _standing(state, event)
    condition.status = ConditionStatus.OVERRIDDEN
    condition.ended_at = at
    condition.overridden_by = event.by
    execution = state.executions[event.execution_id]
    stage = execution.stages[event.stage]
    if stage.status is StageStatus.FAILED:
        resume(state, execution, stage, at)


def _standing(state: PipelineState, event: gt.ConditionEnded | gt.ConditionOverridden) -> ConditionExecution:
    found = state.executions[event.execution_id].stages[event.stage].condition(event.condition)
    if found is None:
        raise KeyError(f"{event.stage}.{event.condition}")
    return found


def _disabled(state: PipelineState, event: gt.TransitionDisabled, at: float) -> None:
    state.transitions[event.stage] = Transition(False, event.reason, event.by, at)


def _enabled(state: PipelineState, event: gt.TransitionEnabled, at: float) -> None:
    state.transitions[event.stage] = Transition(True, "", event.by, at)


def _alarm_set(state: PipelineState, event: gt.AlarmSet, at: float) -> None:
    before = state.alarms.get(event.name)
    initial = event.state if event.initial else before.initial if before else ""
    state.alarms[event.name] = Alarm(event.state, event.reason, event.by, at, initial)


# Each handler takes exactly the event type it is filed under; the table cannot express that.
HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {
    gt.ConditionStarted: _condition_started,
    gt.ConditionEnded: _condition_ended,
    gt.ConditionOverridden: _condition_overridden,
    gt.TransitionDisabled: _disabled,
    gt.TransitionEnabled: _enabled,
    gt.AlarmSet: _alarm_set,
}
