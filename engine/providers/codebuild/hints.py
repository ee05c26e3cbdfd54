"""What to do about a command that failed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from engine.providers.codebuild.plan import Plan
from engine.providers.contract import Job

_TAIL = 4096


def hint(job: Job, plan: Plan, command: str, status: int, log: Path) -> str:
    """One or two sentences: what this failure mostly means, and where to look."""
    look = f"`greenroom shell {job.stage}/{job.action.name}` opens a shell where it stopped."
    tail = _tail(log)
    if not plan.spec.environment.shell and "[[" in command and "[[" in tail:
        return "`[[` needs bash: set `env: shell: bash` in the buildspec."
    if status == 127:
        return f"The host runner uses this machine's programs: install what is missing or put it on PATH. {look}"
    if status == 126:
        return f"The file is there but may not be executed: `chmod +x` it and commit the mode. {look}"
    if status == -signal.SIGKILL:
        return f"Something killed it, most likely for want of memory. {look}"
    if "Permission denied" in tail and os.geteuid() != 0:
        return f"Large inputs are read-only links here: copy a file before changing it in place. {look}"
    return f"The log tells why. {look}"


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
