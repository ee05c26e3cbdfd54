"""The fold: how each event changes the state. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.execution import builds, narrowing
from engine.execution import events as ev
from engine.execution.gate_fold import HANDLERS as GATES
from engine.execution.pause_fold import HANDLERS as PAUSES
from engine.execution.pause_fold import unpause
from engine.execution.resume import resume, take_lock
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus


class ImpossibleEvent(Exception):
    """An event does not fit the state: a defect of greenroom, never of the user's files."""


def apply(state: PipelineState, recorded: ev.Recorded) -> None:
    """Fold one recorded event into the state. Raises `ImpossibleEvent` where it cannot follow what happened."""
    try:
        _HANDLERS[type(recorded.event)](state, recorded.event, recorded.at)
    except KeyError as error:
        raise ImpossibleEvent(f"#{recorded.seq} {recorded.event!r}: nothing known of {error}") from error
    state.seq = recorded.seq


def replay(name: str, story: list[ev.Recorded]) -> PipelineState:
    """The state that a whole journal adds up to."""
    state = PipelineState(name)
    for recorded in story:
        apply(state, recorded)
    return state


# -- pipeline -----------------------------------------------------------------------------------------------------


def _defined(state: PipelineState, event: ev.PipelineDefined, at: float) -> None:
    state.version = event.version
    state.file = event.file
    state.definitions[event.version] = PipelineDeclaration.model_validate_json(event.declaration)


def _watch(state: PipelineState, event: ev.WatchChanged, at: float) -> None:
    state.watch_paused = event.paused
    state.watch_reason = event.reason


# -- executions ---------------------------------------------------------------------------------------------------


def _started(state: PipelineState, event: ev.ExecutionStarted, at: float) -> None:
    stages = {stage.name: StageExecution(stage.name) for stage in state.definitions[event.version].stages}
    state.executions[event.execution_id] = Execution(
        id=event.execution_id,
        number=event.number,
        version=event.version,
        trigger=event.trigger,
        detail=event.detail,
        mode=event.mode,
        started_at=at,
        revisions=dict(event.revisions),
        variables=dict(event.variables),
        selected=event.selected,
        forced=event.forced,
        approve=event.approve,
        stages=stages,
        execution_type=event.execution_type,
        rollback_target=event.rollback_target,
        rollback_stage=event.rollback_stage,
        source_revisions=dict(event.source_revisions),
        lane=event.lane,
        on_failure=event.on_failure,
        resume=dict(event.resume),
    )
    state.active_ids.append(event.execution_id)


def _yielded(state: PipelineState, event: ev.ExecutionYielded, at: float) -> None:
    state.executions[event.execution_id].yields_to = event.to


def _stop(state: PipelineState, event: ev.StopRequested, at: float) -> None:
    execution = state.executions[event.execution_id]
    execution.stop = event
    execution.status = ExecutionStatus.STOPPING
    for stage in execution.stages.values():
        if stage.status is StageStatus.IN_PROGRESS:
            stage.status = StageStatus.STOPPING


def _ended(state: PipelineState, event: ev.ExecutionEnded, at: float) -> None:
    execution = state.executions[event.execution_id]
    execution.status = event.status
    execution.ended_at = at
    execution.summary = event.summary
    execution.superseded_by = event.by
    state.active_ids.remove(execution.id)
    _leave_queues(state, execution)


def _leave_queues(state: PipelineState, execution: Execution) -> None:
    for stage in execution.stages.values():
        name = execution.lock_of(stage.name)
        if execution.id in (queue := state.waiting.get(name, [])):
            queue.remove(execution.id)
            stage.waiting = ""
            if not queue:
                del state.waiting[name]


# -- stages -------------------------------------------------------------------------------------------------------


def _stage_waiting(state: PipelineState, event: ev.StageWaiting, at: float) -> None:
    execution = state.executions[event.execution_id]
    queue = state.waiting.setdefault(execution.lock_of(event.stage), [])
    if execution.id not in queue:
        queue.append(execution.id)
    execution.stages[event.stage].waiting = event.reason


def _stage_entered(state: PipelineState, event: ev.StageEntered, at: float) -> None:
    execution = state.executions[event.execution_id]
    _leave_queues(state, execution)
    stage = execution.stages[event.stage]
    stage.status = StageStatus.IN_PROGRESS
    stage.attempt += 1
    stage.entered_at = at
    take_lock(state, execution, stage)


def _stage_ended(state: PipelineState, event: ev.StageEnded, at: float) -> None:
    stage = state.executions[event.execution_id].stages[event.stage]
    stage.status = event.status
    stage.ended_at = at
    stage.summary = event.summary


def _stage_released(state: PipelineState, event: ev.StageReleased, at: float) -> None:
    execution = state.executions[event.execution_id]
    if state.locks.get(execution.lock_of(event.stage)) == execution.id:
        del state.locks[execution.lock_of(event.stage)]
    execution.stages[event.stage].holds_lock = False


def _stage_retried(state: PipelineState, event: ev.StageRetried, at: float) -> None:
    execution = state.executions[event.execution_id]
    execution.forced = tuple(dict.fromkeys((*execution.forced, *event.forced)))
    stage = execution.stages[event.stage]
    stage.attempt += 1
    stage.retry_trigger = event.trigger
    stage.resume = event.resume
    execution.on_failure = event.on_failure or execution.on_failure
    stage.retries += event.trigger == "ManualStageRetry"
    stage.auto_retries += event.trigger == "AutomatedStageRetry"
    everything = event.mode == "ALL_ACTIONS"
    for condition in stage.conditions:
        condition.stands = not everything and condition.kind == "BEFORE_ENTRY" and condition.stands and condition.passed
    currents = {name: state.actions[ids[-1]] for name, ids in stage.actions.items()}
    stage.rerun = {
        name for name, current in currents.items() if everything or (not current.live and not current.status.passes)
    }
    resume(state, execution, stage, at)


# -- actions ------------------------------------------------------------------------------------------------------


def _scheduled(state: PipelineState, event: ev.ActionScheduled, at: float) -> None:
    state.actions[event.action_execution_id] = ActionExecution(
        id=event.action_execution_id,
        execution_id=event.execution_id,
        born_in=event.execution_id,
        number=state.executions[event.execution_id].number,
        stage=event.stage,
        action=event.action,
        attempt=event.attempt,
        scheduled_at=at,
        condition=event.condition,
        resume=event.resume,
        resumes=event.resumes,
        attended=bool(event.resume),
        by_hand=bool(event.resume),
    )
    stage = state.executions[event.execution_id].stages[event.stage]
    if event.condition:
        stage.conditions[-1].rules[event.action] = event.action_execution_id
        return
    stage.actions.setdefault(event.action, []).append(event.action_execution_id)
    stage.rerun.discard(event.action)


def _prepared(state: PipelineState, event: ev.ActionPrepared, at: float) -> None:
    action = state.actions[event.action_execution_id]
    action.prepared = event
    action.step = "prepared"


def _running(state: PipelineState, event: ev.ActionStarted, at: float) -> None:
    action = state.actions[event.action_execution_id]
    action.step = "running"
    action.started_at = at
    if action.kind == "effect" and action.prepared:
        state.applied[action.prepared.target] = ""


def _process(state: PipelineState, event: ev.ActionProcess, at: float) -> None:
    state.actions[event.action_execution_id].processes[event.pid] = event.birth


def _reported(state: PipelineState, event: ev.ActionReported, at: float) -> None:
    action = state.actions[event.action_execution_id]
    action.external_id = event.external_id or action.external_id
    action.summary = event.summary or action.summary


def _reused(state: PipelineState, event: ev.ActionReused, at: float) -> None:
    action, source = state.actions[event.action_execution_id], state.actions[event.source]
    action.step = "ended"
    action.status = ActionStatus.SUCCEEDED
    action.ended_at = at
    action.reused_from = source.reused_from or source.id
    action.saved = event.saved
    action.outputs = source.outputs
    action.variables = source.variables
    action.summary = source.summary
    action.external_id = source.external_id
    action.reports = source.reports
    action.phases = source.phases
    action.builds = source.builds


def _adopted(state: PipelineState, event: ev.ActionAdopted, at: float) -> None:
    scheduled = state.actions.pop(event.action_execution_id)
    adopted = state.actions[event.source]
    adopted.execution_id = scheduled.execution_id
    ids = state.executions[scheduled.execution_id].stages[scheduled.stage].actions[scheduled.action]
    ids[ids.index(scheduled.id)] = adopted.id


def _cancelling(state: PipelineState, event: ev.ActionCancelling, at: float) -> None:
    action = state.actions[event.action_execution_id]
    unpause(action, at)
    action.step = "cancelling"
    action.cancelling = event


def _action_ended(state: PipelineState, event: ev.ActionEnded, at: float) -> None:
    action = state.actions[event.action_execution_id]
    started = action.running
    unpause(action, at)
    action.step = "ended"
    action.status = event.status
    action.ended_at = at
    action.outputs = dict(event.outputs)
    action.variables = dict(event.variables)
    action.failure = event.failure
    action.summary = event.summary
    action.external_id = event.external_id or action.external_id
    action.tainted = event.tainted or action.by_hand
    action.stopped_at = None if event.status.passes else event.stopped_at or action.stopped_at
    action.reports = event.reports
    action.phases = event.phases
    action.processes = {}
    action.observed = event.observed
    builds.close(action, at)
    if event.status is ActionStatus.SUCCEEDED and action.prepared and started:
        _keep_result(state, action, action.prepared)


def _keep_result(state: PipelineState, action: ActionExecution, prepared: ev.ActionPrepared) -> None:
    match prepared.kind:
        case "effect":
            state.applied[prepared.target] = "" if action.by_hand else action.id
        case "approval":
            state.approved[f"{action.stage}/{action.action}"] = action.id
        case "pure" | "source" if not action.tainted:
            state.by_fingerprint.setdefault(prepared.fingerprint, []).append(action.id)
            narrowing.keep_observation(state, action)


def _decided(state: PipelineState, event: ev.ApprovalDecided, at: float) -> None:
    state.actions[event.action_execution_id].decision = event


def _evicted(state: PipelineState, event: ev.ResultsEvicted, at: float) -> None:
    for identity in event.action_execution_ids:
        action = state.actions[identity]
        action.evicted = True
        same = state.by_fingerprint.get(action.fingerprint, [])
        if identity in same:
            same.remove(identity)


# Each handler takes exactly the event type it is filed under; the table cannot express that.
_HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {
    ev.PipelineDefined: _defined,
    ev.WatchChanged: _watch,
    ev.ExecutionStarted: _started,
    ev.ExecutionYielded: _yielded,
    ev.StopRequested: _stop,
    ev.ExecutionEnded: _ended,
    ev.StageWaiting: _stage_waiting,
    ev.StageEntered: _stage_entered,
    ev.StageEnded: _stage_ended,
    ev.StageReleased: _stage_released,
    ev.StageRetried: _stage_retried,
    ev.ActionScheduled: _scheduled,
    ev.ActionPrepared: _prepared,
    ev.ActionStarted: _running,
    ev.ActionProcess: _process,
    ev.ActionReported: _reported,
    ev.ActionReused: _reused,
    ev.ActionAdopted: _adopted,
    ev.ActionCancelling: _cancelling,
    ev.ActionEnded: _action_ended,
    ev.ApprovalDecided: _decided,
    ev.ResultsEvicted: _evicted,
    **builds.HANDLERS,
    **narrowing.HANDLERS,
    **GATES,
    **PAUSES,
}
