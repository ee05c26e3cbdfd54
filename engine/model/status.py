"""AWS's status words, one enumeration a thing.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineExecution.html and its neighbours.
"""

from __future__ import annotations

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Status of a pipeline execution. A waiting execution is `InProgress`: AWS has no queued status."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    SUPERSEDED = "Superseded"
    CANCELLED = "Cancelled"


class StageStatus(StrEnum):
    """Status of one stage within one execution."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    CANCELLED = "Cancelled"
    SKIPPED = "Skipped"


class ActionStatus(StrEnum):
    """Status of one action execution.

    `SKIPPED` and `STUBBED` are greenroom's own: an action that the caller's selection left out, and one whose
    provider does not run here. A stubbed action lets the pipeline go on, yet it never counts as succeeded.
    """

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ABANDONED = "Abandoned"
    SKIPPED = "Skipped"
    STUBBED = "Stubbed"

    @property
    def passes(self) -> bool:
        """Whether the stage may go on after it."""
        return self in (ActionStatus.SUCCEEDED, ActionStatus.SKIPPED, ActionStatus.STUBBED)


class ConditionStatus(StrEnum):
    """Status of one evaluation of a stage's condition. A rule's is that of an action."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERRORED = "Errored"
    CANCELLED = "Cancelled"
    ABANDONED = "Abandoned"
    OVERRIDDEN = "Overridden"


class Fidelity(StrEnum):
    """How true a local action is to AWS, best first."""

    EXACT = "exact"
    EMULATED = "emulated"
    SUBSTITUTED = "substituted"
    STUBBED = "stubbed"
