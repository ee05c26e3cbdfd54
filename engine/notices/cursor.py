"""Up to where others have been told, so that a restart tells nothing twice and forgets nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from engine.journal.logs import safe_name


class Cursor:
    """The last event of a pipeline that was told, kept in the state directory."""

    def __init__(self, state_dir: Path, pipeline: str) -> None:
        self._file = state_dir / "told" / f"{safe_name(pipeline)}.seq"

    def read(self) -> int | None:
        """The seq, None where nothing was told yet, or not lately."""
        try:
            return int(self._file.read_text())
        except (OSError, ValueError):
            return None

    def move(self, seq: int) -> None:
        """Everything up to `seq` is told. Raises `OSError`."""
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        draft = self._file.with_suffix(".tmp")
        draft.write_text(str(seq))
        os.replace(draft, self._file)  # noqa: PTH105 - atomic, as the name says

    def forget(self) -> None:
        """Nobody is to be told: what happens until somebody is, will be no news."""
        with contextlib.suppress(OSError):
            self._file.unlink()
