"""What is true now: the state that the events of one pipeline add up to.

The fold itself is `engine.execution.fold.apply`. Readers treat a state as read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from engine.execution import events as ev
from engine.execution.pausing import From, OnFailure
from engine.execution.standing import Standing, is_still
from engine.model.member import MemberBuild
from engine.model.observation import Distrust, Observation
from engine.model.outcome import Change, Failure, Part, PhaseRecord, Report, Revision
from engine.model.pipeline import ConditionResult, ConditionType, PipelineDeclaration, StageDeclaration
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, Fidelity, StageStatus


@dataclass(slots=True)
class ActionExecution:
    """One attempt at one action, or one run of a rule. All times are seconds since the epoch, 0.0 while unknown.

    `execution_id` is the execution that owns it now (adoption moves it); `born_in` and `number` tell the one that
    scheduled it, which may be older than what the state still holds.
    `step` is greenroom's finer view of `InProgress`. `condition` is set for a rule; it is then called
    ``beforeEntry:Rule``. `builds` are those of a batch by identifier, in the order of the batch.
    `pauses` are where it waits for somebody to resume it, and since when: one, under the empty name, or those of builds
    of its batch. `stopped_at` is where a later attempt can take it up; this one took up `resumes`. `rested` is for how
    long its time stood still in all, `still_since` when that began. `attended`: somebody is at it, so no save ends it.
    `by_hand`: somebody had it go on in the middle, so that its result stands for no other run.
    """

    id: str
    execution_id: str
    born_in: str
    number: int
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
    cancelling: ev.ActionCancelling | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    summary: str = ""
    external_id: str = ""
    processes: dict[int, str] = field(default_factory=dict)
    decision: ev.ApprovalDecided | None = None
    tainted: bool = False
    reports: tuple[Report, ...] = ()
    phases: tuple[PhaseRecord, ...] = ()
    evicted: bool = False
    condition: ConditionType | Literal[""] = ""
    builds: dict[str, MemberBuild] = field(default_factory=dict)
    observed: Observation | None = None
    checked: ev.ReuseChecked | None = None
    pauses: dict[str, tuple[ev.Pause, float]] = field(default_factory=dict)
    still_since: float = 0.0
    rested: float = 0.0
    stopped_at: ev.Pause | None = None
    resume: From = ""
    resumes: str = ""
    attended: bool = False
    by_hand: bool = False

    @property
    def fingerprint(self) -> str:
        """The digest of everything that decides this action's result; empty until prepared."""
        return self.prepared.fingerprint if self.prepared else ""

    @property
    def kind(self) -> str:
        """pure, effect, approval, source, stub, rule or check; empty until prepared."""
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
    def slots(self) -> int:
        """The job slots that it takes now: a batch takes one for each build that runs, and at least its own."""
        cost = self.prepared.cost if self.prepared and self.running else 0
        active = sum(build.running and not build.paused for build in self.builds.values())
        if self.pauses:
            return active if cost else 0
        return max(cost, active) if cost else 0

    @property
    def awaits_approval(self) -> bool:
        """A manual approval that waits for a person."""
        return self.kind == "approval" and self.step == "running" and self.decision is None

    @property
    def busy(self) -> bool:
        """It runs and is not paused."""
        return self.running and not self.still

    @property
    def paused(self) -> ev.Pause | None:
        """Where it waits for somebody to resume it; the first of them in a batch."""
        return next((pause for pause, _ in self.pauses.values()), None)

    @property
    def paused_at(self) -> float:
        """Since when; 0.0 where it is not paused."""
        return next((since for _, since in self.pauses.values()), 0.0)

    @property
    def still(self) -> bool:
        """It is paused, and nothing else goes on in it: no other build of its batch runs, or is about to."""
        return is_still(self)

    @property
    def passive(self) -> bool:
        """Nothing runs for it: a person, the clock or an alarm decides."""
        return self.kind in ("approval", "check")

    @property
    def reused(self) -> bool:
        """Its result is that of an earlier run."""
        return bool(self.reused_from)

    @property
    def seconds(self) -> float:
        """How long it ran, pauses left out; 0.0 unless it ended after a start."""
        return max(0.0, self.ended_at - self.started_at - self.rested) if self.ended_at and self.started_at else 0.0


@dataclass(slots=True)
class ConditionExecution:
    """One evaluation of a condition. `rules` maps rule names (``beforeEntry:Rule``) to their action execution ids.

    `result` is what engages where the rules decide so. `stands`: it counts for the present attempt at the stage.
    """

    kind: ConditionType
    result: ConditionResult
    started_at: float
    status: ConditionStatus = ConditionStatus.IN_PROGRESS
    ended_at: float = 0.0
    summary: str = ""
    overridden_by: str = ""
    stands: bool = True
    rules: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """All rules held, or somebody overrode it."""
        return self.status in (ConditionStatus.SUCCEEDED, ConditionStatus.OVERRIDDEN)

    @property
    def live(self) -> bool:
        """Not judged yet."""
        return self.status is ConditionStatus.IN_PROGRESS


_PASSED = (StageStatus.SUCCEEDED, StageStatus.SKIPPED)


@dataclass(slots=True)
class StageExecution:
    """One stage within one execution. `actions` maps action name to its action execution ids, oldest first.

    `conditions` are all evaluations, oldest first. `retries` counts what was retried by hand, `auto_retries` by itself.
    """

    name: str
    status: StageStatus | None = None
    waiting: str = ""
    attempt: int = 0
    entered_at: float = 0.0
    ended_at: float = 0.0
    resumed_at: float = 0.0
    holds_lock: bool = False
    actions: dict[str, list[str]] = field(default_factory=dict)
    rerun: set[str] = field(default_factory=set)  # actions that the present retry must run anew
    summary: str = ""
    conditions: list[ConditionExecution] = field(default_factory=list)
    retries: int = 0
    auto_retries: int = 0
    resume: From = ""  # where the present retry takes up the failed actions
    retry_trigger: ev.RetryTrigger | str = ""

    @property
    def at_rest(self) -> bool:
        """Nothing of it can be under way: it was never entered, or has passed. Rules may outlive an override."""
        return self.status is None or (self.status in _PASSED and not self.conditions)

    def condition(self, kind: ConditionType) -> ConditionExecution | None:
        """The evaluation of that kind that counts now."""
        return next((found for found in reversed(self.conditions) if found.kind == kind and found.stands), None)

    def runs(self, name: str) -> list[str]:
        """The ids of all runs of an action or a rule, oldest first."""
        return self.actions.get(name) or [found.rules[name] for found in self.conditions if name in found.rules]

    def latest_runs(self) -> Iterator[str]:
        """The ids of what was run last for each action, and of every rule."""
        for ids in self.actions.values():
            yield ids[-1]
        for condition in self.conditions:
            yield from condition.rules.values()

    def all_runs(self) -> Iterator[str]:
        """The ids of every attempt at every action, and of every rule."""
        for ids in self.actions.values():
            yield from ids
        for condition in self.conditions:
            yield from condition.rules.values()


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
    execution_type: ev.ExecutionType = "STANDARD"
    rollback_target: str = ""
    rollback_stage: str = ""
    source_revisions: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    on_failure: OnFailure = "continue"
    resume: dict[str, From] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Not at its end yet."""
        return self.status in (ExecutionStatus.IN_PROGRESS, ExecutionStatus.STOPPING)

    def lock_of(self, stage: str) -> str:
        """What its lock of a stage is called: each lane has locks of its own."""
        return f"{stage} ({self.lane})" if self.lane else stage

    @property
    def label(self) -> str:
        """What people call its content: the first source's label, and how many more there are."""
        labels = [revision.label for revision in self.revisions.values()]
        if len(labels) < 2:
            return "".join(labels)
        return f"{labels[0]} +{len(labels) - 1} source{'s' * (len(labels) > 2)}"


@dataclass(slots=True)
class Transition:
    """What was last said of a stage's inbound transition."""

    enabled: bool
    reason: str
    by: str
    at: float


@dataclass(slots=True)
class Alarm:
    """A local CloudWatch alarm. `initial` is what greenroom.yaml said last."""

    state: ev.AlarmState
    reason: str
    by: str
    at: float
    initial: ev.AlarmState | str = ""


@dataclass(slots=True)
class PipelineState:
    """Everything known of one pipeline.

    `active_ids` are the executions that are not at their end, oldest first. `locks` maps stage name (more exactly:
    `Execution.lock_of`) to the execution inside, `waiting` to those in front of it, oldest first. `applied` maps an
    effect's target to the action execution that was applied last ("" while unknown, e.g. after a failure). `approved`
    maps ``stage/action`` to the action execution whose approval stands. `by_fingerprint` lists reusable successes,
    newest last. `observed` lists the successful runs, by ``stage/action``, whose reading was seen, newest last, and
    `distrusted` the actions for which that is not relied on. `transitions` has the stages whose inbound transition was
    ever disabled; `alarms` the alarms by name.
    """

    name: str
    seq: int = 0
    version: int = 0
    file: str = ""
    definitions: dict[int, PipelineDeclaration] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    actions: dict[str, ActionExecution] = field(default_factory=dict)
    active_ids: list[str] = field(default_factory=list)
    locks: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)
    applied: dict[str, str] = field(default_factory=dict)
    approved: dict[str, str] = field(default_factory=dict)
    by_fingerprint: dict[str, list[str]] = field(default_factory=dict)
    watch_paused: bool = False
    watch_reason: str = ""
    transitions: dict[str, Transition] = field(default_factory=dict)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    observed: dict[str, list[str]] = field(default_factory=dict)
    distrusted: dict[str, Distrust] = field(default_factory=dict)

    @property
    def definition(self) -> PipelineDeclaration:
        """The definition in force."""
        return self.definitions[self.version]

    @property
    def latest(self) -> Execution | None:
        """The execution with the highest number."""
        return next(reversed(self.executions.values()), None)

    @property
    def latest_look(self) -> Execution | None:
        """The newest execution that took its sources as they were, not from an earlier one or by name."""
        looks = (e for e in reversed(self.executions.values()) if not e.rollback_target and not e.source_revisions)
        return next(looks, None)

    @property
    def active(self) -> list[Execution]:
        """Executions that are not at their end, oldest first."""
        return [self.executions[identity] for identity in self.active_ids]

    def live(self) -> list[ActionExecution]:
        """Action executions that are scheduled and not ended, by execution and place in the pipeline."""
        return [action for execution in self.active for action in self.live_in(execution)]

    def live_in(self, execution: Execution) -> list[ActionExecution]:
        """Those of one execution, without what a newer one has taken over."""
        return [
            action
            for stage in execution.stages.values()
            if not stage.at_rest
            for identity in stage.latest_runs()
            if (action := self.actions[identity]).live and action.execution_id == execution.id
        ]

    def waits_for_people(self, execution: Execution) -> bool:
        """Whether it asks for an approval, is paused, or waits in front of something, and does nothing else."""
        live = self.live_in(execution)
        if live:
            return all(action.awaits_approval or action.still or self.held_by(action) for action in live)
        return any(stage.waiting for stage in execution.stages.values())

    def held_by(self, action: ActionExecution) -> ActionExecution | None:
        """The paused run of the same action, of another execution, that keeps a prepared one from starting."""
        if action.step != "prepared" or action.condition:
            return None
        lane = self.executions[action.execution_id].lane
        others = (self.current(owner, action.stage, action.action) for owner in self.active if owner.lane == lane)
        return next((other for other in others if other and other.id != action.id and other.paused), None)

    def plan_of(self, execution: Execution) -> list[StageDeclaration]:
        """The stages that an execution goes through: all, or the one that it rolls back."""
        stages = self.declaration(execution).stages
        return [stage for stage in stages if execution.rollback_stage in ("", stage.name)]

    def disabled(self, stage: str) -> Transition | None:
        """The stage's inbound transition, where it is disabled."""
        found = self.transitions.get(stage)
        return found if found and not found.enabled else None

    def declaration(self, execution: Execution) -> PipelineDeclaration:
        """The definition that this execution runs."""
        return self.definitions[execution.version]

    def find(self, reference: str) -> Execution | None:
        """The execution of that id, number (``12`` or ``#12``), or the latest for ``""``."""
        if not reference:
            return self.latest
        number = reference.removeprefix("#")
        for execution in reversed(self.executions.values()):
            if reference == execution.id or number == str(execution.number):
                return execution
        return None

    def current(self, execution: Execution, stage: str, action: str) -> ActionExecution | None:
        """The newest attempt at an action (or a rule, ``beforeEntry:Rule``) within an execution."""
        found = execution.stages.get(stage)
        ids = found.runs(action) if found else None
        return self.actions[ids[-1]] if ids else None

    def produced(self, execution: Execution, stage: str, action: str) -> ActionExecution | None:
        """Whose artifacts and variables count: the newest attempt, or that of the execution that is rolled back to."""
        current = self.current(execution, stage, action)
        target = self.executions.get(execution.rollback_target)
        return current or (self.current(target, stage, action) if target else None)

    def attempts(self, stage: str, action: str) -> list[ActionExecution]:
        """Every attempt at an action in all executions, oldest first."""
        return [a for a in self.actions.values() if a.stage == stage and a.action == action]

    def origin(self, action: ActionExecution) -> ActionExecution:
        """The action execution whose work this result is: itself, or what it was reused from."""
        return self.actions.get(action.reused_from, action)

    def build_origin(self, action: ActionExecution, identifier: str) -> ActionExecution:
        """The action execution in which a build of a batch really ran."""
        found = self.origin(action)
        build = found.builds.get(identifier)
        return self.actions.get(build.origin, found) if build else found

    def apply(self, recorded: ev.Recorded) -> None:
        """Fold one more event in. See `engine.execution.fold`."""
        from engine.execution.fold import apply  # the fold imports these classes

        apply(self, recorded)

    def artifact(self, execution: Execution, name: str) -> str | None:
        """The tree that an artifact name stands for within an execution, once it was produced."""
        maker = self.declaration(execution).makers.get(name)
        current = self.produced(execution, *maker) if maker else None
        return current.outputs.get(name) if current else None

    def approvals(self) -> list[ActionExecution]:
        """Approvals that wait for a person, oldest first."""
        return [action for action in self.live() if action.awaits_approval]

    def paused(self) -> list[Standing]:
        """Whatever waits in the middle for somebody to resume it: actions, and builds of batches."""
        return [Standing(action, pause, since) for action in self.live() for pause, since in action.pauses.values()]
