"""A bounded look at the files of a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

Entry = os.DirEntry[str]


def files_below(
    top: Path, wanted: Callable[[Entry], bool], enters: Callable[[Entry], bool], *, levels: int, most: int
) -> Iterator[Path]:
    """Wanted regular files of a directory and those below it, level by level, each by name.

    Never deeper than so many levels, and no further than the directory in which more than `most` entries were seen.
    What cannot be listed, hidden directories and symbolic links to directories are passed by.
    """
    level, seen = [top], 0
    for _ in range(levels):
        below: list[Path] = []
        for folder in level:
            entries = _listed(folder)
            seen += len(entries)
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and enters(entry):
                        below.append(Path(entry.path))
                elif wanted(entry) and entry.is_file():  # a pipe would be waited for
                    yield Path(entry.path)
            if seen > most:
                return
        level = below


def _listed(folder: Path) -> list[Entry]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
