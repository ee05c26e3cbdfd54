"""Keeping a log: a copy under a name of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path


def free_name(directory: Path, title: str) -> Path:
    """A file in `directory` named after `title` that does not exist yet."""
    stem = re.sub(r"[^\w.-]+", "-", title).strip("-.") or "log"
    stem = stem.removesuffix(".log")
    names = (directory / f"{stem}{'' if number == 1 else f'-{number}'}.log" for number in range(1, 10_000))
    return next(name for name in names if not name.exists())


def save(log: Path, target: Path) -> str:
    """Copies the log byte for byte; returns what went wrong, or nothing."""
    try:
        # Exclusive: a file that appeared meanwhile is somebody's.
        with log.open("rb") as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except OSError as problem:
        return f"{target}: {problem.strerror or problem}"
    return ""
