"""What is known of a build before its last few commands, so that it can go back to one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from engine.providers.codebuild.checkpoints import Checkpoints, TooMuch
from engine.providers.codebuild.position import Position
from engine.providers.threads import to_the_end
from engine.runners.shell import Moment, ShellSession

if TYPE_CHECKING:
    from engine.runners.docker.layers import Layers

Trees = dict[str, str]
"""Input artifacts as they lie in the workspace, by name."""


@dataclass(slots=True)
class Past:
    """Environment and directory before each command; files, and those of the container itself, where they are kept.

    `first` are the inputs with which the checkpoints of the files began, `trees` those that lay there at each.
    """

    say: Callable[[str], None]
    files: Checkpoints | None = None
    layers: Layers | None = None
    moments: dict[Position, Moment] = field(default_factory=dict)
    first: Trees = field(default_factory=dict)
    trees: dict[str, Trees] = field(default_factory=dict)

    async def begin(self, trees: Trees) -> None:
        """Nothing ran yet."""
        self.first = dict(trees)
        if self.files:
            await self._kept(self.files.begin)

    async def in_container(self, layers: Layers) -> None:
        """The build is in a container of which no command has made anything yet."""
        self.layers = layers
        await self._of_container(layers.begin())

    async def before(self, position: Position, shell: ShellSession, trees: Trees, *, keeps: bool) -> None:
        """A command is about to run."""
        with contextlib.suppress(OSError):  # it may be another user's, by `run-as`
            self.moments[position] = shell.moment()
        if not keeps:
            return
        first = position.index == 0
        if files := self.files:
            await self._kept(lambda: files.take(position.key, first=first))
            self.trees[position.key] = dict(trees)
        if self.layers:
            await self._of_container(self.layers.take(position.key, first=first))

    def nearest(self, target: Position, until: Position) -> Position | None:
        """The first command from a target on before which something is known."""
        return min((known for known in self.moments if target <= known <= until), default=None)

    def checkpoint(self, position: Position) -> str:
        """What was kept of the files just before a command; empty for nothing."""
        return position.key if self.files and self.files.has(position.key) else ""

    def container(self, position: Position, *, is_container: bool) -> Literal["", "kept", "stays"]:
        """Whether the container's own files can go back to the beginning of a command's phase."""
        if not is_container:
            return ""
        return "kept" if self.layers and self.layers.has(position.beginning.key) else "stays"

    async def go_back(self, known: Position, trees: Trees) -> Trees:
        """Make the files what they were, where that is kept. Returns the inputs as they lie there now."""
        if not (self.files and self.files.has(known.key)):
            self.say("greenroom: there is no checkpoint: the files stay as they are")
            return trees
        files = self.files
        await to_the_end(lambda: files.restore(known.key))
        before = f"before command {known.index + 1} of {known.name}"
        self.say(f"greenroom: the files are again as they were {before}")
        return self.trees[known.key]

    async def container_back(self, known: Position) -> None:
        """The same of the container's own files."""
        before = f"before command {known.index + 1} of {known.name}"
        layers = self.layers
        if layers is None or not layers.has(known.key):
            self.say(
                "greenroom: the container stays as it is: what was put outside the source directory is still there"
            )
        elif await layers.go_back(known.key):
            self.say(f"greenroom: a container as it was {before}; what ran in the background has ended")

    def save(self) -> None:
        """Let a later attempt go back to the files."""
        if self.files:
            self.files.save()

    async def _kept(self, work: Callable[[], None]) -> None:
        try:
            await to_the_end(work)
        except (TooMuch, OSError) as problem:
            assert self.files
            self.files.drop()
            self.files = None
            self.say(f"greenroom: no checkpoints of this build's files: {problem}")

    async def _of_container(self, work: Awaitable[None]) -> None:
        try:
            await work
        except OSError as problem:
            self.layers = None
            self.say(f"greenroom: no checkpoints of this build's container: {problem}")
