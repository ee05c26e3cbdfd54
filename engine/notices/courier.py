"""A thread that does one thing after the other, so that whoever hands it something never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Courier(Generic[T]):
    """Carries parcels, in order, by `carry`, which must not raise. The thread begins with the first parcel."""

    def __init__(self, name: str, carry: Callable[[T], None]) -> None:
        self._name = name
        self._carry = carry
        self._parcels: SimpleQueue[T | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def take(self, parcel: T) -> None:
        """Take a parcel; returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"greenroom-{self._name}", daemon=True)
            self._thread.start()
        self._parcels.put(parcel)

    def close(self, seconds: float) -> int:
        """Wait until everything is carried, at most so long. Returns how many parcels are left behind."""
        if self._thread is None:
            return 0
        self._parcels.put(None)
        self._thread.join(max(0.0, seconds))
        if not self._thread.is_alive():
            return 0
        left = 1  # the one under way
        while True:
            try:
                left += self._parcels.get_nowait() is not None
            except Empty:
                self._parcels.put(None)
                return left

    def _work(self) -> None:
        while (parcel := self._parcels.get()) is not None:
            self._carry(parcel)
