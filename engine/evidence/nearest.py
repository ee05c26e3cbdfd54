"""What would have to be undone for an action to be reused, asked of the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.artifacts.looks import changed_looks, get_looks
from engine.artifacts.store import Store
from engine.execution.counterfactual import Counterfactual, counterfactual
from engine.execution.state import ActionExecution, PipelineState
from engine.model.project import ProjectFile

TRIED = 3  # observed runs, the newest: of older ones nobody asks any more


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
        observed=dict(state.observed),
        distrusted=dict(state.distrusted),
    )


def nearest(store: Store, state: PipelineState, run: ActionExecution, project: ProjectFile) -> Counterfactual | None:
    """The least that would have to be undone for this action to be reused; None where nothing would do."""

    def differ(then: ActionExecution, now: ActionExecution, name: str) -> tuple[str, ...] | None:
        old, new = (run.prepared.inputs.get(name) if run.prepared else None for run in (then, now))
        if old is None or new is None:
            return None
        globs = project.action(now.stage, now.action).inputs if _narrowed(now, name, new) else ()
        try:
            paths = store.differing(old, new, globs if isinstance(globs, tuple) else ())
            return _looked_at(store, then, name, old, new, paths) if _observed(state, then, now) else paths
        except (KeyError, OSError, ValueError):
            return None

    return counterfactual(state, run, differ)


def _narrowed(run: ActionExecution, name: str, tree: str) -> bool:
    """Whether only some files of an input counted."""
    return any(part.kind == "input" and part.subject == name and part.value != tree for part in run.parts)


def _observed(state: PipelineState, then: ActionExecution, now: ActionExecution) -> bool:
    """Whether the earlier run may stand for one whose inputs differ where it did not look."""
    place = f"{now.stage}/{now.action}"
    asked, made = (run.prepared.narrowing if run.prepared else None for run in (now, then))
    distrust = state.distrusted.get(place)
    trusted = asked is not None and made is not None and (distrust is None or distrust.base != made.base)
    return trusted and bool(then.observed and then.observed.looks) and then.id in state.observed.get(place, ())[-TRIED:]


def _looked_at(
    store: Store, then: ActionExecution, name: str, old: str, new: str, paths: tuple[str, ...]
) -> tuple[str, ...]:
    """Of the paths that differ those that the earlier run looked at, or in whose folder it looked around."""
    assert then.observed is not None
    found = set(changed_looks(store, get_looks(store, then.observed.looks).get(name, {}), old, new))
    seen = tuple(path for path in paths if any(above in found for above in (path, *_above(path))))
    return seen or paths


def _above(path: str) -> Iterator[str]:
    """The folders above a path, the nearest first; the top has no name."""
    while path:
        path = path.rpartition("/")[0]
        yield path
