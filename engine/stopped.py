"""Builds without a pipeline that stand still, or stopped at a command: what is kept of them, and how they go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.execution.pausing import How, Pause, told
from engine.model.member import MemberBuild
from engine.providers.book import BUILDS, LooseBook
from engine.providers.codebuild.stand import read_stand

Attend = Callable[[Pause], Awaitable[How]]
"""Asks somebody how a build goes on that stands still."""

_NOTE = "last"  # the file that says which build was the last one here


@dataclass(frozen=True, slots=True)
class Last:
    """The last build in a folder. `done` are the builds of its batch that succeeded, `again` is what takes it up."""

    id: str
    again: str = ""
    done: tuple[str, ...] = ()

    def write(self, place: Path) -> None:
        """Keep it there."""
        (place / _NOTE).write_text(json.dumps({"id": self.id, "again": self.again, "done": self.done}))


def last(place: Path) -> Last | None:
    """The last build of a folder, where it stopped at a command."""
    try:
        plain = json.loads((place / _NOTE).read_text())
        found = Last(str(plain["id"]), str(plain["again"]), tuple(plain["done"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if stops(place) else None


def stops(place: Path) -> list[str]:
    """Where the last build of a folder stopped, or those of its batch."""
    folders = [(place, ""), *((folder, f"{folder.name}: ") for folder in sorted((place / BUILDS).glob("*")))]
    found = ((name, read_stand(folder)) for folder, name in folders)
    return [f"{name}{told(stand.pause)}" for name, stand in found if stand]


def all_stopped(state: Path) -> list[Last]:
    """The builds without a pipeline in a directory's `.greenroom` that stopped at a command."""
    return [found for place in sorted((state / "builds").glob("*")) if (found := last(place))]


@dataclass(slots=True)
class Still:
    """What stands still of one build, or of its batch, and who is asked about it."""

    attend: Attend
    book: LooseBook | None = None
    builds: dict[str, MemberBuild] = field(default_factory=dict)
    _waits: dict[str, asyncio.Future[How]] = field(default_factory=dict)

    @property
    def still(self) -> bool:
        """Whether nothing goes on but what stands still."""
        return bool(self._waits) and not any(
            (build.running and build.identifier not in self._waits)
            or (build.status == "PENDING" and all(self.builds[name].passes for name in build.depends_on))
            for build in self.builds.values()
        )

    async def wait(self, pause: Pause) -> tuple[How, bool]:
        """How it goes on, and whether a program in it said so."""
        name = pause.build
        self._waits[name] = program = asyncio.get_running_loop().create_future()
        if self.book and name:
            self.book.rest(name)
        asked = asyncio.ensure_future(self.attend(pause))
        try:
            await asyncio.wait([program, asked], return_when=asyncio.FIRST_COMPLETED)
            return (program.result(), True) if program.done() else (asked.result(), False)
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            if self.book and name:
                await self.book.go_on(name)
            del self._waits[name]

    def go_on(self, how: How, build: str = "") -> None:
        """A program in the build says how."""
        waiting = self._waits.get(build)
        if waiting is not None and not waiting.done():
            waiting.set_result(how)
