"""What people may ask of a running pipeline. `engine.execution.answer` turns a request into events or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.execution.events import TriggerType
from engine.model.outcome import Revision
from engine.model.pipeline import RetryMode


@dataclass(frozen=True, slots=True)
class Start:
    """Start an execution. The conductor fills `revisions` from snapshots where they are empty."""

    trigger: TriggerType = "StartPipelineExecution"
    detail: str = ""
    revisions: dict[str, Revision] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    selected: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
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
    """Retry a failed or stopped stage (empty: the newest execution's failed one). `forced` reruns those anew."""

    stage: str = ""
    execution: str = ""
    mode: RetryMode = "FAILED_ACTIONS"
    forced: tuple[str, ...] = ()
    type: Literal["Retry"] = "Retry"


@dataclass(frozen=True, slots=True)
class SetWatch:
    """Pause or resume watching."""

    paused: bool
    reason: str = ""
    type: Literal["SetWatch"] = "SetWatch"


Request = Start | Approve | Stop | Retry | SetWatch


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: AWS's exception name where it was refused, `message` for people."""

    ok: bool
    message: str = ""
    exception: str = ""
    execution_id: str = ""
