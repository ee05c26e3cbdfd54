"""Proof that the watch is alive: a file written to be noticed.

Changes come in the order in which they were made, so when a cookie is noticed, so is all that came before it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIFETIME: Final = 3.0
"""Seconds after which a cookie that nobody noticed proves the opposite."""

_PREFIX: Final = "cookie-"


@dataclass(slots=True)
class _Cookie:
    until: float
    noticed: bool
    future: Future[bool]


class Cookies:
    """The cookies of one watch; `corner` is the watched directory they are laid in, None for no cookies."""

    def __init__(self, corner: Path | None) -> None:
        self._corner = corner
        self._mutex = threading.Lock()
        self._numbers = itertools.count(1)
        self._laid: dict[Path, _Cookie] = {}
        self._closed = False

    def bake(self, now: float) -> Future[bool]:
        """Lay a cookie. The future is True once it has been noticed and all before it delivered; it never raises."""
        future: Future[bool] = Future()
        with self._mutex:
            if self._corner is None or self._closed:
                future.set_result(False)
                return future
            path = self._corner / f"{_PREFIX}{os.getpid()}-{next(self._numbers)}"
            cookie = self._laid[path] = _Cookie(now + LIFETIME, False, future)
        try:
            path.touch(mode=0o600)
        except OSError:  # a full disk proves nothing about the watch
            if self._take(lambda laid: laid is cookie):
                future.set_result(False)
        return future

    def lay(self) -> Path | None:
        """A cookie for the caller to look out for, to be cleared by `clear`; None where none can be laid."""
        if self._corner is None:
            return None
        path = self._corner / f"{_PREFIX}{os.getpid()}-{next(self._numbers)}"
        try:
            path.touch(mode=0o600)
        except OSError:
            return None
        return path

    def clear(self, path: Path | None) -> None:
        """Done with a cookie from `lay`."""
        if path is not None:
            _eat(path)

    def taste(self, path: Path) -> bool:
        """Whether this change is a cookie, ours or an older one's: nothing to report."""
        if self._corner is None or path.parent != self._corner:
            return False
        with self._mutex:
            cookie = self._laid.get(path)
            if cookie is not None:
                cookie.noticed = True
        return path.name.startswith(_PREFIX)

    def serve(self) -> bool:
        """Everything noticed so far has been delivered: tell those who wait for it. Whether there were any."""
        noticed = self._take(lambda cookie: cookie.noticed)
        for path, cookie in noticed:
            _eat(path)
            cookie.future.set_result(True)
        return bool(noticed)

    def remind(self) -> None:
        """Touch what nobody noticed yet: the watch that should have noticed it was replaced by another."""
        with self._mutex:
            waiting = [path for path, cookie in self._laid.items() if not cookie.noticed]
        for path in waiting:
            with contextlib.suppress(OSError):
                path.touch(mode=0o600)

    def overdue(self, now: float) -> bool:
        """Whether a cookie went unnoticed for its whole life."""
        stale = self._take(lambda cookie: now >= cookie.until and not cookie.noticed)
        for path, cookie in stale:
            _eat(path)
            cookie.future.set_result(False)
        return bool(stale)

    def prepare(self) -> None:
        """Make the corner unless it is there.

        Not where the project itself is gone: that is the user's to make.
        """
        if self._corner is None or self._corner.is_dir() or not self._corner.parent.parent.is_dir():
            return
        with contextlib.suppress(OSError):  # a full disk: then there are no cookies
            self._corner.parent.mkdir(mode=0o700, exist_ok=True)
            self._corner.mkdir(mode=0o700, exist_ok=True)

    def sweep(self) -> None:
        """Clear the corner of the crumbs of a watch that was killed."""
        for crumb in self._corner.glob(f"{_PREFIX}*") if self._corner else ():
            _eat(crumb)

    def abandon(self) -> None:
        """The watch has ended: nobody shall wait for it."""
        with self._mutex:
            self._closed = True
        for path, cookie in self._take(lambda _: True):
            _eat(path)
            cookie.future.set_result(False)

    def _take(self, wanted: Callable[[_Cookie], bool]) -> list[tuple[Path, _Cookie]]:
        with self._mutex:
            taken = [(path, cookie) for path, cookie in self._laid.items() if wanted(cookie)]
            for path, _ in taken:
                del self._laid[path]
        return taken


def _eat(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
