"""What happens and how things stand, in whole sentences: no signs, no colours, nothing that moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.execution.pausing import WAYS
from engine.execution.pausing import told as where
from tui.cli.reports.reasons import failure, reasons
from tui.graph.model import owner_of

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.pipeline import PipelineDeclaration

_BEGUN = {
    "Save": "by a save of",
    "Reload": "by a new definition:",
    "ManualRollback": "to roll back:",
    "AutomatedRollback": "to roll back by itself:",
}
_MOST = 3  # names in one sentence


def told(state: PipelineState, recorded: Recorded) -> list[str]:
    """The sentences for one event, folded into `state` already; none for what nobody needs to hear."""
    event = recorded.event
    match event.type:
        case "ExecutionStarted":
            return [_began(state.executions[event.execution_id])]
        case "ActionStarted":
            return list(_started(state, state.actions[event.action_execution_id]))
        case "ActionReused":
            action = state.actions[event.action_execution_id]
            return [] if action.kind == "source" else [f"{place(action)} is reused, {spoken(event.saved)} saved."]
        case "ActionEnded":
            return list(_ended(state.actions[event.action_execution_id]))
        case "ActionPaused":
            what = _build(state, event.action_execution_id, event.pause.build)
            return [f"{what} is paused at {where(event.pause)}. Type resume."]
        case "ActionResumed":
            return [f"{_build(state, event.action_execution_id, event.build)} {WAYS[event.how]}."]
        case "StageWaiting":
            return [f"Stage {event.stage} waits: {event.reason}."]
        case "StageRetried":
            return [f"Stage {event.stage} is retried."]
        case "StageEnded" if event.summary:
            return [f"Stage {event.stage} {event.status.lower()}: {event.summary}."]
        case "TransitionDisabled":
            return [f"Nothing enters {event.stage} any more: {event.reason}."]
        case "TransitionEnabled":
            return [f"{event.stage} may be entered again."]
        case "ConditionOverridden":
            return [f"The condition of {event.stage} is overridden."]
        case "AlarmSet" if not event.initial:
            return [f"Alarm {event.name} is {event.state}."]
        case "WatchChanged":
            return [_watch(event.paused, event.reason)]
        case "ExecutionEnded":
            return [_over(state, state.executions[event.execution_id], recorded.at)]
    return []


def standing(state: PipelineState, declaration: PipelineDeclaration, run: Execution | None, now: float) -> list[str]:
    """How things stand: the run, then each stage with its actions."""
    if run is None:
        return [f"Pipeline {state.name} has not run yet."]
    lines = [f"Pipeline {state.name}, run {run.number} of {run.label}: {_status(run, now)}."]
    for stage in declaration.stages:
        owner = owner_of(state, run, stage.name)
        found = (
            [(action.name, state.current(owner, stage.name, action.name)) for action in stage.actions] if owner else []
        )
        shut = " Its transition is disabled." if state.disabled(stage.name) else ""
        if not any(action for _, action in found):
            lines.append(f"Stage {stage.name} is not reached.{shut}")
            continue
        said = ", ".join(f"{name} {_state(action, now) if action else 'not reached'}" for name, action in found)
        lines.append(f"Stage {stage.name}: {said}.{shut}")
    return lines


def _build(state: PipelineState, identity: str, build: str) -> str:
    return place(state.actions[identity]) + (f"/{build}" if build else "")


def place(action: ActionExecution) -> str:
    """``Build/Unit``; a rule says whose it is."""
    kind, colon, rule = action.action.partition(":")
    return f"rule {rule} ({kind}) of {action.stage}" if colon else f"{action.stage}/{action.action}"


def spoken(seconds: float) -> str:
    """``0.3 seconds``, ``1 minute 5 seconds``, ``2 hours 3 minutes``."""
    if seconds < 10:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said[:2]) or "0 seconds"


def listed(names: list[str]) -> str:
    """Some names, and how many more there are."""
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def _began(run: Execution) -> str:
    why = f" {_BEGUN[run.trigger]} {run.detail}" if run.trigger in _BEGUN and run.detail else ""
    return f"Run {run.number} of {run.label} begins{why}."


def _started(state: PipelineState, action: ActionExecution) -> Iterator[str]:
    if action.awaits_approval:
        yield f"{place(action)} waits for your approval. Type approve or reject."
        for line in action.prepared.evidence if action.prepared else ():
            yield f"  {line.strip()}"
    elif not action.passive and action.kind != "source":
        why = reasons(state, action)
        yield f"{place(action)} runs{f': {why[0]}' if why else ''}."


def _ended(action: ActionExecution) -> Iterator[str]:
    if action.kind == "source" and action.status == "Succeeded":
        return
    if action.status == "Failed":
        yield f"{place(action)} failed: {failure(action).rstrip('.')}."
        if action.failure and action.failure.hint:
            yield f"  {action.failure.hint}"
    else:
        took = f" after {spoken(action.ended_at - action.started_at)}" if action.started_at and action.ended_at else ""
        more = f": {action.summary.rstrip('.')}" if action.summary and action.status != "Succeeded" else ""
        yield f"{place(action)} {str(action.status).lower()}{took}{more}."


def _over(state: PipelineState, run: Execution, now: float) -> str:
    failed = [place(one) for one in _current(state, run) if one.status == "Failed"]
    where = f" in {listed(failed)}" if failed else ""
    return f"Run {run.number} {str(run.status).lower()}{where}, {spoken(now - run.started_at)}."


def _current(state: PipelineState, run: Execution) -> list[ActionExecution]:
    return [state.actions[ids[-1]] for stage in run.stages.values() for ids in stage.actions.values()]


def _watch(paused: bool, reason: str) -> str:
    if not paused:
        return "Watching for saves."
    return f"Saves start nothing now{f': {reason}' if reason else ''}."


def _status(run: Execution, now: float) -> str:
    if run.active:
        return f"going on for {spoken(now - run.started_at)}"
    return str(run.status).lower()


def _state(action: ActionExecution, now: float) -> str:
    if action.awaits_approval:
        return "waits for your approval"
    if action.paused:
        return f"is paused at {where(action.paused)}"
    if action.running:
        return f"runs for {spoken(now - action.started_at)}" if action.started_at else "runs"
    if action.reused:
        return "reused"
    if action.status == "Failed":
        return f"failed ({failure(action)})"
    return str(action.status).lower() if action.ended_at else "queued"
