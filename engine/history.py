"""From the journal to a state: all of it, or a checkpoint and what came after.

A checkpoint is only a shortcut: it is written at rest, checked against the journal when read, and may be deleted.
"""

from __future__ import annotations

import contextlib
import functools
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


@functools.cache
def _adapter() -> TypeAdapter[PipelineState]:
    """Built when there is a checkpoint to read or to write: most starts have none."""
    return TypeAdapter(PipelineState)


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


def save_checkpoint(journal: Journal, state_dir: Path, state: PipelineState) -> bool:
    """Write a checkpoint of the journal's state if enough happened since the last one. Only for the holder of the lock.

    At rest only, and `state` is trimmed on the way.
    """
    file = _file(state_dir, state.name)
    if state.active_ids or state.seq - _reaches(file) < DUE or (mark := _mark(journal, state.name, state.seq)) is None:
        return False
    trim(state)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_bytes(mark + _adapter().dump_json(state))
    temporary.replace(file)
    return True


def _restored(journal: Journal, state_dir: Path, pipeline: str) -> PipelineState | None:
    """The checkpoint's state, if there is one that fits this journal and this program."""
    path = _file(state_dir, pipeline)
    with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
        if file.readline() == _mark(journal, pipeline, _reaches(path)):
            return _adapter().validate_json(file.read())
    return None


def _mark(journal: Journal, pipeline: str, seq: int) -> bytes | None:
    """A checkpoint's first line: the last event in it, told by seq and time, and the program that wrote it."""
    row = next(iter(journal.read(pipeline, after=seq - 1, limit=1)), None)
    return f"{seq} {row.at!r} {__version__}\n".encode() if row and row.seq == seq else None


def _reaches(file: Path) -> int:
    """The seq of the last event in a checkpoint; 0 where there is none that makes sense."""
    with contextlib.suppress(OSError, ValueError), file.open("rb") as opened:
        return int(opened.readline().split(b" ")[0])
    return 0


def _file(state_dir: Path, pipeline: str) -> Path:
    return state_dir / "checkpoints" / f"{safe_name(pipeline)}.json"
