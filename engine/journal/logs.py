"""Where the logs of actions lie, under names that no pipeline can abuse, and how they keep to their cap."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

_SAFE: Final = re.compile(r"[A-Za-z0-9@_-]{1,100}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9@_-]")
_SHOWN: Final = 60


def safe_name(name: str) -> str:
    """A file name for a name from outside: itself where it is harmless, else legible and unique.

    Harmless is without dots too, so that `stage.action` can be read back. A changed name carries a digest of
    the original after a ``~``, which no harmless name has: two names never meet in one file.
    """
    if _SAFE.fullmatch(name):
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_UNSAFE.sub('_', name)[:_SHOWN]}~{digest}"


def log_path(
    directory: Path, pipeline: str, number: int, stage: str, action: str, attempt: int, build: str = ""
) -> Path:
    """The log file of one attempt at an action, or of one `build` of its batch.

    `directory` is the state directory, nothing is made.
    """
    file = f"{safe_name(stage)}.{safe_name(action)}.{int(attempt)}{'.' + safe_name(build) if build else ''}.log"
    return directory / "logs" / safe_name(pipeline) / str(int(number)) / file


def prune_logs(directory: Path, max_bytes: int, keep: Collection[Path] = ()) -> list[Path]:
    """Delete the logs under the state directory, longest untouched first, until they fit in `max_bytes`.

    Those in `keep` stay, whatever they weigh. Returns what was deleted; emptied folders go as well.
    """
    root = directory / "logs"
    kept = {path.absolute() for path in keep}
    files = sorted(_files(root))
    total = sum(size for _, _, size in files)
    removed: list[Path] = []
    for _, name, size in files:
        if total <= max_bytes:
            break
        path = Path(name)
        if path.absolute() not in kept:
            with contextlib.suppress(OSError):
                path.unlink()
                removed.append(path)
                total -= size
    for folder in {path.parent for path in removed}:
        _drop_empty(folder, root)
    return removed


def size_of_logs(directory: Path) -> int:
    """What the logs under the state directory weigh, in bytes."""
    return sum(size for _, _, size in _files(directory / "logs"))


def _files(folder: str | Path) -> Iterator[tuple[int, str, int]]:
    """When each file below a folder was changed last, its path, its size. Links are files."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
                continue
            with contextlib.suppress(OSError):  # somebody else may be tidying up too
                found = entry.stat(follow_symlinks=False)
                yield found.st_mtime_ns, entry.path, found.st_size


def _drop_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:  # not empty, or gone already
            return
        folder = folder.parent
