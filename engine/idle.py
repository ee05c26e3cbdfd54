"""Work for when nothing runs: it makes the next start faster and must never make the present one slower."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable

from engine.providers.contract import IdleTask

MANNERS = 0.2  # seconds that a closing session waits for work to break off


class IdleWork:
    """A queue and, while `at_rest` holds, one thread that empties it.

    Work is asked to break off as soon as `at_rest` does not hold any more, and gets another turn at the next rest. Of
    several pieces under one key only the newest is done. No thread is given a lower priority: one that is put off
    while it holds the interpreter would stop everybody. `add` and `go` belong on the engine's loop.
    """

    def __init__(self, at_rest: Callable[[], bool]) -> None:
        self._at_rest = at_rest
        self._due: dict[Hashable, IdleTask] = {}
        self._last: set[Hashable] = set()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._state = threading.Condition()

    def add(self, key: Hashable, work: IdleTask, *, last: bool = False) -> None:
        """Have something done at the next rest; with `last`, once everything else is done, for it may take long."""
        with self._state:
            self._due.pop(key, None)
            self._due[key] = work
            if last:
                self._last.add(key)

    def go(self) -> None:
        """Nothing may be running any more: begin, where that is so."""
        with self._state:
            if self._thread is None and self._due and not self._must_wait():
                self._thread = threading.Thread(target=self._run, name="greenroom-idle", daemon=True)
                self._thread.start()

    def finish(self, timeout: float) -> bool:
        """Wait until all is done. False where that took too long."""
        with self._state:
            return self._state.wait_for(lambda: self._thread is None and not self._due, timeout)

    def close(self) -> None:
        """Do nothing more. What is under way is asked to break off; a thread that does not is left to the process."""
        self._closed = True
        thread = self._thread
        if thread is not None:
            thread.join(MANNERS)

    def _must_wait(self) -> bool:
        return self._closed or not self._at_rest()

    def _run(self) -> None:
        while (piece := self._next()) is not None:
            key, work = piece
            turn = _Turn(self._must_wait)
            with contextlib.suppress(Exception):  # what it would have saved is all that is lost
                work(turn.is_over)
            if turn.was_over:
                with self._state:
                    self._due.setdefault(key, work)

    def _next(self) -> tuple[Hashable, IdleTask] | None:
        with self._state:
            if self._due and not self._must_wait():
                key = min(self._due, key=lambda due: due in self._last)  # the first that may come first
                return key, self._due.pop(key)
            self._thread = None
            self._state.notify_all()
            return None


class _Turn:
    """Remembers whether a piece of work was told to break off."""

    def __init__(self, must_wait: Callable[[], bool]) -> None:
        self._must_wait = must_wait
        self.was_over = False

    def is_over(self) -> bool:
        self.was_over = self.was_over or self._must_wait()
        return self.was_over
