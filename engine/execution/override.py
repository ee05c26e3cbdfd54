"""Overriding a condition: the stage goes on in spite of it.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OverrideStageCondition.html
"""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.refusal import Refused, Reply, check_latest, check_room, check_stage, execution_of
from engine.execution.state import ConditionExecution, Execution, PipelineState, StageExecution
from engine.model.pipeline import ConditionType
from engine.model.status import ActionStatus, StageStatus

_NOT_OVERRIDABLE = "ConditionNotOverridableException"


def override(state: PipelineState, request: rq.OverrideCondition) -> Reply:
    """A condition that is being judged, or that has failed its stage, counts as passed; its rules are abandoned."""
    check_stage(state.definition, request.stage)
    execution = _execution(state, request)
    check_stage(state.declaration(execution), request.stage)
    stage = execution.stages[request.stage]
    condition = _condition(stage, request)
    check_latest(state, execution, stage.name)
    _check(state, execution, stage, condition)
    events: list[ev.Event] = [ev.ConditionOverridden(execution.id, stage.name, condition.kind, request.by)]
    events += _abandoned(state, condition)
    message = f"#{execution.number} passes {stage.name} in spite of its condition"
    return rq.Answer(True, message, execution_id=execution.id), events


def _execution(state: PipelineState, request: rq.OverrideCondition) -> Execution:
    if request.execution:
        return execution_of(state, request.execution, active=False)
    inside = [e for e in state.executions.values() if request.stage in e.stages and e.stages[request.stage].attempt]
    if not inside:
        raise Refused(_NOT_OVERRIDABLE, f"nothing has entered stage {request.stage} yet")
    return inside[-1]


def _condition(stage: StageExecution, request: rq.OverrideCondition) -> ConditionExecution:
    kinds: tuple[ConditionType, ...] = (request.condition,) if request.condition else ("BEFORE_ENTRY", "ON_SUCCESS")
    found = [condition for kind in kinds if (condition := stage.condition(kind)) and not condition.passed]
    if not found:
        raise Refused(_NOT_OVERRIDABLE, f"no {request.condition or 'condition'} holds stage {stage.name}")
    return found[-1]


def _check(state: PipelineState, execution: Execution, stage: StageExecution, condition: ConditionExecution) -> None:
    if condition.kind == "ON_FAILURE":
        raise Refused(_NOT_OVERRIDABLE, "a condition on failure cannot be overridden")
    if condition.result == "SKIP":
        raise Refused(_NOT_OVERRIDABLE, "a condition with the result SKIP cannot be overridden")
    if execution.stop or execution.yields_to:
        raise Refused("ConflictException", f"#{execution.number} is ending")
    if condition.live:
        return
    if condition.result != "FAIL" or stage.status is not StageStatus.FAILED or execution.active:
        raise Refused(_NOT_OVERRIDABLE, f"the condition of stage {stage.name} is {condition.status} already")
    if execution.version != state.version:
        raise Refused(_NOT_OVERRIDABLE, f"the definition changed since #{execution.number} started")
    check_room(state)


def _abandoned(state: PipelineState, condition: ConditionExecution) -> list[ev.Event]:
    rules = [state.actions[identity] for identity in condition.rules.values()]
    return [
        ev.ActionCancelling(rule.id, "overridden")
        if rule.step == "running"
        else ev.ActionEnded(rule.id, ActionStatus.ABANDONED, summary="overridden")
        for rule in rules
        if rule.live and rule.step != "cancelling"
    ]
