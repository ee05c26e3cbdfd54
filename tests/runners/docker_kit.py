"""An engine to test with, and builds in its containers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import DockerSettings, ProjectFile
from engine.runners.docker.container import ContainerRunner, Setting
from engine.runners.docker.daemon import Daemon, EngineError, connect
from engine.runners.docker.wish import Wish
from engine.runners.output import Output, open_output
from tests.runners import docker_image


@dataclass(frozen=True)
class Engine:
    """A running engine and the name of an image that has this machine's programs."""

    daemon: Daemon
    image: str

    @property
    def somebody(self) -> tuple[int, int]:
        """A user and a group that files may be given to: another one where greenroom is root, and the engine is."""
        return (12345, 54321) if os.getuid() == 0 and not self.daemon.rootless else (os.getuid(), os.getgid())

    def project(self, *, docker: Mapping[str, Any] | None = None, **settings: Any) -> ProjectFile:
        """A project whose builds run in that image."""
        images = {"*": self.image, **settings.pop("images", {})}
        return ProjectFile(runner="docker", images=images, docker=DockerSettings(**docker or {}), **settings)

    def forget(self, *images: str) -> None:
        """Remove images that a test made."""
        for name in images:
            for found in self.daemon.client.images.list(name):
                for tag in found.tags:
                    self.daemon.client.images.remove(tag, force=True)

    def containers(self, state: Path) -> list[str]:
        """The containers of a state directory, ended ones as well."""
        label = f"com.greenroom.state={state}"
        return [str(one.name) for one in self.daemon.client.containers.list(all=True, filters={"label": label})]

    def checkpoints(self, state: Path) -> list[str]:
        """The checkpoints of a state directory's builds."""
        found = self.daemon.client.images.list(filters={"label": f"com.greenroom.state={state}"})
        return [str(one.id) for one in found if one.labels["com.greenroom"] == "checkpoint"]


def engine_here() -> Engine:
    """The engine that DOCKER_HOST or the context names. Skips the test where none answers."""
    try:
        daemon = connect()
    except EngineError as error:
        pytest.skip(f"{error}")
    return Engine(daemon, docker_image.make(daemon.client))


@dataclass
class Box:
    """One container on a workspace of its own."""

    engine: Engine
    folder: Path
    owner: tuple[int, int] | None = None
    wish: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state, self.work, self.log = self.folder / "state", self.folder / "work", self.folder / "log"
        self.source = self.work / "build" / "src"
        self.scratch = self.work / "tmp"
        for folder in (self.source, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        self.runner = ContainerRunner(
            Setting(
                wish=Wish(self.engine.image, **self.wish),
                state=self.state,
                workspace=self.work,
                brought=(self.source,),
                labels={"com.greenroom.state": str(self.state), "com.greenroom.action-execution": "a" * 36},
                owner=self.owner,
            )
        )

    async def start(self) -> Output:
        """A container that waits for commands."""
        output = open_output(self.log)
        await self.runner.provide(lambda text: None)
        await self.runner.prepare((self.work, self.scratch), output)
        return output

    async def sh(self, text: str, output: Output, user: str = "") -> int:
        """Run a line of shell in it."""
        argv = ["/bin/sh", "-c", text]
        return await self.runner.run(argv, directory=self.source, environment={}, output=output, user=user)

    def left(self) -> tuple[list[str], list[Path]]:
        """Containers and ledger entries that are still there."""
        return self.engine.containers(self.state), list((self.state / "containers").iterdir())
