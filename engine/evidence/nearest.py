"""What would have to be undone for an action to be reused, asked of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.artifacts.store import Store
from engine.execution.counterfactual import Counterfactual, counterfactual
from engine.execution.state import ActionExecution, PipelineState
from engine.model.project import ProjectFile


def still(state: PipelineState) -> PipelineState:
    """A view of a state that another thread may read while the state itself goes on."""
    return replace(
        state,
        executions=dict(state.executions),
        actions=dict(state.actions),
        definitions=dict(state.definitions),
        applied=dict(state.applied),
        approved=dict(state.approved),
        by_fingerprint=dict(state.by_fingerprint),
    )


def nearest(store: Store, state: PipelineState, run: ActionExecution, project: ProjectFile) -> Counterfactual | None:
    """The least that would have to be undone for this action to be reused; None where nothing would do."""

    def differ(old: str, new: str, globs: Sequence[str]) -> tuple[str, ...] | None:
        try:
            return store.differing(old, new, globs)
        except (KeyError, OSError):
            return None

    return counterfactual(state, run, differ, lambda stage, action: project.action(stage, action).globs)
