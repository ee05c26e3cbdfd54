"""What could run beside each other: actions that wait for a runOrder, although what they read is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.graph.model import Key

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.model.pipeline import ActionDeclaration, StageDeclaration

NOTABLE = 0.5
"""Seconds from which on a wait is worth telling."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Actions that could have started sooner, by how many seconds; `saved`: by how much all would have ended sooner."""

    early: tuple[tuple[Key, float], ...] = ()
    saved: float = 0.0


NOTHING = Parallel()


def parallel(state: PipelineState, execution: Execution, now: float) -> Parallel:
    """What a lower runOrder would have brought, by how long everything took in this execution.

    Only where everything before an action is free of effects: a test after a deployment waits for good reason.
    """
    early: list[tuple[Key, float]] = []
    saved = 0.0
    for stage in state.declaration(execution).stages:
        found = execution.stages.get(stage.name)
        if found is None or not found.entered_at:
            continue
        runs = {action.name: state.current(execution, stage.name, action.name) for action in stage.actions}
        early += [((stage.name, name), waited) for name, waited in _early(stage, runs, found.entered_at)]
        saved += _saved(stage, runs, found.entered_at, now)
    return Parallel(tuple(early), saved if early and saved >= NOTABLE else 0.0)


_Runs = dict[str, "ActionExecution | None"]


def _early(stage: StageDeclaration, runs: _Runs, entered: float) -> Iterator[tuple[str, float]]:
    for action in stage.actions:
        run, before = runs[action.name], _before(stage, action)
        if run is None or not run.started_at or not before or not _movable(action, before, runs):
            continue
        ready = max([entered, *(_end(runs[name]) for name in _needed(action, before))])
        if (waited := run.started_at - ready) >= NOTABLE:
            yield action.name, waited


def _saved(stage: StageDeclaration, runs: _Runs, entered: float, now: float) -> float:
    """How much sooner a stage would have ended, had each action waited for what it reads only."""
    ends: dict[str, float] = {}
    last = new = entered
    for action in sorted(stage.actions, key=lambda action: action.runOrder):
        run, before = runs[action.name], _before(stage, action)
        if run is None or not run.started_at:
            continue
        names = _needed(action, before) if _movable(action, before, runs) else [other.name for other in before]
        took = (run.ended_at or now) - run.started_at
        ends[action.name] = max([entered, *(ends[name] for name in names if name in ends)]) + took
        last, new = max(last, run.started_at + took), max(new, ends[action.name])
    return max(0.0, last - new)


def _before(stage: StageDeclaration, action: ActionDeclaration) -> list[ActionDeclaration]:
    return [other for other in stage.actions if other.runOrder < action.runOrder]


def _movable(action: ActionDeclaration, before: Sequence[ActionDeclaration], runs: _Runs) -> bool:
    return all((run := runs[each.name]) is not None and run.kind == "pure" for each in (action, *before))


def _needed(action: ActionDeclaration, before: Sequence[ActionDeclaration]) -> list[str]:
    from engine.execution.variables import namespaces

    reads, mentions = {artifact.name for artifact in action.inputArtifacts}, namespaces(action)
    return [
        other.name
        for other in before
        if reads & {artifact.name for artifact in other.outputArtifacts} or other.namespace in mentions
    ]


def _end(run: ActionExecution | None) -> float:
    return run.ended_at if run else 0.0
