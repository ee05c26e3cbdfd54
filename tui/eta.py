"""How long an execution still takes, judged by how long its actions took before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState


def remaining(state: PipelineState, execution: Execution, now: float) -> float | None:
    """Seconds until the end, or until the next approval; None where nobody can tell."""
    if not execution.active or execution.version not in state.definitions:
        return None
    total = 0.0
    for stage in state.declaration(execution).stages:
        for order in sorted({action.runOrder for action in stage.actions}):
            longest = 0.0
            for action in stage.actions:
                if action.runOrder != order:
                    continue
                run = state.current(execution, stage.name, action.name)
                if run is not None and run.awaits_approval:
                    return None
                if run is not None and not run.live:
                    continue
                if action.actionTypeId.category == "Approval":
                    return total + longest or None
                took = _usual(state, stage.name, action.name)
                if took is None:
                    return None
                longest = max(longest, took - _spent(run, now))
            total += longest
    return total


def _spent(run: ActionExecution | None, now: float) -> float:
    return now - run.started_at if run is not None and run.started_at else 0.0


def _usual(state: PipelineState, stage: str, action: str) -> float | None:
    """How long the action took when it last really ran and succeeded."""
    for run in reversed(state.attempts(stage, action)):
        if run.seconds and run.status == "Succeeded":
            return run.seconds
    return None
