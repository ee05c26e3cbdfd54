"""The state directory itself: private to its owner, invisible to git."""

from __future__ import annotations

import os
from pathlib import Path

from engine.journal.errors import JournalError


def ensure(directory: Path) -> Path:
    """Make `directory` (mode 0700, with a `.gitignore` that ignores everything) unless it is there.

    Raises `JournalError` where it cannot be made or written.
    """
    try:
        if not directory.is_dir():
            directory.parent.mkdir(parents=True, exist_ok=True)
            directory.mkdir(mode=0o700, exist_ok=True)
        ignore = directory / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise unusable(directory, error) from error
    return directory


def unusable(directory: Path, error: OSError) -> JournalError:
    """The error for a state directory that the system refuses to give us."""
    reason = error.strerror or os.strerror(error.errno or 0)
    return JournalError(
        f"{directory} cannot be used: {reason}.",
        "It must be a directory that you may write to, on a disk with space left.",
    )
