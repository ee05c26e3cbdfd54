"""Reading a growing file to its end, again and again, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from tui.log.task import Task


class Reader(Protocol):
    """Something that takes in a file piece by piece."""

    complete: bool

    def advance(self) -> bool:
        """Takes in one more piece; False when the end of the file is reached."""

    def resume(self) -> bool:
        """Whether there is more to look at since it was complete; it is not complete then."""


R = TypeVar("R", bound=Reader)


class Reading(Generic[R]):
    """Keeps a reader at it. `report` is called from the thread, see `Task`."""

    def __init__(self, name: str, reader: R, report: Callable[[], None]) -> None:
        self.reader = reader
        self._name = name
        self._report = report
        self._task = self._start()

    def resume(self) -> None:
        """Goes on with what was appended since."""
        if not self._task.is_alive() and self.reader.resume():
            self._task = self._start()

    def cancel(self) -> None:
        """Ends the thread."""
        self._task.cancel()

    def _start(self) -> Task:
        task = Task(self._name, self.reader.advance, self._report)
        task.start()
        return task
