"""How `codebuild-breakpoint` and `codebuild-resume`, inside a build, talk to the greenroom that runs it: two pipes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from engine.runners.shell import BREAKPOINT

ASK = "ask"
ANSWER = "answer"
MOMENT = "moment.txt"
"""The file that says into which folder a breakpoint writes environment and directory."""


class Bell:
    """The pipes of one build. `resumed` gets what `codebuild-resume` was told, an empty word for nothing.

    Both sides open them for reading and writing, so nobody ever waits for the other one to be there.
    """

    def __init__(self, folder: Path, private: Path, resumed: Callable[[str], None]) -> None:
        self._folder = folder
        self._private = private
        self._resumed = resumed
        self._descriptors: list[int] = []
        self._rung: asyncio.Queue[None] = asyncio.Queue()
        self._held = b""

    def open(self) -> None:
        """Hang it up. Raises `OSError` where the file system has no pipes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in (ASK, ANSWER):
            path = self._folder / name
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)
            self._descriptors.append(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        for name in BREAKPOINT:  # whoever commands run as writes into them: they stay this user's
            (self._private / name).touch(0o600)
        (self._folder / MOMENT).write_text(f"{self._private}\n")
        asyncio.get_running_loop().add_reader(self._descriptors[0], self._read)

    def close(self) -> None:
        """Take it down: who comes to a breakpoint now passes it by."""
        if self._descriptors:
            asyncio.get_running_loop().remove_reader(self._descriptors[0])
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []
        for name in (ASK, ANSWER, MOMENT):
            (self._folder / name).unlink(missing_ok=True)

    async def rung(self) -> None:
        """Wait until somebody has come to a breakpoint."""
        await self._rung.get()

    def answer(self, word: str) -> None:
        """Let one who waits go on (``go``), or end its shell (``end``)."""
        os.write(self._descriptors[1], f"{word}\n".encode())

    def moment(self) -> tuple[str, str] | None:
        """Environment and directory at the breakpoint, where it could write them down."""
        try:
            environment, place = (
                (self._private / name).read_text(encoding="utf-8", errors="surrogateescape") for name in BREAKPOINT
            )
        except OSError:
            return None
        return (environment, place) if place else None

    def _read(self) -> None:
        try:
            self._held += os.read(self._descriptors[0], 4096)
        except BlockingIOError:
            return
        *lines, self._held = self._held.split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "breakpoint":
                self._rung.put_nowait(None)
            elif word == "resume":
                self._resumed(rest.strip())
