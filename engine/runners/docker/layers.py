"""What a container's own file system was before its last few commands: images that it was committed to.

A commit copies all that differs from the container's image, so it is made only where something has changed since the
last one. Folders that are mounted are no part of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.runners.docker import ledger
from engine.runners.docker.daemon import EngineError, told
from engine.runners.output import open_output
from engine.runners.threads import to_the_end

if TYPE_CHECKING:
    from engine.runners.docker.container import ContainerRunner

MOST_BYTES = 512 << 20  # that differ from the image, at the beginning of a phase; twice that in all images together
QUICK_BYTES = 32 << 20  # the same before any other command: a commit takes some 25 ms for each MiB
REPOSITORY = "greenroom-checkpoint"
_GONE = 2  # Docker's number for what was deleted

# Folders count by what is in them: their times change with each file that comes and goes in /tmp.
_LOOK = "xargs -0 stat -c '%f %s %z %i' <{}"


@dataclass(frozen=True, slots=True)
class _Layer:
    """The container as it was. `state` tells whether it still is so; `bytes` is what its image takes."""

    image: str
    state: str
    bytes: int = 0


@dataclass(slots=True)
class Layers:
    """Of one container that sees this machine's files: before the last `keep` commands, and at the phase's beginning.

    `scratch` is a folder that the container sees, too. `say` writes to the log.
    """

    runner: ContainerRunner
    scratch: Path
    keep: int
    say: Callable[[str], None]
    most_bytes: int = MOST_BYTES
    quick_bytes: int = QUICK_BYTES
    _kept: dict[str, _Layer] = field(default_factory=dict)
    _last: _Layer | None = None
    _entry: Path | None = None
    _token: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    _count: int = 0
    _told: set[bool] = field(default_factory=set)
    _fresh: list[tuple[str, int]] = field(default_factory=list)  # what differs before any command has run
    _made: set[str] = field(default_factory=set)

    async def begin(self) -> None:
        """Nothing ran yet: the container is its image. Raises `EngineError`."""
        self._last = _Layer(self.runner.base, await self._state(fresh=True))

    async def take(self, key: str, *, first: bool) -> None:
        """Keep what the container is now. `first`: it is the beginning of a phase. Raises `EngineError`."""
        if first:
            self._kept = {}  # nobody goes back to an earlier phase
        state = await self._state()
        if self._last is None or not state or self._last.state != state:
            size = await to_the_end(self._size)
            if size > (self.most_bytes if first else self.quick_bytes):
                self._refuse(size, first=first)
                return
            self._last = await self._committed(state, size)
        self._kept[key] = self._last
        self._thin()
        await to_the_end(self._sweep)

    def _refuse(self, size: int, *, first: bool) -> None:
        if first not in self._told:
            self._told.add(first)
            where = "at the beginning of this phase" if first else "between its commands"
            self.say(f"greenroom: no checkpoint of the container {where}: {size >> 20} MiB differ from its image")

    def has(self, key: str) -> bool:
        """Whether it can be gone back to."""
        return key in self._kept

    async def go_back(self, key: str) -> bool:
        """Be again what it was. Returns whether that took another container. Raises `EngineError`."""
        wanted = self._kept[key]
        if wanted.state and wanted.state == await self._state():
            return False
        await self.runner.become(wanted.image)
        fresh = replace(wanted, state=await self._state(fresh=True))
        self._kept = {name: fresh if layer.image == wanted.image else layer for name, layer in self._kept.items()}
        self._last = fresh
        return True

    async def drop(self) -> None:
        """Keep nothing; to be called once the container is gone. An engine that is gone leaves it to the next start."""
        self._kept, self._last = {}, None
        entry, self._entry = self._entry, None
        if entry is not None:
            with contextlib.suppress(EngineError):
                await to_the_end(lambda: ledger.clear(entry, chown=False))

    async def _state(self, *, fresh: bool = False) -> str:
        """What differs from the image, as a digest; empty where that cannot be told for sure.

        `fresh`: no command ran in the container yet.
        """
        changed = await to_the_end(self._changed)
        rows = sorted((row["Path"], row["Kind"]) for row in changed)
        if fresh:
            self._fresh = rows
        if rows == self._fresh:  # places for what is mounted, no files of its own
            return f"{self.runner.base} as it began"
        places = "".join(f"{row['Path']}\0" for row in changed if row["Kind"] != _GONE)
        seen = await self._seen(places) if places else ""
        if places and not seen:
            return ""
        return hashlib.sha256(f"{self.runner.base} {rows} {seen}".encode("utf-8", "surrogateescape")).hexdigest()

    async def _seen(self, places: str) -> str:
        """Size, time and number of each file; empty where the image cannot say it to the nanosecond."""
        wanted, answer = self.scratch / "layer.list", self.scratch / "layer.seen"
        wanted.write_text(places, encoding="utf-8", errors="surrogateescape")
        output = open_output(answer)
        try:
            argv = ["/bin/sh", "-c", _LOOK.format(wanted.name)]
            await self.runner.run(argv, directory=self.scratch, environment={}, output=output)
        finally:
            await output.close()
        rows = [line.split(" ") for line in answer.read_text(errors="replace").splitlines()]
        for file in (wanted, answer):
            file.unlink(missing_ok=True)
        try:
            folders = [stat.S_ISDIR(int(row[0], 16)) for row in rows]
            times = [row[3] for row, is_folder in zip(rows, folders, strict=True) if not is_folder]
        except (ValueError, IndexError):  # an image without xargs, or stat, says so
            return ""
        if times and not any(one.partition(".")[2].strip("0") for one in times):
            return ""
        return repr([row[:1] if is_folder else row for row, is_folder in zip(rows, folders, strict=True)])

    def _changed(self) -> list[dict[str, Any]]:
        daemon, container = self.runner.engine
        with told(daemon.address, "what changed in the container cannot be told"):
            return list(container.diff() or ())

    def _size(self) -> int:
        """The bytes that differ from the image; a commit has those of the images below it as well, once."""
        daemon, container = self.runner.engine
        with told(daemon.address, "the container cannot be weighed"):
            found = daemon.client.api.containers(all=True, size=True, filters={"id": container.id})
        return sum(int(row.get("SizeRw") or 0) for row in found)

    async def _committed(self, state: str, size: int) -> _Layer:
        if self._entry is None:
            daemon, _ = self.runner.engine
            self._entry = ledger.note_images(self.runner.setting.state, self._token, daemon.address)
        started = time.monotonic()
        layer = _Layer(await to_the_end(self._commit), state, size)
        self._made.add(layer.image)
        if size > self.quick_bytes:
            took = time.monotonic() - started
            self.say(f"greenroom: a checkpoint of the container: {size >> 20} MiB in {took:.1f} s")
        return layer

    def _commit(self) -> str:
        daemon, container = self.runner.engine
        self._count += 1
        own = {"com.greenroom": "checkpoint", ledger.CHECKPOINTS: self._token}
        # A value may have spaces in it. Docker's commit takes the container's labels along, Podman's does not.
        changes = [f"LABEL {name}={json.dumps(value)}" for name, value in {**self.runner.setting.labels, **own}.items()]
        with told(daemon.address, "the container cannot be committed"):
            image = container.commit(
                REPOSITORY, f"{self._token}-{self._count}", pause=not daemon.rootless, changes=changes
            )
        return str(image.id)

    def _thin(self) -> None:
        """The phase's first one stays, and the newest; fewer where they take too much."""
        for key in list(self._kept)[1 : -self.keep]:
            del self._kept[key]
        while len(self._kept) > 1 and self._bytes() > 2 * self.most_bytes:
            del self._kept[list(self._kept)[1]]

    def _bytes(self) -> int:
        return sum({layer.image: layer.bytes for layer in self._kept.values()}.values())

    def _sweep(self) -> None:
        """Remove what nobody goes back to any more."""
        last = self._last.image if self._last else ""
        wanted = {self.runner.base, last, *(layer.image for layer in self._kept.values())}
        if not wanted.issuperset(self._made):
            self._made &= wanted
            daemon, _ = self.runner.engine
            ledger.remove_images(daemon, self._token, but=wanted)
