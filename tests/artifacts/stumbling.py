"""Being killed in the middle: the n-th change of the file system does not happen, or is the last.

As a program, ``stumbling STORE WORKSPACE TREE N`` kills itself there while it resets the workspace.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from engine.artifacts.store import Store
from engine.artifacts.workspace import reset

CHANGES = [(os, name) for name in ("rename", "replace", "unlink", "mkdir", "link", "symlink", "utime", "chmod")]
WRITES = [(Path, name) for name in ("write_bytes", "write_text")]


class Killed(BaseException):
    """Nobody handles this."""


@dataclass
class Stumble:
    """Whether it came to that."""

    happened: bool = False


@contextmanager
def stumbling(steps: int, *, after: bool = False, error: BaseException | None = None) -> Iterator[Stumble]:
    """Fail at one change: before it or right after it. `error` instead of an end of everything."""
    stumble = Stumble()

    def fall() -> None:
        stumble.happened = True
        raise error or Killed

    try:
        with changes_counted(steps, fall, after=after):
            yield stumble
    except Killed:
        return


@contextmanager
def changes_counted(steps: int, fall: Callable[[], None], *, after: bool = False) -> Iterator[None]:
    """Call `fall` at that change of this thread's, once."""
    me, count = threading.get_ident(), iter(range(steps + 1))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any, **kwargs: Any) -> Any:
            due = threading.get_ident() == me and next(count, None) == steps
            if due and not after:
                fall()
            try:
                return real(*args, **kwargs)
            finally:
                if due and after:
                    fall()

        return change

    with ExitStack() as patches:
        for owner, name in (*CHANGES, *WRITES):
            patches.enter_context(mock.patch.object(owner, name, counted(getattr(owner, name))))
        yield


def _main(store: str, workspace: str, tree: str, steps: str) -> None:
    with changes_counted(int(steps), lambda: os.kill(os.getpid(), signal.SIGKILL)):
        reset(Path(workspace), Store(Path(store)), tree, writable=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
