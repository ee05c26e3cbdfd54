"""What is true now: the state that the events of one pipeline add up to.

`PipelineState.apply` is the whole fold. It never refuses an event that `engine.execution` produced; an event that
cannot follow what happened before raises `ImpossibleEvent`, which tells the story so far of the thing it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.execution import events as ev
from engine.model.outcome import Change, Failure, Part, Revision
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ActionStatus, ExecutionStatus, Fidelity, StageStatus


class ImpossibleEvent(Exception):
    """An event does not fit the state: a defect of greenroom, never of the user's files."""


@dataclass(slots=True)
class ActionExecution:
    """One attempt at one action. All times are seconds since the epoch, 0.0 while unknown.

    `execution_id` is the execution that owns it now (adoption moves it); `born_in` the one that scheduled it.
    `step` is greenroom's finer view of `InProgress`.
    """

    id: str
    execution_id: str
    born_in: str
    stage: str
    action: str
    attempt: int
    scheduled_at: float
    step: str = "scheduled"  # scheduled -> prepared -> running -> (cancelling) -> ended
    status: ActionStatus = ActionStatus.IN_PROGRESS
    prepared: ev.ActionPrepared | None = None
    started_at: float = 0.0
    ended_at: float = 0.0
    reused_from: str = ""
    saved: float = 0.0
    cancel_reason: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    summary: str = ""
    external_id: str = ""
    processes: dict[int, str] = field(default_factory=dict)
    decision: ev.ApprovalDecided | None = None
    tainted: bool = False
    evicted: bool = False

    @property
    def fingerprint(self) -> str:
        """The digest of everything that decides this action's result; empty until prepared."""
        return self.prepared.fingerprint if self.prepared else ""

    @property
    def kind(self) -> str:
        """pure, effect, approval, source or stub; empty until prepared."""
        return self.prepared.kind if self.prepared else ""

    @property
    def fidelity(self) -> Fidelity | None:
        """How true this run was to AWS, once known."""
        return self.prepared.fidelity if self.prepared else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the fingerprint is made of."""
        return self.prepared.parts if self.prepared else ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the run before it."""
        return self.prepared.changes if self.prepared else ()

    @property
    def live(self) -> bool:
        """Scheduled and not ended yet."""
        return self.step != "ended"

    @property
    def running(self) -> bool:
        """Started and not ended yet."""
        return self.step in ("running", "cancelling")

    @property
    def awaits_approval(self) -> bool:
        """A manual approval that waits for a person."""
        return self.kind == "approval" and self.step == "running" and self.decision is None

    @property
    def reused(self) -> bool:
        """Its result is that of an earlier run."""
        return bool(self.reused_from)

    @property
    def seconds(self) -> float:
        """How long it ran; 0.0 unless it ended after a start."""
        return max(0.0, self.ended_at - self.started_at) if self.ended_at and self.started_at else 0.0


@dataclass(slots=True)
class StageExecution:
    """One stage within one execution. `actions` maps action name to its action execution ids, oldest first."""

    name: str
    status: StageStatus | None = None
    waiting: str = ""
    attempt: int = 0
    entered_at: float = 0.0
    ended_at: float = 0.0
    holds_lock: bool = False
    actions: dict[str, list[str]] = field(default_factory=dict)
    rerun: set[str] = field(default_factory=set)  # actions that the present retry must run anew


@dataclass(slots=True)
class Execution:
    """One run of the pipeline. `number` is the short name that people use (#12)."""

    id: str
    number: int
    version: int
    trigger: str
    detail: str
    mode: str
    started_at: float
    status: ExecutionStatus = ExecutionStatus.IN_PROGRESS
    ended_at: float = 0.0
    summary: str = ""
    superseded_by: str = ""
    yields_to: str = ""
    stop: ev.StopRequested | None = None
    revisions: dict[str, Revision] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    stages: dict[str, StageExecution] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Not at its end yet."""
        return self.status in (ExecutionStatus.IN_PROGRESS, ExecutionStatus.STOPPING)
