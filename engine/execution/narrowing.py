"""Observed inputs: which earlier run stands for one whose inputs differ only in files that nobody reads.

What a run looked at is compared outside of the core (`engine.observed`), which is told the outcome: a
`engine.model.observation.Narrowing`. Whether it counts is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.model.observation import Distrust, Narrowing, Observation

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, PipelineState

KEPT = 8  # the newest observed runs of each action
CHECKS = 3  # how often one observed run is checked in the background, unless it fails a check


@dataclass(frozen=True, slots=True)
class ReuseChecked:
    """A run that had been skipped was done all the same, in the background, with the real inputs.

    `agrees`: it made the same as `source`, the run that had stood for it. Otherwise `reason` says what is different,
    and no run of the action is narrowed any more until something else than its inputs changes.
    """

    action_execution_id: str
    source: str
    agrees: bool
    reason: str = ""
    type: Literal["ReuseChecked"] = "ReuseChecked"


def narrowed(state: PipelineState, stage: str, action: str, found: Narrowing | None) -> ActionExecution | None:
    """The earlier run that may stand for one with such a narrowing."""
    if found is None or (candidate := state.actions.get(found.action_execution_id)) is None or candidate.evicted:
        return None
    distrust = state.distrusted.get(f"{stage}/{action}")
    return None if distrust and distrust.base == found.base else candidate


def is_narrow(state: PipelineState, action: ActionExecution) -> bool:
    """Whether the result of another run stands for this one although its inputs differ."""
    asked = action.prepared.narrowing if action.prepared else None
    return asked is not None and action.reused and state.origin(action).fingerprint != action.fingerprint


def last_observation(state: PipelineState, action: ActionExecution) -> Observation | None:
    """What came of the last try to observe a run of the action."""
    for run in reversed(state.actions.values()):
        if run.stage == action.stage and run.action == action.action and run.observed is not None:
            return run.observed
    return None


def is_hopeless(state: PipelineState, action: ActionExecution) -> bool:
    """Whether the last try has shown that further ones would be in vain."""
    last = last_observation(state, action)
    return last is not None and last.hopeless


def wants_check(state: PipelineState, action: ActionExecution) -> bool:
    """Whether nothing has shown often enough yet that the run which stands for this one reads nothing else."""
    if not is_narrow(state, action):
        return False
    passed = [one for one in state.actions.values() if one.reused_from == action.reused_from and one.checked]
    return len(passed) < CHECKS


def keep_observation(state: PipelineState, action: ActionExecution) -> None:
    """A run has succeeded: later ones may be narrowed to what it looked at."""
    if action.observed and action.observed.looks and action.prepared and action.prepared.narrowing:
        runs = state.observed.setdefault(f"{action.stage}/{action.action}", [])
        runs.append(action.id)
        del runs[:-KEPT]


def _checked(state: PipelineState, event: ReuseChecked, at: float) -> None:
    action = state.actions.get(event.action_execution_id)
    if action is None:
        return
    action.checked = event
    if not event.agrees and action.prepared and action.prepared.narrowing:
        base = action.prepared.narrowing.base
        state.distrusted[f"{action.stage}/{action.action}"] = Distrust(base, event.reason)


HANDLERS: dict[type, Callable[[PipelineState, Any, float], None]] = {ReuseChecked: _checked}
