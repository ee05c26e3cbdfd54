"""Everything that can happen to a pipeline, as frozen facts.

An execution is a fold over these (see `engine.execution.state`). Only the conductor appends them; screens, the
command line and tests read them. A field that a later version adds must have a default, so that old journals load.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.execution.builds import BatchBuildChanged as BatchBuildChanged
from engine.execution.gates import AlarmSet as AlarmSet
from engine.execution.gates import AlarmState as AlarmState
from engine.execution.gates import ConditionEnded as ConditionEnded
from engine.execution.gates import ConditionOverridden as ConditionOverridden
from engine.execution.gates import ConditionStarted as ConditionStarted
from engine.execution.gates import TransitionDisabled as TransitionDisabled
from engine.execution.gates import TransitionEnabled as TransitionEnabled
from engine.execution.narrowing import ReuseChecked as ReuseChecked
from engine.execution.pausing import ActionPaused as ActionPaused
from engine.execution.pausing import ActionResumed as ActionResumed
from engine.execution.pausing import From, OnFailure
from engine.execution.pausing import Pause as Pause
from engine.model.observation import Narrowing, Observation
from engine.model.outcome import Change, Failure, Part, PhaseRecord, Report, Revision
from engine.model.pipeline import ConditionType, RetryMode
from engine.model.status import ActionStatus, ExecutionStatus, Fidelity, StageStatus

TriggerType = Literal[
    "StartPipelineExecution",
    "Save",
    "Reload",
    "ManualRetry",
    "ManualRollback",
    "AutomatedRollback",
    "CreatePipeline",
    "PollForSourceChanges",
    "CloudWatchEvent",
    "Webhook",
    "WebhookV2",
    "PutActionRevision",
]
ExecutionType = Literal["STANDARD", "ROLLBACK"]
RetryTrigger = Literal["ManualStageRetry", "AutomatedStageRetry"]


@dataclass(frozen=True, slots=True)
class PipelineDefined:
    """A definition was loaded or changed. `declaration` is its JSON; `version` counts from 1."""

    version: int
    declaration: str
    file: str
    type: Literal["PipelineDefined"] = "PipelineDefined"


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """A run began. `revisions` is keyed by source action name.

    `selected` lists the ``stage/action`` that the caller's --only/--from/--until chose (empty: all);
    `forced` those that must not be reused (``*``: all); `approve` the approvals given in advance.
    An execution of type ROLLBACK runs `rollback_stage` alone, with what `rollback_target` (an execution id) had.
    `source_revisions` are those that the caller named, by source action.
    `lane` keeps its locks apart from those of other lanes (``lanes: branch``); empty: the one lane there is.
    `on_failure` is what a failed command leads to; `resume` has the actions (``stage/action``) that take up their
    latest attempt, and from where.
    """

    execution_id: str
    number: int
    version: int
    trigger: TriggerType
    detail: str = ""
    mode: str = "SUPERSEDED"
    revisions: dict[str, Revision] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    execution_type: ExecutionType = "STANDARD"
    rollback_target: str = ""
    rollback_stage: str = ""
    source_revisions: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    on_failure: OnFailure = "continue"
    resume: dict[str, From] = field(default_factory=dict)
    type: Literal["ExecutionStarted"] = "ExecutionStarted"


@dataclass(frozen=True, slots=True)
class ExecutionYielded:
    """A newer save took over: this execution starts nothing more; its running actions may be adopted."""

    execution_id: str
    to: str
    type: Literal["ExecutionYielded"] = "ExecutionYielded"


@dataclass(frozen=True, slots=True)
class StopRequested:
    """Somebody asked to stop: wait for running actions, or abandon them."""

    execution_id: str
    abandon: bool
    reason: str = ""
    type: Literal["StopRequested"] = "StopRequested"


@dataclass(frozen=True, slots=True)
class ExecutionEnded:
    """The execution reached `status`. `by` names the execution that superseded it."""

    execution_id: str
    status: ExecutionStatus
    summary: str = ""
    by: str = ""
    type: Literal["ExecutionEnded"] = "ExecutionEnded"


@dataclass(frozen=True, slots=True)
class StageWaiting:
    """The execution took the waiting slot in front of a stage. `reason` says for what."""

    execution_id: str
    stage: str
    reason: str
    type: Literal["StageWaiting"] = "StageWaiting"


@dataclass(frozen=True, slots=True)
class StageEntered:
    """The execution entered the stage and holds its lock."""

    execution_id: str
    stage: str
    type: Literal["StageEntered"] = "StageEntered"


@dataclass(frozen=True, slots=True)
class StageEnded:
    """The stage reached `status`. `summary` says why where it was not an action that decided it."""

    execution_id: str
    stage: str
    status: StageStatus
    summary: str = ""
    type: Literal["StageEnded"] = "StageEnded"


@dataclass(frozen=True, slots=True)
class StageReleased:
    """The execution gave the stage's lock back: nothing of it runs there any more."""

    execution_id: str
    stage: str
    type: Literal["StageReleased"] = "StageReleased"


@dataclass(frozen=True, slots=True)
class StageRetried:
    """A failed or stopped stage is run again in the same execution; `resume` says from where its failed actions are."""

    execution_id: str
    stage: str
    mode: RetryMode
    forced: tuple[str, ...] = ()
    trigger: RetryTrigger = "ManualStageRetry"
    resume: From = ""
    on_failure: OnFailure | Literal[""] = ""
    type: Literal["StageRetried"] = "StageRetried"


@dataclass(frozen=True, slots=True)
class ActionScheduled:
    """It is the action's turn. The conductor answers with `ActionPrepared` or `ActionEnded`.

    A run of a rule is a run like any other: `condition` says of which kind, and `action` is ``beforeEntry:Rule``
    (no action can be called so). With `resume` it takes up the workspace of `resumes`, an earlier attempt, where that
    one stopped.
    """

    execution_id: str
    stage: str
    action: str
    action_execution_id: str
    attempt: int
    condition: ConditionType | Literal[""] = ""
    resume: From = ""
    resumes: str = ""
    type: Literal["ActionScheduled"] = "ActionScheduled"


@dataclass(frozen=True, slots=True)
class ActionPrepared:
    """Inputs, variables and identity of a scheduled action are known; the core decides what becomes of it.

    `fingerprint` is the digest over `parts`. `kind` says how its result may be reused. `target` keys an effect.
    `inputs` maps artifact name to tree digest. `changes` compare with the action's latest run. `evidence` is
    what an approval shows. `deadline` is in seconds from the start, 0 for none; `cost` the job slots it takes.
    `narrowing` is there where its inputs are observed.
    A ``rule`` is run by a provider; a ``check`` is a rule that nothing runs for: the core judges it.
    """

    action_execution_id: str
    fingerprint: str
    kind: Literal["pure", "effect", "approval", "source", "stub", "rule", "check"]
    parts: tuple[Part, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    configuration: dict[str, str] = field(default_factory=dict)
    target: str = ""
    fidelity: Fidelity = Fidelity.EXACT
    on_change: Literal["restart", "finish", "ignore"] = "restart"
    changes: tuple[Change, ...] = ()
    evidence: tuple[str, ...] = ()
    deadline: float = 0.0
    cost: int = 1
    reusable: bool = True
    narrowing: Narrowing | None = None
    type: Literal["ActionPrepared"] = "ActionPrepared"


@dataclass(frozen=True, slots=True)
class ActionStarted:
    """The action runs. The conductor answers with `ActionEnded`."""

    action_execution_id: str
    type: Literal["ActionStarted"] = "ActionStarted"


@dataclass(frozen=True, slots=True)
class ActionProcess:
    """A process group of the action, so that a later start can end what a crash left behind.

    `birth` is the kernel's start time of the process: a recycled pid has another one.
    """

    action_execution_id: str
    pid: int
    birth: str
    type: Literal["ActionProcess"] = "ActionProcess"


@dataclass(frozen=True, slots=True)
class ActionReported:
    """News of a running action: AWS's external execution id and summary, e.g. the build phase."""

    action_execution_id: str
    external_id: str = ""
    summary: str = ""
    type: Literal["ActionReported"] = "ActionReported"


@dataclass(frozen=True, slots=True)
class ActionReused:
    """The action did not run: the result of `source` (an action execution id) stands. `saved` is in seconds."""

    action_execution_id: str
    source: str
    saved: float = 0.0
    type: Literal["ActionReused"] = "ActionReused"


@dataclass(frozen=True, slots=True)
class ActionAdopted:
    """The scheduled action does not start: `source`, already running for an older execution, is taken over."""

    action_execution_id: str
    source: str
    type: Literal["ActionAdopted"] = "ActionAdopted"


@dataclass(frozen=True, slots=True)
class ActionCancelling:
    """The action is being ended. The conductor answers with `ActionEnded` once its processes are gone.

    With a `failure` it then counts as failed (a timeout), otherwise as abandoned.
    """

    action_execution_id: str
    reason: str
    failure: Failure | None = None
    type: Literal["ActionCancelling"] = "ActionCancelling"


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """The action reached `status`. `outputs` maps artifact name to tree digest.

    `stopped_at` is the command that it failed at, where a new attempt can take it up there. `observed` is what it was
    seen to read, where somebody wanted that.
    """

    action_execution_id: str
    status: ActionStatus
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    summary: str = ""
    external_id: str = ""
    tainted: bool = False
    reports: tuple[Report, ...] = ()
    stopped_at: Pause | None = None
    observed: Observation | None = None
    phases: tuple[PhaseRecord, ...] = ()
    type: Literal["ActionEnded"] = "ActionEnded"


@dataclass(frozen=True, slots=True)
class ApprovalDecided:
    """Somebody approved or rejected."""

    action_execution_id: str
    approved: bool
    summary: str = ""
    by: str = ""
    type: Literal["ApprovalDecided"] = "ApprovalDecided"


@dataclass(frozen=True, slots=True)
class ResultsEvicted:
    """The store dropped these action executions' outputs: they can be looked at, not reused."""

    action_execution_ids: tuple[str, ...]
    type: Literal["ResultsEvicted"] = "ResultsEvicted"


@dataclass(frozen=True, slots=True)
class WatchChanged:
    """Watching was paused, resumed, or stopped itself (`reason` says why, e.g. a feedback loop)."""

    paused: bool
    reason: str = ""
    type: Literal["WatchChanged"] = "WatchChanged"


Event = (
    PipelineDefined
    | ExecutionStarted
    | ExecutionYielded
    | StopRequested
    | ExecutionEnded
    | StageWaiting
    | StageEntered
    | StageEnded
    | StageReleased
    | StageRetried
    | ConditionStarted
    | ConditionEnded
    | ConditionOverridden
    | ActionScheduled
    | ActionPrepared
    | ActionStarted
    | ActionProcess
    | ActionReported
    | ActionReused
    | ActionAdopted
    | ActionPaused
    | ActionResumed
    | ActionCancelling
    | ActionEnded
    | BatchBuildChanged
    | ApprovalDecided
    | ResultsEvicted
    | ReuseChecked
    | TransitionDisabled
    | TransitionEnabled
    | AlarmSet
    | WatchChanged
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the journal: `seq` counts up from 1, `at` is seconds since the epoch (UTC)."""

    seq: int
    at: float
    pipeline: str
    event: Event
