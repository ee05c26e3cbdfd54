"""One greenroom per directory: a kernel lock that dies with its holder, and a note on who that is."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from engine.journal.directory import ensure, unusable
from engine.journal.errors import JournalError

_TRIES: Final = 8
_PAUSE: Final = 0.01
_NOTE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Owner:
    """Who works in a directory. `since` is seconds since the epoch; `socket` its control socket, "" for none.

    `pid` is 0 for the instant in which an owner has the lock and has not said who it is.
    """

    pid: int
    command: str
    since: float
    socket: str


class Busy(JournalError):
    """Another greenroom works in this directory."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.pid = owner.pid
        self.command = owner.command
        self.since = owner.since
        self.socket = owner.socket
        started = time.strftime("%H:%M:%S", time.localtime(owner.since))
        who = f"pid {owner.pid}, `{owner.command}`, since {started}" if owner.pid else "it is just starting"
        super().__init__(
            f"greenroom is already running here ({who}).",
            "Look at it here, too: greenroom attach. End it: greenroom down",
        )


class Lock:
    """The right to work in a directory. Held until `release` or the death of the process, however it dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, directory: Path, command: str, socket: str | Path = "") -> Lock:
        """Take the lock of `directory` (.greenroom), telling others the command and the control socket.

        Raises `Busy` when another process, or another part of this one, has it; `JournalError` when it cannot
        be had at all.
        """
        path = ensure(directory) / "lock"
        for attempt in range(_TRIES):
            try:
                descriptor = _take(path, exclusive=True)
                if descriptor is not None:
                    lock = cls(descriptor)
                    with _full_disk_allowed():
                        lock.announce(command, socket)
                    return lock
            except OSError as error:
                raise unusable(path, error) from error
            # `owner` looks by taking a shared lock for a moment: that is not somebody at work.
            if attempt + 1 < _TRIES:
                time.sleep(_PAUSE)
        raise Busy(_read(path) or Owner(0, "", 0.0, ""))

    def announce(self, command: str, socket: str | Path) -> None:
        """Change what the lock tells others, for instance once the control socket is there."""
        _write(self._descriptor, Owner(os.getpid(), command, time.time(), str(socket)))

    def release(self) -> None:
        """Give the lock back. May be called twice."""
        if self._descriptor >= 0:
            # The file stays: unlinking it would let two processes lock two different files of one name.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@contextlib.contextmanager
def _full_disk_allowed() -> Iterator[None]:
    """The lock holds without its note: to make room on a full disk, somebody has to work here."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def owner(directory: Path) -> Owner | None:
    """Who works in `directory`, or None. What a dead process left behind does not count."""
    path = directory / "lock"
    try:
        descriptor = _take(path, exclusive=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(path, error) from error
    if descriptor is not None:
        os.close(descriptor)
        return None
    return _read(path) or Owner(0, "", 0.0, "")


def _take(path: Path, *, exclusive: bool) -> int | None:
    """A descriptor that holds the lock, or None where somebody else does."""
    while True:
        # Never inherited (PEP 446), so the processes of an action cannot keep the lock of a dead greenroom.
        flags = os.O_RDWR | os.O_CREAT if exclusive else os.O_RDONLY
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            if _same_file(descriptor, path):
                return descriptor
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return None
            raise
        os.close(descriptor)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, owner: Owner) -> None:
    text = json.dumps(asdict(owner)).encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text, 0)


def _read(path: Path) -> Owner | None:
    try:
        with path.open("rb") as file:
            note = json.loads(file.read(_NOTE_BYTES))
        return Owner(int(note["pid"]), str(note["command"]), float(note["since"]), str(note["socket"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
