"""Requests against the state: each becomes events, or is refused with AWS's own exception name."""

from __future__ import annotations

from collections.abc import Callable

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.continuing import resume
from engine.execution.override import override
from engine.execution.refusal import Refused, Reply, check_room, execution_of, meant, nearest
from engine.execution.retry import retry
from engine.execution.rollback import roll_back
from engine.execution.select import action_key, closure
from engine.execution.state import ActionExecution, PipelineState
from engine.execution.transitions import disable, enable

VARIABLES = 50  # AWS's cap for the variables of one start
LONGEST_VALUE = 1000


def answer(state: PipelineState, request: rq.Request, new_id: Callable[[], str]) -> Reply:
    """What a request leads to. Never raises: a refusal is an answer without events."""
    try:
        return _granted(state, request, new_id)
    except Refused as refusal:
        return refusal.answer, []


def _granted(state: PipelineState, request: rq.Request, new_id: Callable[[], str]) -> Reply:
    match request:
        case rq.Start():
            return _start(state, request, new_id)
        case rq.Approve():
            return _approve(state, request)
        case rq.Stop():
            return _stop(state, request)
        case rq.Retry():
            return retry(state, request)
        case rq.Resume():
            return resume(state, request)
        case rq.Rollback():
            return roll_back(state, request, new_id)
        case rq.DisableTransition():
            return disable(state, request)
        case rq.EnableTransition():
            return enable(state, request)
        case rq.OverrideCondition():
            return override(state, request)
        case rq.SetAlarm():
            event = ev.AlarmSet(request.name, request.state, request.reason, request.by)
            return rq.Answer(True, f"alarm {request.name} is {request.state}"), [event]
        case rq.SetWatch():
            return rq.Answer(True), [ev.WatchChanged(request.paused, request.reason)]


def _start(state: PipelineState, request: rq.Start, new_id: Callable[[], str]) -> Reply:
    _check_sources(state, request.source_revisions)
    variables = _variables(state, request.variables)
    selected = closure(state.definition, request.selected)
    if request.selected and not selected:
        raise Refused("ActionNotFoundException", f"the pipeline has none of {', '.join(request.selected)} any more")
    yielding = _yielding(state, request)
    if not yielding:
        check_room(state)
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
        forced=tuple(action_key(state.definition, name) for name in request.forced),
        approve=tuple(name if name == "all" else action_key(state.definition, name) for name in request.approve),
        source_revisions=request.source_revisions,
        lane=request.lane,
        on_failure=request.on_failure or "continue",
        resume={action_key(state.definition, name): how for name, how in request.resume.items()},
    )
    found: list[ev.Event] = [started, *(ev.ExecutionYielded(old, identity) for old in yielding)]
    return rq.Answer(True, f"started #{started.number}", execution_id=identity), found


def _check_sources(state: PipelineState, given: dict[str, str]) -> None:
    """Source revision overrides: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html"""
    if given and state.definition.pipelineType == "V1":
        raise Refused("ValidationException", "source revisions can be named for pipelines of type V2 only")
    sources = [
        action.name
        for stage in state.definition.stages
        for action in stage.actions
        if action.actionTypeId.category == "Source"
    ]
    for name in given:
        if name not in sources:
            raise Refused("ValidationException", f"the pipeline has no source action {name}{nearest(name, sources)}")


def _yielding(state: PipelineState, request: rq.Start) -> list[str]:
    """The executions that a save takes over from. A parallel one keeps to the definition that it started with."""
    if request.trigger not in ("Save", "Reload"):
        return []
    return [
        old.id
        for old in state.active
        if not old.yields_to and not old.stop and old.lane == request.lane
        if old.mode != "PARALLEL" or old.version == state.version
    ]


def _variables(state: PipelineState, given: dict[str, str]) -> dict[str, str]:
    declared = {variable.name: variable.defaultValue for variable in state.definition.variables or ()}
    if len(given) > VARIABLES:
        raise Refused("ValidationException", f"{len(given)} variables are given; AWS takes {VARIABLES} at most")
    for name, value in given.items():
        if name not in declared:
            raise Refused("ValidationException", f"the pipeline has no variable {name}{nearest(name, declared)}")
        if len(value) > LONGEST_VALUE:
            raise Refused(
                "ValidationException", f"variable {name} has {len(value)} characters; AWS takes {LONGEST_VALUE} at most"
            )
    values = {**declared, **given}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise Refused(
            "ValidationException",
            f"variable {', '.join(missing)} has no value: give one with --var {missing[0]}=VALUE"
            " or under `variables` in greenroom.yaml",
        )
    return {name: value for name, value in values.items() if value}


# -- approvals -----------------------------------------------------------------------------------------------------


def _approve(state: PipelineState, request: rq.Approve) -> Reply:
    action = _approval(state, request.target)
    event = ev.ApprovalDecided(action.id, request.approved, request.summary[:512], request.by)
    word = "approved" if request.approved else "rejected"
    return rq.Answer(True, f"{word} {action.stage}/{action.action}", execution_id=action.execution_id), [event]


def _approval(state: PipelineState, target: str) -> ActionExecution:
    fits, names = meant(state.approvals(), target)
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
    execution = execution_of(state, request.execution, active=True)
    if not execution.active:
        raise Refused("PipelineExecutionNotStoppableException", f"#{execution.number} is {execution.status} already")
    if execution.stop and (execution.stop.abandon or not request.abandon):
        raise Refused("DuplicatedStopRequestException", f"#{execution.number} is stopping already")
    event = ev.StopRequested(execution.id, request.abandon, request.reason[:200])
    return rq.Answer(True, f"stopping #{execution.number}", execution_id=execution.id), [event]
