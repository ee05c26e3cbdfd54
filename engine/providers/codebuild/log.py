"""CodeBuild's log layout.

Lines of the agent carry ``[Container] date time``, output of commands carries nothing. The wording is AWS's; lines that
tell of AWS's own machinery, and so would not be true here, are left out or say what happens instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from engine.model.outcome import PhaseRecord
from engine.runners.output import Output

State = Literal["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT"]


def utc_now() -> datetime:
    """The time of log lines and build variables."""
    return datetime.now(UTC)


class BuildLog:
    """The agent's lines in the log of one build."""

    def __init__(self, output: Output, clock: Callable[[], datetime] = utc_now) -> None:
        self.output = output
        self.records: list[PhaseRecord] = []
        self._clock = clock
        self._since: datetime | None = None  # when the phase began that is under way
        self._now: datetime | None = None

    def say(self, *texts: str) -> None:
        """One line each, all with the same time."""
        self._now = self._clock()
        self._since = self._since or self._now
        stamp = self._now.strftime("%Y/%m/%d %H:%M:%S.%f")
        self.output.write("".join(f"[Container] {stamp} {text}\n" for text in texts))

    def blank(self) -> None:
        """The empty line after a command's output."""
        self.output.write("\n")

    def entering(self, phase: str) -> None:
        """A phase begins."""
        self.say(f"Entering phase {phase}")

    def complete(self, phase: str, *, code: str = "", message: str = "", state: State | Literal[""] = "") -> None:
        """A phase is over, and the next one begins; a status code makes it a failure."""
        status = state or ("FAILED" if code else "SUCCEEDED")
        self.say(
            f"Phase complete: {phase} State: {status}",
            f"Phase context status code: {code} Message: {message}",
        )
        if self._since is None or self._now is None:
            return
        began, self._since = self._since, self._now
        took = (self._now - began).total_seconds()
        self.records.append(PhaseRecord(phase, status, began.timestamp(), took, code, message))

    def told(self, mask: Callable[[str], str]) -> tuple[PhaseRecord, ...]:
        """The phases so far, fit to be written down."""
        return tuple(dataclasses.replace(one, message=mask(one.message)) for one in self.records)
