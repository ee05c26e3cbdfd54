"""The log of a batch: its phases as CodeBuild calls them, and what becomes of each build.

On AWS a batch has no log of its own but that of the build which reads the batch section; the lines about the builds say
what the console shows of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from engine.model.member import MemberBuild
from engine.model.outcome import PhaseRecord
from engine.providers.batch.members import Member, Members
from engine.providers.batch.merge import Combined
from engine.providers.codebuild.log import BuildLog
from engine.runners.output import Output

_SHOWN = 5
_TERMINATED = "Build terminated with state: FAILED. "


class Diary:
    """The lines of one batch."""

    def __init__(self, output: Output, clock: Callable[[], datetime]) -> None:
        self._log = BuildLog(output, clock)
        self._phase = "DOWNLOAD_BATCHSPEC"

    def entering(self, phase: str) -> None:
        """A phase begins."""
        self._phase = phase
        self._log.entering(phase)

    def spec(self, of: Members) -> None:
        """What the batch section says."""
        count = len(of.members)
        self._log.say(
            "Waiting for DOWNLOAD_BATCHSPEC",
            "Phase is DOWNLOAD_BATCHSPEC",
            f"YAML location is {of.located.path or 'inline'}",
            *(f"greenroom: {note}" for note in of.notes),
            f"Batch found in YAML: {of.batch.kind}, {count} build{'s' * (count != 1)}",
            *(f" {_line(member)}" for member in of.members),
        )
        self._log.complete("DOWNLOAD_BATCHSPEC")

    def kept(self, builds: Iterable[MemberBuild]) -> None:
        """Builds whose earlier success stands."""
        for build in builds:
            self._log.say(f"greenroom: build {build.identifier}: succeeded before with the same input, kept")

    def build(self, build: MemberBuild) -> None:
        """A build began, or is over."""
        more = build.summary.removeprefix(_TERMINATED)
        ignored = " (ignore-failure)" if build.ignore_failure and build.status in ("FAILED", "TIMED_OUT") else ""
        self._log.say(f"Build {build.identifier}: {build.status}{ignored}{'. ' + more if more else ''}")

    def progressed(self, bad: Iterable[MemberBuild], disputed: Iterable[str]) -> None:
        """All builds are over."""
        names = ", ".join(build.identifier for build in bad)
        if names:
            self._log.complete(self._phase, code="BUILD_FAILED", message=f"Failed builds: {names}")
        else:
            self._log.complete(self._phase)
        for name in disputed:
            self._log.say(
                f"greenroom: exported-variables: builds export different values of {name}; the last one counts"
            )

    def combined(self, artifact: str, made: Combined) -> None:
        """The artifacts of all builds are one."""
        for path, name in list(made.collisions.items())[:_SHOWN]:
            self._log.say(f"greenroom: output artifact {artifact}: several builds make {path}; that of {name} counts")
        if (more := len(made.collisions) - _SHOWN) > 0:
            self._log.say(f"greenroom: output artifact {artifact}: and {more} more")
        self._log.complete(self._phase)

    def phases(self, mask: Callable[[str], str]) -> tuple[PhaseRecord, ...]:
        """The batch's phases so far, as BatchGetBuildBatches has them."""
        return self._log.told(mask)

    def over(self, *, failed: bool) -> None:
        """The batch is."""
        self._log.say(f"Phase is {'FAILED' if failed else 'SUCCEEDED'}")

    def stopped(self) -> None:
        """Somebody ended the batch."""
        self._log.complete(self._phase, state="STOPPED")
        self._log.say("Phase is STOPPED")


def _line(member: Member) -> str:
    """One build, and what is special about it."""
    task = member.task
    about = [f"depends on {', '.join(task.depends_on)}"] if task.depends_on else []
    about += ["ignore-failure"] * task.ignore_failure
    about += [f"buildspec {task.buildspec}"] if task.buildspec and "\n" not in task.buildspec else []
    about += [f"image {task.environment.image}"] if task.environment.image else []
    about += [f"{name}={value}" for name, value in task.environment.variables.items()]
    return f"{task.identifier}: {'; '.join(about)}" if about else task.identifier
