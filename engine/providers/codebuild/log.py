"""CodeBuild's log layout.

Lines of the agent carry ``[Container] date time``, output of commands carries nothing. The wording is AWS's; lines that
tell of AWS's own machinery, and so would not be true here, are left out or say what happens instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from engine.runners.output import Output


def utc_now() -> datetime:
    """The time of log lines and build variables."""
    return datetime.now(UTC)


class BuildLog:
    """The agent's lines in the log of one build."""

    def __init__(self, output: Output, clock: Callable[[], datetime] = utc_now) -> None:
        self.output = output
        self._clock = clock

    def say(self, *texts: str) -> None:
        """One line each, all with the same time."""
        stamp = self._clock().strftime("%Y/%m/%d %H:%M:%S.%f")
        self.output.write("".join(f"[Container] {stamp} {text}\n" for text in texts))

    def blank(self) -> None:
        """The empty line after a command's output."""
        self.output.write("\n")

    def entering(self, phase: str) -> None:
        """A phase begins."""
        self.say(f"Entering phase {phase}")

    def complete(self, phase: str, *, code: str = "", message: str = "", state: str = "") -> None:
        """A phase is over; a status code makes it a failure."""
        self.say(
            f"Phase complete: {phase} State: {state or ('FAILED' if code else 'SUCCEEDED')}",
            f"Phase context status code: {code} Message: {message}",
        )
