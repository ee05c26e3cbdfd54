"""Where a batch tells of its builds, and gets their turns from: the engine's journal, or nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from engine.journal.logs import safe_name
from engine.model.member import MemberBuild

BUILDS = "builds"
"""The folder in a batch's workspace that holds the workspaces of its builds."""

Tell = Callable[[MemberBuild], None]


class BuildBook(Protocol):
    """The builds of one batch, as everybody else sees them."""

    def known(self, builds: Iterable[MemberBuild]) -> None:
        """These will be the builds."""

    async def begin(self, build: MemberBuild) -> None:
        """Wait for a free job slot; then the build runs, and takes it until `changed` says that it is over."""

    def changed(self, build: MemberBuild) -> None:
        """There is news of a build."""

    def log(self, identifier: str) -> Path:
        """Where the log of a build goes."""


class LooseBook:
    """The book of a batch outside of a pipeline: `log` is the batch's own, `jobs` how many builds run at a time."""

    def __init__(self, log: Path, jobs: int = 1, tell: Tell = lambda build: None) -> None:
        self._log = log
        self._tell = tell
        self._running: set[str] = set()
        self._free = asyncio.Semaphore(jobs)

    def known(self, builds: Iterable[MemberBuild]) -> None:
        """Tell of each."""
        for build in builds:
            self._tell(build)

    async def begin(self, build: MemberBuild) -> None:
        """Wait until fewer than `jobs` run."""
        await self._free.acquire()
        self._running.add(build.identifier)
        self._tell(build)

    def changed(self, build: MemberBuild) -> None:
        """Tell, and let the next one begin where this one is over."""
        self._tell(build)
        if not build.live and build.identifier in self._running:
            self._running.discard(build.identifier)
            self._free.release()

    def rest(self, identifier: str) -> None:
        """A build stands still: another one may take its place."""
        self._running.discard(identifier)
        self._free.release()

    async def go_on(self, identifier: str) -> None:
        """It goes on once fewer than `jobs` run."""
        await self._free.acquire()
        self._running.add(identifier)

    def log(self, identifier: str) -> Path:
        """Beside the batch's own."""
        return self._log.with_name(f"{self._log.name}.{safe_name(identifier)}")


def workspace_of(batch: Path, identifier: str) -> Path:
    """The workspace of one build of a batch; the batch's own for no identifier."""
    return batch / BUILDS / safe_name(identifier) if identifier else batch
