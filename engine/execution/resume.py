"""How a stage gets its lock, and how one that had ended goes on in the same execution."""

from __future__ import annotations

from engine.execution.state import Execution, PipelineState, StageExecution
from engine.model.status import ExecutionStatus, StageStatus


def take_lock(state: PipelineState, execution: Execution, stage: StageExecution) -> None:
    """The execution is the one inside the stage; in mode PARALLEL nobody keeps count."""
    if execution.mode != "PARALLEL":
        state.locks[execution.lock_of(stage.name)] = execution.id
        stage.holds_lock = True


def resume(state: PipelineState, execution: Execution, stage: StageExecution, at: float) -> None:
    """A failed or stopped stage is under way again, and its execution with it."""
    if execution.id not in state.active_ids:
        state.active_ids.append(execution.id)
        state.active_ids.sort(key=lambda identity: state.executions[identity].number)
    execution.status = ExecutionStatus.IN_PROGRESS
    execution.ended_at = 0.0
    execution.stop = None
    execution.yields_to = ""  # whoever asks for it anew wants it in spite of newer saves
    stage.status = StageStatus.IN_PROGRESS
    stage.ended_at = 0.0
    stage.resumed_at = at
    stage.summary = ""
    take_lock(state, execution, stage)
