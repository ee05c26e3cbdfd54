"""What people may ask of a running pipeline. `engine.execution.answer` turns a request into events or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.execution.events import AlarmState, TriggerType
from engine.execution.pausing import From, How, OnFailure
from engine.model.outcome import Revision
from engine.model.pipeline import ConditionType, RetryMode


@dataclass(frozen=True, slots=True)
class Start:
    """Start an execution. The conductor fills `revisions` from snapshots where they are empty.

    `source_revisions` overrides single ones: source action name to commit id. The conductor fills `lane` and
    `on_failure`, too. `resume`: actions (``stage/action``) that take up their latest attempt, and from where.
    """

    trigger: TriggerType = "StartPipelineExecution"
    detail: str = ""
    revisions: dict[str, Revision] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    source_revisions: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    on_failure: OnFailure | Literal[""] = ""
    resume: dict[str, From] = field(default_factory=dict)
    type: Literal["Start"] = "Start"


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve or reject a waiting approval, by action execution id or ``stage/action``."""

    target: str
    approved: bool
    summary: str = ""
    by: str = ""
    type: Literal["Approve"] = "Approve"


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop an execution (its id or number; empty: the newest active one)."""

    execution: str = ""
    abandon: bool = False
    reason: str = ""
    type: Literal["Stop"] = "Stop"


@dataclass(frozen=True, slots=True)
class Retry:
    """Retry a failed or stopped stage (empty: the newest execution's failed one). `forced` reruns those anew.

    `resume`: its failed actions go on from the failed command or the beginning of its phase, in their old workspace.
    `on_failure`: what a failed command leads to from now on; empty: as the execution was started.
    """

    stage: str = ""
    execution: str = ""
    mode: RetryMode = "FAILED_ACTIONS"
    forced: tuple[str, ...] = ()
    resume: From = ""
    on_failure: OnFailure | Literal[""] = ""
    type: Literal["Retry"] = "Retry"


@dataclass(frozen=True, slots=True)
class Resume:
    """Have a paused action go on: its action execution id, ``stage/action``, or nothing where only one is paused."""

    target: str
    how: How
    by: str = ""
    type: Literal["Resume"] = "Resume"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Bring a stage back to what `target` (its id or number; empty: the latest that succeeded there) had."""

    stage: str
    target: str = ""
    by: str = ""
    type: Literal["Rollback"] = "Rollback"


@dataclass(frozen=True, slots=True)
class DisableTransition:
    """Let nothing enter a stage until further notice."""

    stage: str
    reason: str
    by: str = ""
    type: Literal["DisableTransition"] = "DisableTransition"


@dataclass(frozen=True, slots=True)
class EnableTransition:
    """Let executions enter a stage again."""

    stage: str
    by: str = ""
    type: Literal["EnableTransition"] = "EnableTransition"


@dataclass(frozen=True, slots=True)
class OverrideCondition:
    """Let an execution (empty: the latest in the stage) pass in spite of a condition (empty: the one that holds it)."""

    stage: str
    condition: ConditionType | Literal[""] = ""
    execution: str = ""
    by: str = ""
    type: Literal["OverrideCondition"] = "OverrideCondition"


@dataclass(frozen=True, slots=True)
class SetAlarm:
    """Give a local CloudWatch alarm a state."""

    name: str
    state: AlarmState
    reason: str = ""
    by: str = ""
    type: Literal["SetAlarm"] = "SetAlarm"


@dataclass(frozen=True, slots=True)
class SetWatch:
    """Pause or resume watching."""

    paused: bool
    reason: str = ""
    type: Literal["SetWatch"] = "SetWatch"


Request = (
    Start
    | Approve
    | Stop
    | Retry
    | Resume
    | Rollback
    | DisableTransition
    | EnableTransition
    | OverrideCondition
    | SetAlarm
    | SetWatch
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: AWS's exception name where it was refused, `message` for people."""

    ok: bool
    message: str = ""
    exception: str = ""
    execution_id: str = ""
