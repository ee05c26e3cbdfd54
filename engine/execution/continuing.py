"""Where actions are taken up in the middle: paused ones that somebody resumes, and new attempts at failed ones."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.pausing import WAYS, From
from engine.execution.refusal import Refused, Reply
from engine.execution.standing import Standing
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution


def resume(state: PipelineState, request: rq.Resume) -> Reply:
    """Somebody says how a paused action goes on."""
    standing = _paused(state, request.target)
    event = ev.ActionResumed(standing.run.id, request.how, request.by, standing.paused.build)
    message = f"{standing.place} {WAYS[request.how]}"
    return rq.Answer(True, message, execution_id=standing.run.execution_id), [event]


def _paused(state: PipelineState, target: str) -> Standing:
    paused = state.paused()
    fits = [standing for standing in paused if not target or target in standing.names]
    names = [standing.place for standing in paused]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise Refused("ValidationException", f"several actions are paused: {', '.join(names)}; name one")
    if not names:
        raise Refused("ConflictException", "no action is paused")
    raise Refused("ConflictException", f"{target} is not paused; paused: {', '.join(names)}")


def check_resumable(state: PipelineState, stage: StageExecution, request: rq.Retry) -> None:
    """Refuse to take up what did not stop at a command."""
    if request.resume and request.mode == "ALL_ACTIONS":
        raise Refused("ValidationException", f"all actions of {stage.name} start anew: none is taken up in the middle")
    currents = [state.actions[ids[-1]] for ids in stage.actions.values()]
    if request.resume and not any(current.stopped_at for current in currents):
        raise Refused(
            "ValidationException",
            f"no action of stage {stage.name} failed at a command: it can only be retried from the start",
        )


def taken_up(
    state: PipelineState, execution: Execution, stage: StageExecution, action: str
) -> tuple[From, ActionExecution | None]:
    """Where an action that is about to be scheduled takes an earlier attempt up, and which."""
    earlier: ActionExecution | None
    if ids := stage.actions.get(action):
        how, earlier = stage.resume, state.actions[ids[-1]]
    else:
        how = execution.resume.get(f"{stage.name}/{action}", "")
        earlier = next(reversed(state.attempts(stage.name, action)), None) if how else None
    return (how, earlier) if how and earlier and earlier.stopped_at and not earlier.live else ("", None)
