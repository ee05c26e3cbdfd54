"""Where an action's log and workspace lie."""

from __future__ import annotations

from pathlib import Path

from engine.execution.state import ActionExecution, PipelineState
from engine.journal.logs import log_path, safe_name


def place_of_log(state: PipelineState, state_dir: Path, action: ActionExecution, build: str = "") -> Path:
    """The log of an action execution, or of one build of its batch; of the run that it was reused from, where it did
    not run itself."""
    origin = state.build_origin(action, build) if build else state.origin(action)
    return log_path(state_dir, state.name, origin.number, origin.stage, origin.action, origin.attempt, build)


def place_of_work(state: PipelineState, state_dir: Path, action: ActionExecution) -> Path:
    """The workspace of an action: one an action (and lane), so that a second run costs what changed."""
    born = state.executions.get(action.born_in)
    apart = str(action.number) if is_parallel(state, action) else safe_name(born.lane) if born and born.lane else ""
    return workspace(state_dir, state.name, action.stage, action.action, apart)


def is_parallel(state: PipelineState, action: ActionExecution) -> bool:
    """Whether other executions may run the same action at the same time."""
    born = state.executions.get(action.born_in)
    return born is not None and born.mode == "PARALLEL"


def workspace(state_dir: Path, pipeline: str, stage: str, action: str, apart: str = "") -> Path:
    """The folder that an action works in. `apart` is what keeps executions of it apart that may run at a time."""
    safe = [part.replace("/", "_").replace("..", "_").replace(":", "~") for part in (pipeline, stage, action)]
    folder = state_dir / "work" / Path(*safe)
    return folder.with_name(f"{folder.name}@{apart}") if apart else folder
