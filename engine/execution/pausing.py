"""Events of an action that waits in the middle, because a command failed or at a breakpoint, until somebody resumes it.

They belong to `engine.execution.events`, which has them all. While it is paused an action is still InProgress; its time
does not run, and it takes no job slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.model.outcome import OnFailure as OnFailure

How = Literal["command", "phase", "start", "continue", "fail"]
"""How a paused action goes on: the command, its phase or everything again; as though it had succeeded; or it fails."""

Reason = Literal["failed", "breakpoint"]

From = Literal["", "command", "phase"]
"""Where a new attempt takes an earlier one up; empty: it starts anew, as on AWS."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Where a build stands. `index` counts the phase's commands from 1, those of `finally` after the others.

    `status` is the failed command's exit status, negative for a signal. `checkpoint` names what was kept of the
    workspace just before the command; empty where nothing was. `container` says whether the container's own files go
    back to the beginning of the phase, too; empty where there is no container. `build` is that of a batch, by its
    identifier.
    """

    phase: str
    index: int
    command: str
    reason: Reason = "failed"
    status: int = 0
    checkpoint: str = ""
    container: Literal["", "kept", "stays"] = ""
    build: str = ""


@dataclass(frozen=True, slots=True)
class ActionPaused:
    """A running action waits at a command until somebody resumes it."""

    action_execution_id: str
    pause: Pause
    type: Literal["ActionPaused"] = "ActionPaused"


@dataclass(frozen=True, slots=True)
class ActionResumed:
    """Somebody said how a paused action goes on, or that `build` of its batch."""

    action_execution_id: str
    how: How
    by: str = ""
    build: str = ""
    type: Literal["ActionResumed"] = "ActionResumed"


WAYS: dict[How, str] = {
    "command": "runs the command again",
    "phase": "runs the phase again",
    "start": "starts over",
    "continue": "goes on",
    "fail": "fails",
}
"""What an action does that is resumed."""


def told(pause: Pause) -> str:
    """Where it stands, as part of a sentence: ``BUILD command 3 (exit status 2): make test``."""
    what = "breakpoint" if pause.reason == "breakpoint" else outcome(pause.status)
    first = next(iter(pause.command.strip().splitlines()), "")
    build = f"{pause.build}: " if pause.build else ""
    return f"{build}{pause.phase} command {pause.index} ({what}): {first}"


def outcome(status: int) -> str:
    """How a command ended: ``exit status 2`` or ``signal 9``."""
    return f"exit status {status}" if status >= 0 else f"signal {-status}"
