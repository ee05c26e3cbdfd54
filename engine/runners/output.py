"""Where a process writes: the log file itself, or a masking pipe in front of it where there are secrets."""

from __future__ import annotations

import asyncio
import os
import selectors
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from engine.runners.arrivals import ARRIVALS
from engine.runners.masking import Masker

_CHUNK = 1 << 16


class Output(Protocol):
    """A log that processes and greenroom write to in turn; what is written first stands first."""

    @property
    def descriptor(self) -> int:
        """What a process gets as stdout and stderr."""

    @property
    def path(self) -> Path | None:
        """The file, where processes may append to it themselves."""

    def write(self, text: str) -> None:
        """Append greenroom's own lines."""

    async def close(self) -> None:
        """Everything written is in the file. Processes that still write go unheard."""


def open_output(path: Path, secrets: Iterable[str] = ()) -> Output:
    """Open the log for appending, behind a mask where there is any secret."""
    wanted = [secret for secret in secrets if secret]
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    ARRIVALS.begin(path)
    return MaskedOutput(descriptor, Masker(wanted), path) if wanted else DirectOutput(descriptor, path)


class DirectOutput:
    """The log file itself: output never passes through Python."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.descriptor = descriptor
        self.path: Path | None = path.absolute()
        self._log = path

    def write(self, text: str) -> None:
        _write_all(self.descriptor, text.encode("utf-8", "surrogateescape"))

    async def close(self) -> None:
        os.close(self.descriptor)
        ARRIVALS.end(self._log)


class MaskedOutput:
    """A pipe that a thread empties into the log file, masking.

    One pipe serves all processes of an action, and greenroom's own lines go through it too, so order is kept.
    """

    path: Path | None = None

    def __init__(self, log: int, masker: Masker, file: Path) -> None:
        self._log = log
        self._file = file
        self._masker = masker
        # Ends of a pipe are close-on-exec; a process gets its copy as stdout.
        self._read, self.descriptor = os.pipe()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._read, False)
        self._thread = threading.Thread(target=self._pump, name="greenroom-mask", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        _write_all(self.descriptor, text.encode("utf-8", "surrogateescape"))

    async def close(self) -> None:
        os.close(self.descriptor)
        # A process that outlived the action would keep the pipe open for ever: drain what is there, then leave.
        os.close(self._wake_write)
        await asyncio.to_thread(self._thread.join)
        ARRIVALS.end(self._file)

    def _pump(self) -> None:
        # Not `select.select`, which knows no descriptor from 1024 on.
        with selectors.DefaultSelector() as ends:
            for end in (self._read, self._wake_read):
                ends.register(end, selectors.EVENT_READ)
            closing = False
            while not closing:
                closing = any(key.fd == self._wake_read for key, _ in ends.select())
                if not self._drain():
                    break
        _write_all(self._log, self._masker.flush())
        for descriptor in (self._read, self._wake_read, self._log):
            os.close(descriptor)

    def _drain(self) -> bool:
        """Pass on what is in the pipe; False once nobody can write any more."""
        while True:
            try:
                chunk = os.read(self._read, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            _write_all(self._log, self._masker.feed(chunk))


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
