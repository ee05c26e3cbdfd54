"""What `run-as` of a buildspec leads to: as whom the commands of each phase run, and what the log says of it.

A container has root, and whom else its image has. On this machine only root may run something as somebody else; anybody
else's commands run as they are, and the log says so.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.run-as
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.providers.buildspec.model import Buildspec
from engine.providers.codebuild.layout import Layout

_ROOT = "root"


@dataclass(frozen=True, slots=True)
class Acting:
    """User by phase, where it is another one than the usual; `usual` is that one's name. `notes` are for the log."""

    usual: str
    users: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def user(self, phase: str) -> str:
        """As whom a phase's commands run; empty for the usual user."""
        return self.users.get(phase, "")


def in_container(spec: Buildspec) -> Acting:
    """Any user that the image has; the image itself says so if it has not."""
    return Acting(_ROOT, {phase: user for phase, user in _wanted(spec) if user != _ROOT})


def on_host(spec: Buildspec, layout: Layout, state: Path) -> Acting:
    """Users of this machine, if greenroom may act as them. Opens the way to the workspace, below `state`, for them."""
    from engine.runners.users import myself, obstacle

    usual = myself()
    found: dict[str, str] = {}
    against: dict[str, str] = {}
    for phase, user in _wanted(spec):
        if user == usual:
            continue
        if user not in against:
            against[user] = obstacle(user, layout.source, below=state.absolute())
        if not against[user]:
            found[phase] = user
    notes = tuple(f"run-as {user}: commands run as {usual}: {why}" for user, why in against.items() if why)
    return Acting(usual, found, notes)


def _wanted(spec: Buildspec) -> Iterator[tuple[str, str]]:
    for name, phase in spec.phases.items():
        if phase.run_as or spec.run_as:
            yield name, phase.run_as or spec.run_as
