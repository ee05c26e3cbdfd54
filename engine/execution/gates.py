"""Events of what keeps an execution out of a stage or lets it through: conditions, transitions, alarms.

They belong to `engine.execution.events`, which has them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.model.pipeline import ConditionResult, ConditionType
from engine.model.status import ConditionStatus

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


@dataclass(frozen=True, slots=True)
class ConditionStarted:
    """A condition of the stage is evaluated. `result` is what engages; its rules follow as `ActionScheduled`."""

    execution_id: str
    stage: str
    condition: ConditionType
    result: ConditionResult
    type: Literal["ConditionStarted"] = "ConditionStarted"


@dataclass(frozen=True, slots=True)
class ConditionEnded:
    """The condition reached `status`. `summary` names the rules that decided it."""

    execution_id: str
    stage: str
    condition: ConditionType
    status: ConditionStatus
    summary: str = ""
    type: Literal["ConditionEnded"] = "ConditionEnded"


@dataclass(frozen=True, slots=True)
class ConditionOverridden:
    """Somebody let the stage pass in spite of a condition. A stage that had failed by it goes on."""

    execution_id: str
    stage: str
    condition: ConditionType
    by: str = ""
    type: Literal["ConditionOverridden"] = "ConditionOverridden"


@dataclass(frozen=True, slots=True)
class TransitionDisabled:
    """Nothing enters the stage any more until its inbound transition is enabled."""

    stage: str
    reason: str
    by: str = ""
    type: Literal["TransitionDisabled"] = "TransitionDisabled"


@dataclass(frozen=True, slots=True)
class TransitionEnabled:
    """The stage's inbound transition is open again."""

    stage: str
    by: str = ""
    type: Literal["TransitionEnabled"] = "TransitionEnabled"


@dataclass(frozen=True, slots=True)
class AlarmSet:
    """A local CloudWatch alarm has this state now. `initial`: greenroom.yaml says so, nobody has set it."""

    name: str
    state: AlarmState
    reason: str = ""
    by: str = ""
    initial: bool = False
    type: Literal["AlarmSet"] = "AlarmSet"
