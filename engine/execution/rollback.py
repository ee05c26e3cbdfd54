"""Rollback: one stage again with the revisions, artifacts and variables of an execution that succeeded there.

It is an execution of its own, of type ROLLBACK, and runs that stage alone.
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
"""

from __future__ import annotations

from collections.abc import Callable

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.refusal import Refused, Reply, check_room, check_stage, nearest
from engine.execution.state import Execution, PipelineState
from engine.model.status import StageStatus

_UNABLE = "UnableToRollbackStageException"


def roll_back(state: PipelineState, request: rq.Rollback, new_id: Callable[[], str]) -> Reply:
    """Somebody asks for it."""
    check_stage(state.definition, request.stage)
    target = _target(state, request)
    _check_stage(state, target, request.stage)
    _check_target(state, target, request.stage)
    check_room(state)
    started = _started(state, target, request.stage, "ManualRollback", request.by, new_id())
    entered = ev.StageEntered(started.execution_id, request.stage)  # before anybody who waits in front of it
    message = f"#{started.number} rolls {request.stage} back to #{target.number}"
    return rq.Answer(True, message, execution_id=started.execution_id), [started, entered]


def automatic(
    state: PipelineState, execution: Execution, stage: str, new_id: Callable[[], str]
) -> ev.ExecutionStarted | None:
    """The rollback of a stage that failed in `execution`; none where there is no execution to go back to."""
    if execution.execution_type == "ROLLBACK" or execution.mode == "PARALLEL":
        return None  # what is rolled back to is what failed: once more would lead nowhere
    found = targets(state, stage, lane=execution.lane)
    return _started(state, found[0], stage, "AutomatedRollback", execution.id, new_id()) if found else None


def targets(state: PipelineState, stage: str, *, lane: str | None = None) -> list[Execution]:
    """The executions that a stage can be brought back to, newest first."""
    return [
        execution
        for execution in reversed(state.executions.values())
        if lane in (None, execution.lane) and _is_eligible(state, execution, stage)
    ]


def _is_eligible(state: PipelineState, execution: Execution, stage: str) -> bool:
    try:
        _check_target(state, execution, stage)
    except Refused:
        return False
    return True


def _target(state: PipelineState, request: rq.Rollback) -> Execution:
    if not request.target:
        found = targets(state, request.stage)
        if not found:
            raise Refused(_UNABLE, f"no execution has succeeded in {request.stage} since the definition changed")
        return found[0]
    target = state.find(request.target)
    if target is None:
        known = nearest(request.target, (str(found.number) for found in state.executions.values()))
        raise Refused("PipelineExecutionNotFoundException", f"no execution {request.target}{known}")
    return target


def _check_stage(state: PipelineState, target: Execution, stage: str) -> None:
    """Whether the stage can be rolled back at all, now."""
    if state.definition.mode == "PARALLEL":
        raise Refused(_UNABLE, "there is no rollback in mode PARALLEL")
    if any(action.actionTypeId.category == "Source" for action in state.definition.stage(stage).actions):
        raise Refused(_UNABLE, f"{stage} is the source stage; it cannot be rolled back")
    holder = state.executions.get(state.locks.get(target.lock_of(stage), ""))
    if holder is not None:
        raise Refused(_UNABLE, f"#{holder.number} is in stage {stage}; roll back once it has left")
    if any(other.rollback_stage == stage for other in state.active):
        raise Refused("ConflictException", f"stage {stage} is being rolled back already")


def _check_target(state: PipelineState, target: Execution, stage: str) -> None:
    """Whether that execution can be gone back to."""
    if target.execution_type == "ROLLBACK":
        raise Refused(_UNABLE, f"#{target.number} is a rollback itself; name the execution that it went back to")
    if target.version != state.version:
        raise Refused(
            "PipelineExecutionOutdatedException", f"the definition changed since #{target.number}: it cannot come back"
        )
    found = target.stages.get(stage)
    if found is None or found.status is not StageStatus.SUCCEEDED:
        how = str(found.status) if found and found.status else "not reached"
        raise Refused(_UNABLE, f"stage {stage} of #{target.number} is {how}, not Succeeded")
    if missing := _missing(state, target, stage):
        raise Refused(_UNABLE, f"artifact {missing} of #{target.number} is not kept any more")


def _missing(state: PipelineState, target: Execution, stage: str) -> str:
    """An artifact that the stage reads and that was dropped from the store."""
    declaration = state.declaration(target)
    for action in declaration.stage(stage).actions:
        for artifact in action.inputArtifacts:
            maker = declaration.makers.get(artifact.name)
            made = state.current(target, *maker) if maker else None
            if maker and maker[0] != stage and (made is None or state.origin(made).evicted):
                return artifact.name
    return ""


def _started(
    state: PipelineState, target: Execution, stage: str, trigger: ev.TriggerType, detail: str, identity: str
) -> ev.ExecutionStarted:
    latest = state.latest
    return ev.ExecutionStarted(
        execution_id=identity,
        number=latest.number + 1 if latest else 1,
        version=state.version,
        trigger=trigger,
        detail=detail,
        mode=state.definition.mode,
        revisions=target.revisions,
        variables=target.variables,
        execution_type="ROLLBACK",
        rollback_target=target.id,
        rollback_stage=stage,
        lane=target.lane,
    )
