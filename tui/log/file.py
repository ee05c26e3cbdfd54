"""One open log file, read by position from several threads."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path


class LogFile:
    """An open log. It stays readable when its path is deleted or given to another file; see `stale`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        found = os.fstat(descriptor)
        self._identity = (found.st_dev, found.st_ino)
        # A descriptor must not be closed, and its number be reused, while a thread reads from it.
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> LogFile | None:
        """The log at `path`, or None when there is none to read (yet). Only regular files: a FIFO would block."""
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return None
            return cls(path, os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)))
        except OSError:
            return None

    def stale(self) -> bool:
        """True when the path names another file by now: a rotated log, or a new attempt's."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) != self._identity

    def size(self) -> int:
        """Length in bytes at this moment; 0 once closed, or when the disk fails."""
        with self._lock:
            try:
                return 0 if self._descriptor is None else os.fstat(self._descriptor).st_size
            except OSError:
                return 0

    def read(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`; fewer at the end, none once closed, or when the disk fails."""
        with self._lock:
            try:
                return b"" if self._descriptor is None or length <= 0 else os.pread(self._descriptor, length, start)
            except OSError:
                return b""

    def close(self) -> None:
        """Ends it; later reads find nothing."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
