"""A reader that believes only what the watch tells it."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

from engine.watch import Batch, Watch

DEADLINE = 120.0


def content(root: Path) -> dict[str, bytes]:
    """Every file below `root` that counts."""
    found: dict[str, bytes] = {}
    for directory, below, files in os.walk(root):
        below[:] = [name for name in below if name not in (".git", ".greenroom", "node_modules")]
        for name in files:
            path = Path(directory, name)
            try:
                found[str(path)] = _read(path)
            except FileNotFoundError:  # what goes while we look is reported again
                continue
    return found


def _read(path: Path) -> bytes:
    return bytes(path.readlink()) if path.is_symlink() else path.read_bytes()


class Reader:
    """Follows a watch, and mirrors the files from nothing but its batches."""

    def __init__(self, watch: Watch, root: Path) -> None:
        self.watch = watch
        self.root = root
        self.batches: list[Batch] = []
        self.mirror: dict[str, bytes] = {}
        self.sightings: set[str] = set()  # what was there when it was reported, besides the project's files
        self._changes = watch.changes()
        self._numbers = itertools.count(1)

    @property
    def paths(self) -> set[Path]:
        """All that was reported, without the marks of `settled`."""
        named = {path for batch in self.batches for path in batch.paths}
        return {path for path in named if not path.name.startswith("mark-")}

    async def until(self, true: Callable[[], bool]) -> None:
        """Take batches until `true`."""
        async with asyncio.timeout(DEADLINE):
            while not true():
                await self.take()

    async def take(self) -> Batch:
        """The next batch."""
        batch = await anext(self._changes)
        self.batches.append(batch)
        self._reflect(batch)
        return batch

    async def settled(self) -> set[Path]:
        """All paths reported for what was done before this call."""
        await self.watch.sync()  # new directories may be reported after a save that came later
        mark = self.root / f"mark-{next(self._numbers)}"
        mark.write_text("")
        await self.until(lambda: str(mark) in self.mirror)
        return self.paths

    async def rescanned(self) -> Batch:
        """The next batch that has `rescan`."""
        start = len(self.batches)
        await self.until(lambda: any(batch.rescan for batch in self.batches[start:]))
        return self.batches[-1]

    def _reflect(self, batch: Batch) -> None:
        named = {self.root} if batch.rescan else batch.paths
        for known in list(self.mirror):
            if not named.isdisjoint((Path(known), *Path(known).parents)):
                del self.mirror[known]
        for path in named:
            if path.is_dir() and not path.is_symlink():
                self.mirror |= content(path)
            elif os.path.lexists(path):
                if path.name != "main.py" and not path.name.startswith("mark-"):
                    self.sightings.add(path.name)
                self.mirror[str(path)] = _read(path)
