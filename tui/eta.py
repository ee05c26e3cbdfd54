"""How long actions take, judged by how long they took before, and how long an execution still takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState

SAMPLES = 5
"""Successful runs that the estimate looks back on: enough to forget an odd one, few enough to learn soon."""


class Usual:
    """How long each action usually takes: the median of its last runs that really ran and succeeded."""

    def __init__(self, runs: Iterable[ActionExecution] = ()) -> None:
        self._taken: dict[tuple[str, str], deque[tuple[str, float]]] = {}
        self._last: dict[tuple[str, str], int] = {}
        for run in runs:
            self.add(run)

    def add(self, run: ActionExecution) -> None:
        """Learn from a run that has ended. What a person or the clock decides has no usual length."""
        if run.status == "Succeeded":
            self._last[run.stage, run.action] = run.number
        if run.seconds and run.status == "Succeeded" and not run.reused and not run.passive:
            self._taken.setdefault((run.stage, run.action), deque(maxlen=SAMPLES)).append((run.id, run.seconds))

    def last(self, stage: str, action: str) -> int:
        """The number of the execution in which it succeeded last; 0 for none."""
        return self._last.get((stage, action), 0)

    def seconds(self, stage: str, action: str, *, without: str = "") -> float | None:
        """The median; None where it has never succeeded. `without`: the id of a run that is to be compared with it."""
        taken = sorted(seconds for identity, seconds in self._taken.get((stage, action), ()) if identity != without)
        middle = len(taken) // 2  # the standard library's median would cost the first frame some milliseconds
        return (taken[middle] + taken[-middle - 1]) / 2 if taken else None


def remaining(state: PipelineState, execution: Execution, now: float, usual: Usual) -> float | None:
    """Seconds until the end, or until the next approval; None where nobody can tell."""
    if not execution.active or execution.version not in state.definitions:
        return None
    total = 0.0
    for stage in state.declaration(execution).stages:
        for order in sorted({action.runOrder for action in stage.actions}):
            longest = 0.0
            for action in stage.actions:
                if action.runOrder != order:
                    continue
                run = state.current(execution, stage.name, action.name)
                if run is not None and (run.awaits_approval or run.paused):
                    return None
                if run is not None and not run.live:
                    continue
                if action.actionTypeId.category == "Approval":
                    return total + longest or None
                took = usual.seconds(stage.name, action.name)
                if took is None:
                    return None
                longest = max(longest, took - _spent(run, now))
            total += longest
    return total


def _spent(run: ActionExecution | None, now: float) -> float:
    return now - run.started_at if run is not None and run.started_at else 0.0
