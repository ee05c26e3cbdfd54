"""The builds of a batch as rows below their action. A build is chosen like an action, by the name ``Action/build``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.durations import duration
from tui.graph.marks import Mark

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from engine.model.member import MemberBuild
    from tui.graph.model import ActionNode

_MARKS = {
    "PENDING": Mark.PENDING,
    "IN_PROGRESS": Mark.RUNNING,
    "SUCCEEDED": Mark.SUCCEEDED,
    "FAILED": Mark.FAILED,
    "TIMED_OUT": Mark.FAILED,
    "STOPPED": Mark.STOPPED,
}
_WORDS = {"TIMED_OUT": "timed out", "PENDING": ""}


def mark_of_build(build: MemberBuild) -> Mark:
    """How one build of a batch looks. A failure that does not count looks like what was left out."""
    if build.reused:
        return Mark.REUSED
    if build.paused:
        return Mark.PAUSED
    if build.ignore_failure and build.status in ("FAILED", "TIMED_OUT"):
        return Mark.SKIPPED
    return _MARKS[build.status]


def word_of_build(build: MemberBuild) -> str:
    """Its state in a word or two."""
    mark = mark_of_build(build)
    if mark is Mark.SKIPPED:
        return "failed, ignored"
    if mark is Mark.STOPPED and not build.started_at:
        return "not run"
    return _WORDS.get(build.status, mark.word)


def _at(run: ActionExecution, build: MemberBuild) -> str:
    """What it is at; where it is paused, the command."""
    pause, _ = run.pauses.get(build.identifier, (None, 0.0))
    return f"{pause.command.strip()}: press P" if pause else build.phase


def build_name(action: str) -> tuple[str, str]:
    """An action's name and the build that is meant of its batch, empty for the action itself."""
    name, _, build = action.partition("/")
    return name, build


def rows(run: ActionExecution, order: int, now: float) -> tuple[ActionNode, ...]:
    """A node for each build of a batch, in the order of the batch."""
    from tui.graph.model import ActionNode, brief

    found = []
    for build in run.builds.values():
        running = build.running and build.started_at
        kept = build.reused or (run.reused and build.status == "SUCCEEDED")
        seconds = float(int(max(0.0, now - build.started_at - build.rested))) if running else build.seconds
        seconds = 0.0 if kept or build.paused else seconds
        found.append(
            ActionNode(
                stage=run.stage,
                name=f"{run.action}/{build.identifier}",
                order=order,
                mark=Mark.REUSED if kept else mark_of_build(build),
                word=Mark.REUSED.word if kept else word_of_build(build),
                note=duration(seconds, coarse=bool(running)) if seconds or (running and not build.paused) else "",
                detail=_at(run, build) if build.running else brief(build.summary).removeprefix("not run: "),
                label=build.identifier,
                seconds=seconds,
            )
        )
    return tuple(found)
