"""What is said of an action, whoever says it: lines, tables, JUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.execution.pausing import told
from tui.graph.model import brief

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, PipelineState


def reasons(state: PipelineState, action: ActionExecution) -> list[str]:
    """Why an action ran, was reused, or waits, in the engine's words."""
    from engine.execution import explain

    return explain.reasons(state, action)


def failure(action: ActionExecution) -> str:
    """``JobFailed: exit status 1: pytest``. The log, `why` and --json have AWS's whole sentence."""
    if action.failure is None:
        return action.summary or str(action.status)
    return f"{action.failure.type}: {brief(action.failure.message)}"


def note(state: PipelineState, action: ActionExecution) -> str:
    """The one thing worth saying of an action in a table: why it failed, waits, or ran."""
    if action.status == "Failed":
        return failure(action)
    if action.awaits_approval:
        return "; ".join(line.strip() for line in action.prepared.evidence) if action.prepared else ""
    if action.paused:
        return "; ".join(reasons(state, action))
    if action.status == "Abandoned":
        where = f"stopped at {told(action.stopped_at)}" if action.stopped_at else ""
        return "; ".join(part for part in (action.summary, where) if part)
    return "; ".join(reasons(state, action)) or action.summary


def approved_ahead(state: PipelineState, action: ActionExecution) -> bool:
    """Whether the run was given this approval in advance (--approve)."""
    execution = state.executions[action.execution_id]
    return bool({"all", f"{action.stage}/{action.action}"} & set(execution.approve))
