"""Looking again and again, where the system reports nothing.

watchfiles has such a thing too, but it compares times in whole seconds: a second save within one is lost on it.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Final, Literal

ADDED: Final = 1
MODIFIED: Final = 2
DELETED: Final = 3

_PAUSE: Final = 0.3
_SHARE: Final = 10.0  # rest so many times as long as a look took

_Seen = dict[str, tuple[int, int, int, int, int]]


class Poller:
    """Stands in for watchfiles' `RustNotify`, for directories that are not watched below themselves."""

    def __init__(self, directories: list[str]) -> None:
        self._directories = directories
        self._pause = _PAUSE
        self._seen = self._look()

    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: threading.Event | None
    ) -> set[tuple[int, str]] | Literal["stop", "timeout"]:
        """What changed since the last look, as `RustNotify.watch` tells it; the two intervals have no meaning."""
        stop = stop_event or threading.Event()
        if stop.wait(max(self._pause, timeout_ms / 1000) if timeout_ms > 1 else 0.0):
            return "stop"
        now = self._look()
        before, self._seen = self._seen, now
        changes = {(ADDED, path) for path in now.keys() - before.keys()}
        changes |= {(DELETED, path) for path in before.keys() - now.keys()}
        changes |= {(MODIFIED, path) for path in now.keys() & before.keys() if now[path] != before[path]}
        return changes or "timeout"

    def close(self) -> None:
        """Nothing is held."""

    def _look(self) -> _Seen:
        began = time.monotonic()
        seen: _Seen = {}
        for directory in self._directories:
            try:
                with os.scandir(directory) as entries:
                    for entry in entries:
                        _note(entry, seen)
            except OSError:  # gone: its files count as deleted
                continue
        self._pause = max(_PAUSE, (time.monotonic() - began) * _SHARE)
        return seen


def _note(entry: os.DirEntry[str], seen: _Seen) -> None:
    try:
        found = entry.stat(follow_symlinks=False)
        # The time of a directory says only that something in it came or went, and that is seen by itself.
        fixed = entry.is_dir(follow_symlinks=False)
        times = (0, 0, 0) if fixed else (found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        seen[entry.path] = (*times, found.st_ino, found.st_mode)
    except OSError:  # gone between the two calls
        return
