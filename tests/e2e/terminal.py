"""The installed program in a pseudo-terminal, and what a person sees there."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

PATIENCE = 90.0  # seconds until something that must appear is missing


def program() -> str:
    """The greenroom that is installed beside this Python."""
    return str(Path(sys.executable).parent / "greenroom")


class Terminal:
    """A program on a screen of its own."""

    def __init__(self, child: pexpect.spawn[bytes], rows: int, columns: int) -> None:
        self.child = child
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.sent = b""  # everything that the program wrote: pyte knows no alternate screen

    def text(self) -> str:
        """What the screen shows now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)

    def sees(self, pattern: str | re.Pattern[str]) -> str:
        """Wait until the screen shows something. The screen then."""
        wanted = re.compile(pattern)
        return self.until(lambda: wanted.search(self.text()), f"{pattern!r} never appeared")

    def ended(self, mark: str) -> None:
        """Wait until the latest run is over: the window's title begins with its mark, e.g. ✔."""
        self.until(lambda: self._screen.title.startswith(mark), f"the run did not come to {mark}")

    def until(self, holds: Callable[[], object], otherwise: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{otherwise}; the screen:\n{self.text()}")
            self._read()
        return self.text()

    def ends(self) -> tuple[int | None, str]:
        """Wait for the end: the exit code and what is left on the screen."""
        self.until(lambda: not self._read(), "the program does not end")
        self.child.close()
        return self.child.exitstatus, self.text()

    def _read(self) -> bool:
        try:
            data = self.child.read_nonblocking(65536, timeout=0.2)
            self.sent += data
            self._stream.feed(data)
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            return False
        return True


@contextmanager
def terminal(
    *arguments: str, cwd: Path, rows: int = 40, columns: int = 120, variables: dict[str, str] | None = None
) -> Iterator[Terminal]:
    """Start greenroom in a terminal of that size; it is ended at the end."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("CI", "COLUMNS", "LINES", "NO_COLOR", "PYTEST_CURRENT_TEST")
    }
    environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(variables or {})}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        program(),
        list(arguments),
        cwd=str(cwd),
        env=environment,
        dimensions=(rows, columns),
        timeout=PATIENCE,
        use_poll=True,
    )
    try:
        yield Terminal(child, rows, columns)
    finally:
        child.close(force=True)
