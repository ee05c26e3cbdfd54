"""The builds of a batch in lines: under their action in `run`, `status` and `build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.columns import clipped
from tui.graph.builds import mark_of_build, word_of_build
from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.graph.model import brief

if TYPE_CHECKING:
    from engine.model.member import MemberBuild
    from tui.cli.terminal import Tone

_TONES: dict[Mark, Tone] = {
    Mark.SUCCEEDED: "good",
    Mark.FAILED: "bad",
    Mark.RUNNING: "accent",
    Mark.SKIPPED: "warn",
}
_LONGEST = 100


def tone_of_build(build: MemberBuild) -> Tone:
    """The colour of its state."""
    return _TONES.get(mark_of_build(build), "dim")


def took(build: MemberBuild) -> str:
    """How long it ran; nothing for one that was kept."""
    return duration(build.seconds) if build.seconds and not build.reused else ""


def note(build: MemberBuild) -> str:
    """What it is at, or what came of it unless it succeeded."""
    if build.reused:
        return "succeeded before, kept"
    return clipped(build.phase if build.running else brief(build.summary), _LONGEST)


def said(build: MemberBuild) -> str:
    """The same, with its state where the mark alone leaves that open."""
    word = word_of_build(build) if mark_of_build(build) in (Mark.SKIPPED, Mark.STOPPED) else ""
    return ": ".join(filter(None, (word, note(build).removeprefix("not run: "))))


def as_json(build: MemberBuild) -> dict[str, object]:
    """One build as every JSON output has it."""
    return {
        "identifier": build.identifier,
        "status": build.status,
        "phase": build.phase,
        "depends_on": list(build.depends_on),
        "ignore_failure": build.ignore_failure,
        "image": build.image or None,
        "seconds": round(build.seconds, 3),
        "summary": build.summary,
        "kept": build.reused,
        "external_id": build.external_id,
    }
