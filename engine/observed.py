"""Which earlier run would see nothing else in the present inputs: the half of observed inputs that asks the store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.artifacts.looks import Looks, changed_looks, get_looks
from engine.artifacts.store import Store
from engine.execution import fingerprint
from engine.execution.state import ActionExecution, PipelineState
from engine.model.observation import Narrowing
from engine.model.outcome import Part

_TRIED = 4  # earlier runs that are asked, the newest first
SHOWN_PATHS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """A run of the action that was observed: `base` is the digest of all that decided it besides its inputs."""

    action_execution_id: str
    base: str
    looks: str
    inputs: Mapping[str, str]


def seen(state: PipelineState, action: ActionExecution) -> tuple[Seen, ...]:
    """The runs that may stand for one of this action, the newest first."""
    runs = map(state.actions.get, reversed(state.observed.get(f"{action.stage}/{action.action}", ())))
    return tuple(
        Seen(run.id, run.prepared.narrowing.base, run.observed.looks, run.prepared.inputs)
        for run in runs
        if run is not None and not run.evicted and run.observed and run.prepared and run.prepared.narrowing
    )


def base_of(parts: Iterable[Part]) -> str:
    """The digest of all that decides a result besides the inputs."""
    return fingerprint.digest(part for part in parts if part.kind != "input")


def narrowing(found: Iterable[Seen], parts: Iterable[Part], inputs: Mapping[str, str], store: Store) -> Narrowing:
    """The newest run that would see nothing else; none where each has looked at something that differs."""
    base = base_of(parts)
    for run in [one for one in found if one.base == base and one.inputs.keys() == inputs.keys()][:_TRIED]:
        with contextlib.suppress(
            FileNotFoundError, ValueError
        ):  # dropped from the store, or written by a later version
            if differs(store, get_looks(store, run.looks), run.inputs, inputs):
                continue
            unread = [path for name, tree in inputs.items() for path in store.diff(run.inputs[name], tree).paths]
            store.touch((*run.inputs.values(), run.looks))  # they are needed for as long as the run stands for others
            more = max(0, len(unread) - SHOWN_PATHS)
            return Narrowing(base, run.action_execution_id, tuple(unread[:SHOWN_PATHS]), more)
    return Narrowing(base)


def differs(store: Store, looks: Looks, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The paths at which a run with such looks sees something else in the new inputs."""
    return [path for name in new for path in changed_looks(store, looks.get(name, {}), old[name], new[name])]
