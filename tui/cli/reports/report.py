"""What a report is: something that is told of everything that happens in a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.diagnostics import Diagnostic


@dataclass(slots=True)
class Tally:
    """How many actions ran (failed ones among them), were reused, failed, are stubs; and how long it all took."""

    ran: int = 0
    reused: int = 0
    failed: int = 0
    stubbed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """How the command ends: the last run's status, and what all its runs add up to."""

    status: str
    tally: Tally


class Report(Protocol):
    """One way of telling. Methods are called on the main thread, in order."""

    def saw(self, state: PipelineState, recorded: Recorded) -> None:
        """An event; `state` holds it already."""

    def noticed(self, diagnostics: Sequence[Diagnostic]) -> None:
        """The definition was edited: what is wrong with it, or nothing any more."""

    def finished(self, state: PipelineState, result: Result) -> None:
        """The command is about to end."""


def tally(state: PipelineState, execution: Execution, now: float, *, since: float = 0.0) -> Tally:
    """The figures of one run, of what happened after `since`. Every attempt counts: a retried action ran twice."""
    found = Tally(seconds=max(0.0, (execution.ended_at or now) - max(since, execution.started_at)))
    for action in belonging(state, execution):
        if action.ended_at >= since:
            _count(found, action)
    return found


def belonging(state: PipelineState, execution: Execution) -> list[ActionExecution]:
    """Every attempt of an execution, in pipeline order, oldest first."""
    return [
        state.actions[identity]
        for stage in execution.stages.values()
        for ids in stage.actions.values()
        for identity in ids
    ]


def with_logs(state: PipelineState, execution: Execution) -> list[ActionExecution]:
    """What has written a log of its own: every attempt of an execution and every rule that something ran for."""
    runs = (state.actions[i] for stage in execution.stages.values() for i in stage.all_runs())
    return [run for run in runs if run.started_at and not run.reused and not run.passive]


def _count(found: Tally, action: ActionExecution) -> None:
    if action.reused:
        found.reused += 1
    elif action.status == "Stubbed":
        found.stubbed += 1
    elif action.status == "Failed":
        found.failed += 1
        found.ran += 1
    elif action.started_at and not action.live:
        found.ran += 1
