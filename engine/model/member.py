"""One build of a batch, as the journal keeps it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Literal

from engine.model.outcome import Report

BuildStatus = Literal["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED"]
"""CodeBuild's words. STOPPED is also a build that was never started, because what it depends on failed."""


def build_uuid(action_execution_id: str, identifier: str) -> str:
    """The id of one build of a batch: its processes carry it, so that its end is not that of its neighbours."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{action_execution_id}/{identifier}"))


@dataclass(frozen=True, slots=True)
class MemberBuild:
    """One build of a batch. All times are seconds since the epoch, 0.0 while unknown.

    `phase` is what it is at, or where it failed; `summary` one line on what came of it. The rest is its result, so that
    a later attempt at the batch may keep it: `fingerprint` is empty where it must not. `origin` is the action execution
    whose build it was, where the result was kept. `paused`: it waits for somebody to resume it; `rested` is for how
    long it did so in all.
    """

    identifier: str
    status: BuildStatus = "PENDING"
    depends_on: tuple[str, ...] = ()
    started_at: float = 0.0
    ended_at: float = 0.0
    phase: str = ""
    ignore_failure: bool = False
    image: str = ""
    summary: str = ""
    external_id: str = ""
    fingerprint: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    origin: str = ""
    paused: bool = False
    rested: float = 0.0

    @property
    def live(self) -> bool:
        """Not over yet."""
        return self.status in ("PENDING", "IN_PROGRESS")

    @property
    def running(self) -> bool:
        """Started and not over yet."""
        return self.status == "IN_PROGRESS"

    @property
    def bad(self) -> bool:
        """Failed in a way that fails its batch."""
        return self.status in ("FAILED", "TIMED_OUT") and not self.ignore_failure

    @property
    def passes(self) -> bool:
        """Whether builds that depend on it may run."""
        return self.status == "SUCCEEDED" or (self.status in ("FAILED", "TIMED_OUT") and self.ignore_failure)

    @property
    def reused(self) -> bool:
        """Its result is that of an earlier attempt at the batch."""
        return bool(self.origin)

    @property
    def seconds(self) -> float:
        """How long it ran, pauses left out; 0.0 unless it ended after a start."""
        return max(0.0, self.ended_at - self.started_at - self.rested) if self.ended_at and self.started_at else 0.0
