"""A failed or stopped stage again, in the same execution: by hand, or once by itself.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html
"""

from __future__ import annotations

from dataclasses import replace

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.continuing import check_resumable
from engine.execution.refusal import Refused, Reply, check_latest, check_room, check_stage, execution_of
from engine.execution.select import action_key
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.pipeline import RetryMode
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus

AUTOMATIC = 1  # AWS retries a stage by itself exactly once


def retry(state: PipelineState, request: rq.Retry) -> Reply:
    """Somebody asks for it."""
    execution = execution_of(state, request.execution, active=False)
    stage = _retryable_stage(state, execution, request.stage)
    _check(state, execution, stage, request.mode)
    check_resumable(state, stage, request)
    forced = tuple(action_key(state.definition, name) for name in request.forced)
    event = _retried(state, execution, stage, request.mode, forced)
    event = replace(event, resume=request.resume, on_failure=request.on_failure)
    return rq.Answer(True, f"retrying {stage.name} of #{execution.number}", execution_id=execution.id), [event]


def automatic(
    state: PipelineState, execution: Execution, stage: StageExecution, mode: RetryMode | None
) -> list[ev.Event]:
    """The retry that the stage has coming by itself; nothing where it has had it."""
    if stage.auto_retries >= AUTOMATIC:
        return []
    return [_retried(state, execution, stage, mode or "FAILED_ACTIONS", (), "AutomatedStageRetry")]


def _retried(
    state: PipelineState,
    execution: Execution,
    stage: StageExecution,
    mode: RetryMode,
    forced: tuple[str, ...],
    trigger: ev.RetryTrigger = "ManualStageRetry",
) -> ev.StageRetried:
    if mode == "ALL_ACTIONS":
        declared = state.declaration(execution).stage(stage.name)
        forced += tuple(f"{stage.name}/{action.name}" for action in declared.actions)
    return ev.StageRetried(execution.id, stage.name, mode, forced, trigger)


def _retryable_stage(state: PipelineState, execution: Execution, name: str) -> StageExecution:
    if name:
        check_stage(state.declaration(execution), name)
        return execution.stages[name]
    for stage in execution.stages.values():
        if stage.status in (StageStatus.FAILED, StageStatus.STOPPED):
            return stage
    raise Refused("StageNotRetryableException", f"#{execution.number} has no failed stage to retry")


def _check(state: PipelineState, execution: Execution, stage: StageExecution, mode: str) -> None:
    if stage.status not in (StageStatus.FAILED, StageStatus.STOPPED):
        raise Refused(
            "StageNotRetryableException",
            f"stage {stage.name} of #{execution.number} is {stage.status or 'not reached'}, not failed",
        )
    if execution.status is ExecutionStatus.STOPPING:
        raise Refused("ConflictException", f"#{execution.number} is stopping; retry it once it has stopped")
    if execution.version != state.version:
        raise Refused(
            "StageNotRetryableException",
            f"the definition changed since #{execution.number} started; start a new run instead",
        )
    currents = [state.actions[ids[-1]] for ids in stage.actions.values()]
    if mode == "ALL_ACTIONS" and any(action.live for action in currents):
        raise Refused("ConflictException", f"stage {stage.name} still has actions in progress")
    if not any(_retryable(action) for action in currents) and not _refused_by_condition(stage):
        raise Refused("StageNotRetryableException", f"stage {stage.name} has no failed action")
    if execution.status in (ExecutionStatus.SUPERSEDED, ExecutionStatus.CANCELLED):
        word = "superseded" if execution.status is ExecutionStatus.SUPERSEDED else "cancelled"
        raise Refused("StageNotRetryableException", f"#{execution.number} was {word}")
    check_latest(state, execution, stage.name)
    if not execution.active:
        check_room(state)


def _retryable(action: ActionExecution) -> bool:
    return not action.live and action.status in (ActionStatus.FAILED, ActionStatus.ABANDONED)


def _refused_by_condition(stage: StageExecution) -> bool:
    return any(found.stands and not found.live and not found.passed for found in stage.conditions)
