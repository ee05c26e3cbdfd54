"""From the journal to a state: all of it, or a checkpoint and what came after.

A checkpoint is only a shortcut: it is written at rest, checked against the journal when read, and may be deleted.
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from engine import __version__
from engine.execution.codec import decode
from engine.execution.events import Recorded
from engine.execution.fold import apply
from engine.execution.state import PipelineState
from engine.execution.trim import trim
from engine.journal.journal import Journal, Row
from engine.journal.logs import safe_name

DUE = 5_000  # events after which a new checkpoint is worth its writing


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """A state with the last event in it, told by seq and time, and the program that wrote it."""

    program: str
    at: float
    state: PipelineState


@functools.cache
def _adapter() -> TypeAdapter[_Checkpoint]:
    """Built when there is a checkpoint to read or to write: most starts have none."""
    return TypeAdapter(_Checkpoint)


def recorded(row: Row) -> Recorded:
    """A journal row as the event it holds."""
    return Recorded(row.seq, row.at, row.pipeline, decode(row.body))


def load_state(journal: Journal, state_dir: Path, pipeline: str, *, whole: bool = False) -> PipelineState:
    """The state of a pipeline up to now. `whole`: with every execution that ever was."""
    state = None if whole else _restored(journal, state_dir, pipeline)
    state = state or PipelineState(pipeline)
    for row in journal.read(pipeline, after=state.seq):
        apply(state, recorded(row))
    return state


def save_checkpoint(journal: Journal, state_dir: Path, pipeline: str) -> bool:
    """Write a checkpoint if enough happened since the last one. Only for the holder of the lock, at rest."""
    before = _restored(journal, state_dir, pipeline)
    after = before.seq if before else 0
    if journal.last() - after < DUE:
        return False
    state = load_state(journal, state_dir, pipeline)
    if state.active_ids:
        return False
    trim(state)
    last = next(iter(journal.read(pipeline, after=state.seq - 1, limit=1)))
    file = _file(state_dir, pipeline)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(_adapter().dump_json(_Checkpoint(__version__, last.at, state)))
    temporary.replace(file)
    return True


def _restored(journal: Journal, state_dir: Path, pipeline: str) -> PipelineState | None:
    """The checkpoint's state, if there is one that fits this journal and this program."""
    with contextlib.suppress(OSError, ValueError):
        body = _file(state_dir, pipeline).read_bytes()
        found = _adapter().validate_json(body)
        row = next(iter(journal.read(pipeline, after=found.state.seq - 1, limit=1)), None)
        if found.program == __version__ and row and (row.seq, row.at) == (found.state.seq, found.at):
            return found.state
    return None


def _file(state_dir: Path, pipeline: str) -> Path:
    return state_dir / "checkpoints" / f"{safe_name(pipeline)}.json"
