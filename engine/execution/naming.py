"""What executions are called in sentences."""

from __future__ import annotations

from engine.execution.state import PipelineState


def name_of(state: PipelineState, identity: str) -> str:
    """``#12``; an execution that is not at hand any more is `a newer execution`."""
    execution = state.executions.get(identity)
    return f"#{execution.number}" if execution else "a newer execution"
