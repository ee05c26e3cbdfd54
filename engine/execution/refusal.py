"""Requests that cannot be granted, and the looks at a state that refuse what does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.pipeline import PipelineDeclaration

EXECUTIONS = 50  # AWS's cap for the modes QUEUED and PARALLEL

Reply = tuple[rq.Answer, list[ev.Event]]


class Refused(Exception):
    """A request that cannot be granted now: AWS's exception name and a sentence for people."""

    def __init__(self, exception: str, message: str) -> None:
        super().__init__(message)
        self.answer = rq.Answer(False, message, exception)


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean Deploy?``, or nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def execution_of(state: PipelineState, reference: str, *, active: bool) -> Execution:
    """The execution that people named; without a name the newest, or the newest that is `active`."""
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


def meant(actions: list[ActionExecution], target: str) -> tuple[list[ActionExecution], list[str]]:
    """Those that `target` may mean (an id, ``stage/action``, an action, a stage; empty: any), and the names of all."""
    names = [f"{action.stage}/{action.action}" for action in actions]
    fits = [a for a, name in zip(actions, names, strict=True) if target in ("", a.id, name, a.action, a.stage)]
    return fits, names


def check_stage(declaration: PipelineDeclaration, name: str) -> None:
    """Refuse a stage that does not exist."""
    known = [stage.name for stage in declaration.stages]
    if name not in known:
        raise Refused("StageNotFoundException", f"no stage {name or 'without a name'}{nearest(name, known)}")


def check_room(state: PipelineState) -> None:
    """Refuse one execution more than AWS lets be under way at once."""
    if state.definition.mode != "SUPERSEDED" and len(state.active_ids) >= EXECUTIONS:
        raise Refused(
            "ConcurrentPipelineExecutionsLimitExceededException",
            f"{EXECUTIONS} executions are under way, the most that mode {state.definition.mode} allows",
        )


def check_latest(state: PipelineState, execution: Execution, stage: str) -> None:
    """Refuse to touch a stage that a newer execution has entered since."""
    newer = [
        other
        for other in state.executions.values()
        if other.number > execution.number and other.lane == execution.lane
        if stage in other.stages and other.stages[stage].attempt
    ]
    if execution.mode != "PARALLEL" and newer:
        raise Refused(
            "NotLatestPipelineExecutionException",
            f"#{newer[-1].number} has entered stage {stage} since",
        )
