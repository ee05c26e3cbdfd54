# ruff: noqa: PTH108, PTH116
# os calls on plain strings: there are many files.
"""Object -> file in a workspace: a hard link, or a copy of its own (a clone where the file system can)."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Iterable

_FICLONE = 0x40049409  # Linux: share the blocks until one side writes
_CANNOT_LINK = {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP}
_CHUNK = 1 << 20


def link(source: str, target: str) -> None:
    """A hard link; a copy where there can be none. `target` must not exist."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in _CANNOT_LINK:
            raise
        copy(source, target)


def copy(source: str, target: str) -> None:
    """A writable copy with the same times. `target` must not exist."""
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        status = os.fstat(reading)
        mode = 0o755 if status.st_mode & 0o100 else 0o644
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            if not (status.st_size > _CHUNK and _cloned(reading, writing)):
                _pump(reading, writing)
            os.fchmod(writing, mode)
            os.utime(writing, ns=(status.st_mtime_ns, status.st_mtime_ns))
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def write(source: str, target: str, blocks: Iterable[bytes]) -> None:
    """A writable file of these blocks, with mode and times as `source` stands for. `target` must not exist."""
    status = os.stat(source)
    mode = 0o755 if status.st_mode & 0o100 else 0o644
    writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        for block in blocks:
            view = memoryview(block)
            while view:
                view = view[os.write(writing, view) :]
        os.fchmod(writing, mode)
        os.utime(writing, ns=(status.st_mtime_ns, status.st_mtime_ns))
    except BaseException:
        os.unlink(target)
        raise
    finally:
        os.close(writing)


def _cloned(reading: int, writing: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(writing, _FICLONE, reading)
    except OSError:
        return False
    return True


def _pump(reading: int, writing: int) -> None:
    while block := os.read(reading, _CHUNK):
        view = memoryview(block)
        while view:
            view = view[os.write(writing, view) :]
