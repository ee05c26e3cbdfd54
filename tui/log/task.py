"""Long work in a thread of its own: Textual's workers share a pool of six, which a long read would fill."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

REPORT_EVERY = 0.1


class Task(threading.Thread):
    """Calls `step` until it returns False or the task is cancelled.

    `report` is called from the thread, at most every tenth of a second and once after the last step, never once
    `cancel` has returned.
    """

    def __init__(self, name: str, step: Callable[[], bool], report: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._step = step
        self._report = report
        self._cancelled = threading.Event()
        self.done = False

    def run(self) -> None:
        """The thread."""
        reported = time.monotonic()
        while not self._cancelled.is_set() and self._step():
            if time.monotonic() - reported >= REPORT_EVERY:
                reported = time.monotonic()
                self._report()
        if not self._cancelled.is_set():
            self.done = True
            self._report()

    def cancel(self) -> None:
        """Ends it and waits for the step in progress (a read of at most one slice)."""
        self._cancelled.set()
        if self.ident is not None and self is not threading.current_thread():
            self.join()
