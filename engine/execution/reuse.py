"""Whether a prepared action must run, and if not, whose result stands for it.

The one place that decides what a change affects: `decide`, `plan`, the watch loop and every screen ask here.
"""

from __future__ import annotations

from engine.execution.events import ActionPrepared
from engine.execution.narrowing import narrowed
from engine.execution.state import ActionExecution, PipelineState


def standing(state: PipelineState, stage: str, action: str, prepared: ActionPrepared) -> ActionExecution | None:
    """The earlier result that may stand for this one, or None when the action has to run.

    Pure actions and sources: the newest success with the same fingerprint, or, where inputs are observed, one that
    would see nothing else in the present ones. Effects: only what was applied last to
    the same target. Approvals: only the latest approval of the same action. A failure never stands.
    """
    if not prepared.reusable:
        return None
    match prepared.kind:
        case "pure" | "source":
            same = state.by_fingerprint.get(prepared.fingerprint)
            return state.actions[same[-1]] if same else narrowed(state, stage, action, prepared.narrowing)
        case "effect":
            return _if_same(state, state.applied.get(prepared.target, ""), prepared)
        case "approval":
            return _if_same(state, state.approved.get(f"{stage}/{action}", ""), prepared)
        case _:
            return None


def _if_same(state: PipelineState, identity: str, prepared: ActionPrepared) -> ActionExecution | None:
    candidate = state.actions.get(identity)
    if candidate is None or candidate.evicted or candidate.fingerprint != prepared.fingerprint:
        return None
    return candidate


def previous(state: PipelineState, stage: str, action: str, *, before: str = "") -> ActionExecution | None:
    """The latest attempt at an action that was prepared, other than `before`: what a change is told against."""
    for candidate in reversed(state.actions.values()):
        if candidate.stage == stage and candidate.action == action and candidate.prepared and candidate.id != before:
            return candidate
    return None


def is_forced(forced: tuple[str, ...], stage: str, action: str) -> bool:
    """Whether the caller asked for this action to run no matter what."""
    return "*" in forced or f"{stage}/{action}" in forced or action in forced
