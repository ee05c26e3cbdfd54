"""Keeping .greenroom under its cap: the least recently used results go first, never what still stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from engine.artifacts.store import Store
from engine.engine import Conductor
from engine.execution import events as ev
from engine.execution.state import ActionExecution, PipelineState
from engine.journal.logs import prune_logs
from engine.model.size import parse_size

LOG_SHARE = 5  # logs may take a fifth of the cap besides the store
KEPT_EXECUTIONS = 3  # the newest executions whose every tree is kept, whatever the cap


class Upkeep:
    """Prunes the store after executions, in the background."""

    def __init__(self, conductor: Conductor, store: Store) -> None:
        self._conductor = conductor
        self._store = store
        self._task: asyncio.Task[None] | None = None

    def heard(self, news: list[ev.Recorded]) -> None:
        """A listener: mark what is used, prune when an execution has ended."""
        for item in news:
            if isinstance(item.event, ev.ExecutionEnded) and (self._task is None or self._task.done()):
                self._task = asyncio.get_running_loop().create_task(self._prune())

    async def finish(self) -> None:
        """Wait for what is under way: a run without a screen ends right after its execution, and must prune too."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _prune(self) -> None:
        cap = parse_size(self._conductor.opened.project.max_size)
        logs = kept_logs(self._conductor.state, self._conductor.log)
        await asyncio.to_thread(prune_logs, self._conductor.opened.state_dir, cap // LOG_SHARE, logs)
        if await asyncio.to_thread(self._store.usage) <= cap:
            return
        keep = kept_trees(self._conductor.state)
        dropped = await asyncio.to_thread(self._store.prune, cap, keep)
        if gone := evicted(self._conductor.state, set(dropped)):
            self._conductor.record([ev.ResultsEvicted(tuple(gone))])


def kept_trees(state: PipelineState) -> set[str]:
    """Trees that must not go: the newest executions', and what running actions read."""
    newest = list(state.executions.values())[-KEPT_EXECUTIONS:]
    keep = {revision.tree for execution in newest for revision in execution.revisions.values()}
    for execution in (*newest, *state.active):
        for stage in execution.stages.values():
            for ids in stage.actions.values():
                action = state.actions[ids[-1]]
                keep.update(action.outputs.values())
                keep.update(action.prepared.inputs.values() if action.prepared else ())
    return keep


def kept_logs(state: PipelineState, place: Callable[[ActionExecution], Path]) -> set[Path]:
    """Logs that must not go: the newest executions'."""
    newest = list(state.executions.values())[-KEPT_EXECUTIONS:]
    return {
        place(state.actions[identity])
        for execution in newest
        for stage in execution.stages.values()
        for ids in stage.actions.values()
        for identity in ids
    }


def evicted(state: PipelineState, trees: set[str]) -> list[str]:
    """The action executions whose outputs are among dropped trees."""
    return [
        action.id for action in state.actions.values() if not action.evicted and trees & set(action.outputs.values())
    ]
