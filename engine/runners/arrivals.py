"""When what is in a log came: a record beside it of how far it had grown at which moment.

Output goes from processes into the file by itself, and most of its lines carry no time. Four looks a second at its
size tell all the same, at sixteen bytes a look that finds more, and cost nothing that could be measured.
"""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

EVERY = 0.25
"""Seconds between looks."""
ENTRY = struct.Struct("<Qd")
"""A position in the log and the moment, in seconds since the epoch, at which it was that long and no longer."""


def record_of(log: Path) -> Path:
    """Where the record of a log is."""
    return log.with_name(f"{log.name}.times")


class _Watched(NamedTuple):
    """An open log: how often it is, its length at the last look, and when that was."""

    times: int
    length: int
    at: float


class Arrivals:
    """Looks at logs while they are open, in a thread of its own. One serves all; its methods may be called from any."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[Path, _Watched] = {}
        self._thread: threading.Thread | None = None

    def begin(self, log: Path) -> None:
        """A log is going to be written to."""
        with self._lock:
            found = self._open.get(log) or _Watched(0, _length(log), self._clock())
            self._open[log] = found._replace(times=found.times + 1)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="greenroom-arrivals", daemon=True)
                self._thread.start()

    def end(self, log: Path) -> None:
        """All that was to be written is."""
        with self._lock:
            found = self._open.pop(log, None)
            if found is None:
                return
            found = self._looked(log, found)
            if found.times > 1:
                self._open[log] = found._replace(times=found.times - 1)

    def look(self) -> bool:
        """Looks at each; whether there are any."""
        with self._lock:
            self._open = {log: self._looked(log, found) for log, found in self._open.items()}
            if not self._open:
                self._thread = None
            return bool(self._open)

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)
            if not self.look():
                return

    def _looked(self, log: Path, found: _Watched) -> _Watched:
        length = _length(log)
        if length > found.length:
            with contextlib.suppress(OSError):  # a full disk: the log itself matters more
                descriptor = os.open(record_of(log), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    os.write(descriptor, ENTRY.pack(found.length, found.at))
                finally:
                    os.close(descriptor)
        return _Watched(found.times, length, self._clock())


ARRIVALS = Arrivals()


def _length(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0
