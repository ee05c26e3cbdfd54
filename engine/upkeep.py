"""Keeping .greenroom under its cap: the least recently used results go first, never what still stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.artifacts.store import Store
from engine.engine import Conductor
from engine.execution import events as ev
from engine.execution.state import ActionExecution, PipelineState
from engine.execution.trim import EXECUTIONS, RESULTS, RUNS, trim
from engine.journal.logs import prune_logs, size_of_logs
from engine.model.size import parse_size

INTERVAL = 600.0  # seconds between two looks within a session
CROWDED = 3  # times what a trimmed state has: from there on a state is trimmed in a session, too
LOG_SHARE = 5  # logs may take a fifth of the cap besides the store
KEPT_EXECUTIONS = 3  # the newest executions whose every tree is kept, whatever the cap


class Upkeep:
    """Prunes the store and the logs: when a session ends, and now and then in a long one, while nothing runs."""

    def __init__(self, conductor: Conductor, store: Store) -> None:
        self._conductor = conductor
        self._store = store
        self._task: asyncio.Task[None] | None = None
        self._last = conductor.now()

    def heard(self, news: list[ev.Recorded]) -> None:
        """A listener: an execution has ended, and the last look is long ago."""
        ended = any(isinstance(item.event, ev.ExecutionEnded) for item in news)
        if ended and self._conductor.now() - self._last > INTERVAL and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._prune())

    async def finish(self) -> None:
        """The look at the end: a run without a screen ends right after its execution, and must prune, too."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        await self._prune()

    async def _prune(self) -> None:
        conductor = self._conductor
        async with conductor.standstill:  # nothing starts meanwhile, so nothing new can be taken for old
            if conductor.state.active_ids:
                return
            self._last = conductor.now()
            cap = parse_size(conductor.opened.project.max_size)
            if await asyncio.to_thread(self._store.usage) > cap:
                keep = kept_trees(conductor.state) | conductor.sources.trees
                dropped = await asyncio.to_thread(self._store.prune, cap, keep)
                if gone := evicted(conductor.state, set(dropped)):
                    conductor.record([ev.ResultsEvicted(tuple(gone))])
            if is_crowded(conductor.state):  # what is dropped here is in the journal
                trim(conductor.state)
            state_dir = conductor.opened.state_dir
            if await asyncio.to_thread(size_of_logs, state_dir) > cap // LOG_SHARE:
                logs = kept_logs(conductor.state, conductor.log)
                await asyncio.to_thread(prune_logs, state_dir, cap // LOG_SHARE, logs)


def is_crowded(state: PipelineState) -> bool:
    """Whether a long session has piled up much more than a start would find at hand."""
    return len(state.executions) > CROWDED * EXECUTIONS or len(state.actions) > CROWDED * (RUNS + RESULTS)


def kept_trees(state: PipelineState) -> set[str]:
    """Trees that must not go: the newest executions', and what running actions read."""
    newest = list(state.executions.values())[-KEPT_EXECUTIONS:]
    keep = {revision.tree for execution in newest for revision in execution.revisions.values()}
    for execution in (*newest, *state.active):
        for stage in execution.stages.values():
            for action in map(state.actions.__getitem__, stage.latest_runs()):
                keep.update(action.outputs.values())
                keep.update(report.details for report in action.reports)
                keep.update((action.observed.looks,) if action.observed and action.observed.looks else ())
                keep.update(kept_by_builds(action))
                keep.update(action.prepared.inputs.values() if action.prepared else ())
    return keep


def kept_by_builds(action: ActionExecution) -> Iterator[str]:
    """The trees that the builds of a batch made: a retry of the batch keeps those that succeeded."""
    for build in action.builds.values():
        yield from build.outputs.values()
        yield from (report.details for report in build.reports if report.details)


def kept_logs(state: PipelineState, place: Callable[[ActionExecution, str], Path]) -> set[Path]:
    """Logs that must not go: the newest executions'."""
    newest = list(state.executions.values())[-KEPT_EXECUTIONS:]
    return {
        place(action, build)
        for execution in newest
        for stage in execution.stages.values()
        for action in map(state.actions.__getitem__, stage.all_runs())
        for build in ("", *action.builds)
    }


def evicted(state: PipelineState, trees: set[str]) -> list[str]:
    """The action executions whose outputs are among dropped trees."""
    return [
        action.id for action in state.actions.values() if not action.evicted and trees & set(action.outputs.values())
    ]
