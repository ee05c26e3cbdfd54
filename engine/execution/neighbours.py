"""Pipelines of one directory may put things into the same place."""

from __future__ import annotations

from collections.abc import Iterable

from engine.execution.state import ActionExecution, PipelineState


def overtaken(state: PipelineState, others: Iterable[PipelineState]) -> list[str]:
    """The action executions that count as applied last to their target, though another pipeline came later."""
    lately: dict[str, float] = {}
    for other in others:
        for action in other.actions.values():
            if action.started_at and (target := _target(action)):
                lately[target] = max(lately.get(target, 0.0), action.started_at)
    applied = ((target, state.actions[identity]) for target, identity in state.applied.items() if identity)
    return [a.id for target, a in applied if not a.evicted and lately.get(target, 0.0) >= a.started_at]


def _target(action: ActionExecution) -> str:
    return action.prepared.target if action.prepared and action.kind == "effect" else ""
