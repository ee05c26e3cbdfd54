"""Who may touch the store: any number of users at once, or one sweeper alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def lease(root: Path, *, exclusive: bool = False) -> Iterator[None]:
    """Hold the store: shared while content is added or linked, exclusive while dead content is swept.

    Without it, a sweep could take an object that a writer has just found to be there already. The kernel drops the
    lock with the process, however it ends. File systems without locks are used without.
    """
    handle = _open(root)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _open(root: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(f"{root}/lock", flags, 0o600)
    except FileNotFoundError:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(f"{root}/lock", flags, 0o600)
