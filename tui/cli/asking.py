"""Asking on the terminal how a build goes on that stands still: a line each, and a shell in between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.execution.pausing import How, Pause, told

if TYPE_CHECKING:
    from pathlib import Path

    from tui.cli.terminal import Terminal

_SHELL = "shell"
_WAYS: dict[str, How] = {"r": "command", "p": "phase", "s": "start", "c": "continue", "f": "fail"}
_MOST = 1 << 16


class Asker:
    """Asks about one build at a time. `workspace` has the folder of a build, by its identifier in a batch; `pump`
    prints what is new in the log. `source` is where answers come from.
    """

    def __init__(
        self, terminal: Terminal, workspace: Callable[[str], Path], pump: Callable[[], None], source: int = 0
    ) -> None:
        self._terminal = terminal
        self._workspace = workspace
        self._pump = pump
        self._source = source
        self._turn = asyncio.Lock()
        self._typed = b""
        self.in_shell = False

    async def ask(self, pause: Pause) -> How:
        """How it goes on."""
        async with self._turn:
            self._pump()
            self._terminal.warn(self._terminal.paint(f"paused at {told(pause)}", "warn"))
            while True:
                self._terminal.warn(_question(pause))
                word = await self._line()
                if word is None:  # nobody is there any more
                    return "fail"
                if word in (_SHELL, "!"):
                    await self._shell(pause)
                elif (how := _way(word, pause)) is not None:
                    return how

    async def _line(self) -> str | None:
        """The next line that is typed; None where there will be none."""
        loop = asyncio.get_running_loop()
        while b"\n" not in self._typed:
            ready = asyncio.Event()
            loop.add_reader(self._source, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(self._source)
            piece = os.read(self._source, _MOST)
            if not piece:
                return None
            self._typed += piece
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").strip().lower()

    async def _shell(self, pause: Pause) -> None:
        from engine.providers.shell import shell_in

        try:
            argv, directory, environment = shell_in(self._workspace(pause.build))
        except LookupError as error:
            self._terminal.warn(str(error.args[0] if error.args else error))
            return
        self._terminal.warn(f"a shell in {directory}   (exit to come back)")
        self.in_shell = True
        try:
            process = await asyncio.create_subprocess_exec(*argv, cwd=directory, env=environment, stdin=self._source)
            await process.wait()
        finally:
            self.in_shell = False


def _question(pause: Pause) -> str:
    if pause.reason == "breakpoint":
        return (
            "  c (or enter) goes on behind it, r runs the command again, p its phase\n"
            "  s everything, f lets it fail, ! opens a shell there"
        )
    return (
        "  r (or enter) runs the command again, p its phase, s everything\n"
        "  c goes on as though it had succeeded, f fails as on AWS, ! opens a shell there"
    )


def _way(word: str, pause: Pause) -> How | None:
    """What was meant by a word, or its first letter."""
    if not word:
        return "continue" if pause.reason == "breakpoint" else "command"
    return next((how for letter, how in _WAYS.items() if word in (letter, how)), None)
