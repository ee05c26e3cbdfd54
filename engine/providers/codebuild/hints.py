"""What to do about a command that failed: told from its exit status and the end of the log."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from engine.providers.codebuild.plan import Plan
from engine.providers.contract import Job

_TAIL = 4096
_NOT_FOUND = re.compile(r"(?P<program>[^\s:]+): (?:command )?not found\s*$", re.MULTILINE)
_AWS = (
    "`aws: real` in greenroom.yaml lets builds use your account, `commands` under `actions:` puts something else in the"
    " action's place."
)
_NO_DOCKER = "Cannot connect to the Docker daemon"
_TOLD = {
    "Unable to locate credentials": f"Builds see no AWS credentials: {_AWS}",
    "NoAwsHere": f"It called AWS, which is not there: {_AWS}",
    "Could not connect to the endpoint URL": f"It called AWS, which is not there: {_AWS}",
    _NO_DOCKER: "The build needs Docker: start it, or set DOCKER_HOST.",
    "No space left on device": "The disk is full.",
}


def hint(job: Job, plan: Plan, command: str, status: int, log: Path) -> str:
    """One or two sentences: what this failure mostly means, and where to look."""
    goes_on = "`greenroom retry --from command` goes on right there."
    if "CODEBUILD_BATCH_BUILD_IDENTIFIER" in job.settings.environment:
        goes_on = "`greenroom retry` keeps the builds of the batch that succeeded."
    look = f"`greenroom shell {job.stage}/{job.action.name}` opens a shell where it stopped; after a fix, {goes_on}"
    tail = _tail(log)
    if not plan.spec.environment.shell and "[[" in command and "[[" in tail:
        return "`[[` needs bash: set `env: shell: bash` in the buildspec, or use an image of Amazon Linux."
    told = next((advice for text, advice in _TOLD.items() if text in tail), "")
    if plan.container and not plan.container.privileged and _NO_DOCKER in tail:
        told = f"As on AWS, only privileged builds have Docker: `projects: {{{plan.project}: {{privileged: true}}}}`."
    told = told or _from_status(status, tail, plan) or _from_permission(tail) or "The log tells why."
    differs = [f"The buildspec asks for {difference}." for one in plan.runtimes if (difference := one.difference())]
    return " ".join([told, *differs, look])


def _from_status(status: int, tail: str, plan: Plan) -> str:
    if plan.container and status == 127:
        return (
            f"The image {plan.container.name} has no {_program(tail)}: another one may, by `images:` in greenroom.yaml."
        )
    if plan.container and status == 128 + signal.SIGKILL:
        return "Something killed it, most likely for want of memory: the project's compute-type is the limit."
    if status == 127:
        return f"Commands use this machine's programs: install {_program(tail)} or put it on PATH."
    if status == 126:
        return "The file is there but may not be executed: `chmod +x` it and commit the mode."
    if status == -signal.SIGKILL:
        return "Something killed it, most likely for want of memory."
    return ""


def _from_permission(tail: str) -> str:
    if "Permission denied" in tail and os.geteuid() != 0:
        return "Large inputs are read-only links here: copy a file before changing it in place."
    return ""


def _program(tail: str) -> str:
    found = _NOT_FOUND.findall(tail)
    return found[-1] if found else "what is missing"


def _tail(log: Path) -> str:
    """The end of the log."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
