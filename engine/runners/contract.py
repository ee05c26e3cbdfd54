"""What a build asks of the place where its commands run: this machine, or a container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from engine.runners.output import Output


class Runner(Protocol):
    """The processes of one action. Trouble with the place itself is an `OSError`, never an exit status."""

    async def prepare(self, folders: Iterable[Path], output: Output) -> None:
        """Get ready for `run`. Commands see these folders, under the same names as here."""

    async def run(self, argv: Sequence[str], *, directory: Path, environment: Mapping[str, str], output: Output) -> int:
        """Run a program to its end and return its exit status, negative for a signal."""

    async def fetch(self) -> None:
        """What commands made is in the folders, and belongs to this user."""

    async def end(self) -> None:
        """End whatever is left. Never raises."""
