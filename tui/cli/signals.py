"""INT, TERM and HUP as messages: the run is stopped in order, and nothing is left behind."""

from __future__ import annotations

import os
import signal
from contextlib import AbstractContextManager
from queue import SimpleQueue
from types import FrameType

from tui.cli.exits import Exit

CODES = {
    signal.SIGINT: Exit.INTERRUPTED,
    signal.SIGTERM: Exit.TERMINATED,
    signal.SIGHUP: Exit.HUNG_UP,
}
_PATIENCE = 3


class Signals(AbstractContextManager["Signals"]):
    """While it is open, the signals arrive in `inbox`. The third one ends the process the hard way."""

    def __init__(self, inbox: SimpleQueue[object]) -> None:
        self._inbox = inbox
        self._before: dict[signal.Signals, object] = {}
        self._seen = 0

    def __enter__(self) -> Signals:
        for number in CODES:
            # nohup and shells ignore some signals for their children on purpose: that stays so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._arrived)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        self._seen += 1
        if self._seen >= _PATIENCE:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._inbox.put(signal.Signals(number))  # SimpleQueue.put is safe within a signal handler
