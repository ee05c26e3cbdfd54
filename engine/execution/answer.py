"""Requests against the state: each becomes events, or is refused with AWS's own exception name."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.select import closure
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus

Reply = tuple[rq.Answer, list[ev.Event]]


class Refused(Exception):
    """A request that cannot be granted now: AWS's exception name and a sentence for people."""

    def __init__(self, exception: str, message: str) -> None:
        super().__init__(message)
        self.answer = rq.Answer(False, message, exception)


def answer(state: PipelineState, request: rq.Request, new_id: Callable[[], str]) -> Reply:
    """What a request leads to. Never raises: a refusal is an answer without events."""
    try:
        match request:
            case rq.Start():
                return _start(state, request, new_id)
            case rq.Approve():
                return _approve(state, request)
            case rq.Stop():
                return _stop(state, request)
            case rq.Retry():
                return _retry(state, request)
            case rq.SetWatch():
                return rq.Answer(True), [ev.WatchChanged(request.paused, request.reason)]
    except Refused as refusal:
        return refusal.answer, []


def _start(state: PipelineState, request: rq.Start, new_id: Callable[[], str]) -> Reply:
    variables = _variables(state, request.variables)
    selected = closure(state.definition, request.selected)
    if request.selected and not selected:
        raise Refused("ActionNotFoundException", f"the pipeline has none of {', '.join(request.selected)} any more")
    identity = new_id()
    latest = state.latest
    started = ev.ExecutionStarted(
        execution_id=identity,
        number=latest.number + 1 if latest else 1,
        version=state.version,
        trigger=request.trigger,
        detail=request.detail,
        mode=state.definition.mode,
        revisions=request.revisions,
        variables=variables,
        selected=selected,
        forced=tuple(_action_key(state, name) for name in request.forced),
        approve=tuple(name if name == "all" else _action_key(state, name) for name in request.approve),
    )
    found: list[ev.Event] = [started]
    if request.trigger in ("Save", "Reload"):
        found += [ev.ExecutionYielded(old.id, identity) for old in state.active if not old.yields_to and not old.stop]
    return rq.Answer(True, f"started #{started.number}", execution_id=identity), found


def _variables(state: PipelineState, given: dict[str, str]) -> dict[str, str]:
    declared = {variable.name: variable.defaultValue for variable in state.definition.variables or ()}
    for name in given:
        if name not in declared:
            raise Refused("ValidationException", f"the pipeline has no variable {name}{_nearest(name, declared)}")
    values = {**declared, **given}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise Refused(
            "ValidationException",
            f"variable {', '.join(missing)} has no value: give one with --var {missing[0]}=VALUE"
            " or under `variables` in greenroom.yaml",
        )
    return {name: value for name, value in values.items() if value}


def _nearest(name: str, known: object) -> str:
    near = difflib.get_close_matches(name, list(known) if isinstance(known, dict | list | set) else [], 1)
    return f"; did you mean {near[0]}?" if near else ""


def _action_key(state: PipelineState, name: str) -> str:
    """``stage/action`` of a name that people typed. Raises `Refused` with the nearest name."""
    if name == "*":
        return name
    keys = [f"{stage.name}/{action.name}" for stage in state.definition.stages for action in stage.actions]
    matches = [key for key in keys if name == key or name == key.split("/", 1)[1]]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise Refused("ValidationException", f"{name} is ambiguous: {', '.join(matches)}")
    near = _nearest(name, keys) or _nearest(name, [key.split("/", 1)[1] for key in keys])
    raise Refused("ActionNotFoundException", f"the pipeline has no action {name}{near}")


def _execution(state: PipelineState, reference: str, *, active: bool) -> Execution:
    if reference:
        found = state.find(reference)
    else:
        candidates = state.active if active else list(state.executions.values())
        found = candidates[-1] if candidates else None
    if found is None:
        what = f"no execution {reference}" if reference else "nothing is running" if active else "nothing has run yet"
        exception = "PipelineExecutionNotFoundException" if reference else "PipelineExecutionNotStoppableException"
        raise Refused(exception, what)
    return found


# -- approvals -----------------------------------------------------------------------------------------------------


def _approve(state: PipelineState, request: rq.Approve) -> Reply:
    action = _approval(state, request.target)
    event = ev.ApprovalDecided(action.id, request.approved, request.summary[:512], request.by)
    word = "approved" if request.approved else "rejected"
    return rq.Answer(True, f"{word} {action.stage}/{action.action}", execution_id=action.execution_id), [event]


def _approval(state: PipelineState, target: str) -> ActionExecution:
    waiting = state.approvals()
    names = [f"{action.stage}/{action.action}" for action in waiting]
    fits = [a for a, name in zip(waiting, names, strict=True) if target in ("", a.id, name, a.action, a.stage)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise Refused("ValidationException", f"several approvals wait: {', '.join(names)}; name one")
    known = state.actions.get(target)
    if known is not None and known.kind == "approval":
        raise Refused("ApprovalAlreadyCompletedException", f"{known.stage}/{known.action} was answered already")
    if not names:
        raise Refused("InvalidApprovalTokenException", "no approval waits")
    raise Refused("InvalidApprovalTokenException", f"no approval {target} waits; waiting: {', '.join(names)}")


# -- stop ----------------------------------------------------------------------------------------------------------


def _stop(state: PipelineState, request: rq.Stop) -> Reply:
    execution = _execution(state, request.execution, active=True)
    if not execution.active:
        raise Refused("PipelineExecutionNotStoppableException", f"#{execution.number} is {execution.status} already")
    if execution.stop and (execution.stop.abandon or not request.abandon):
        raise Refused("DuplicatedStopRequestException", f"#{execution.number} is stopping already")
    event = ev.StopRequested(execution.id, request.abandon, request.reason[:200])
    return rq.Answer(True, f"stopping #{execution.number}", execution_id=execution.id), [event]


# -- retry ---------------------------------------------------------------------------------------------------------


def _retry(state: PipelineState, request: rq.Retry) -> Reply:
    execution = _execution(state, request.execution, active=False)
    stage = _retryable_stage(execution, request.stage)
    _check_retry(state, execution, stage, request.mode)
    forced = tuple(_action_key(state, name) for name in request.forced)
    if request.mode == "ALL_ACTIONS":
        declared = state.declaration(execution).stage(stage.name)
        forced += tuple(f"{stage.name}/{action.name}" for action in declared.actions)
    event = ev.StageRetried(execution.id, stage.name, request.mode, forced)
    return rq.Answer(True, f"retrying {stage.name} of #{execution.number}", execution_id=execution.id), [event]


def _retryable_stage(execution: Execution, name: str) -> StageExecution:
    if name:
        if name not in execution.stages:
            raise Refused("StageNotFoundException", f"no stage {name}{_nearest(name, list(execution.stages))}")
        return execution.stages[name]
    for stage in execution.stages.values():
        if stage.status in (StageStatus.FAILED, StageStatus.STOPPED):
            return stage
    raise Refused("StageNotRetryableException", f"#{execution.number} has no failed stage to retry")


def _check_retry(state: PipelineState, execution: Execution, stage: StageExecution, mode: str) -> None:
    """AWS's conditions: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html."""
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
    if not currents or not any(_retryable(action) for action in currents):
        raise Refused("StageNotRetryableException", f"stage {stage.name} has no failed action")
    if execution.status is ExecutionStatus.SUPERSEDED:
        raise Refused("StageNotRetryableException", f"#{execution.number} was superseded")
    newer = [e for e in state.executions.values() if e.number > execution.number and e.stages[stage.name].attempt]
    if execution.mode != "PARALLEL" and newer and stage.name in newer[-1].stages:
        raise Refused(
            "NotLatestPipelineExecutionException",
            f"#{newer[-1].number} has entered stage {stage.name} since; retry that one",
        )


def _retryable(action: ActionExecution) -> bool:
    return not action.live and action.status in (ActionStatus.FAILED, ActionStatus.ABANDONED)
