"""What a build asks of the place where its commands run: this machine, or a container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from engine.runners.output import Output


class Runner(Protocol):
    """The processes of one action. Trouble with the place itself is an `OSError`, never an exit status."""

    @property
    def shows(self) -> bool:
        """Whether everybody on the machine may see what `run` is given as environment, as they see arguments."""

    async def prepare(self, folders: Iterable[Path], output: Output) -> None:
        """Get ready for `run`. Commands see these folders, under the same names as here."""

    async def hand_over(self, user: str, folders: Iterable[Path]) -> None:
        """Make the folders that user's, who can then be given to `run`. After `prepare`."""

    async def run(
        self, argv: Sequence[str], *, directory: Path, environment: Mapping[str, str], output: Output, user: str = ""
    ) -> int:
        """Run a program to its end, as another user where one is given, and return its exit status.

        Negative for a signal.
        """

    async def settle(self) -> None:
        """What commands have made so far can be changed by this user, while they go on."""

    async def update(self, places: Iterable[Path]) -> None:
        """These files and folders were changed here, or removed: commands see that."""

    async def fetch(self) -> None:
        """What commands made is in the folders, and belongs to this user."""

    async def end(self) -> None:
        """End whatever is left. Never raises."""
