"""The watch loop: saves become snapshots, snapshots become start requests, edits of the definition a reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path

from engine.engine import Conductor
from engine.execution import requests as rq
from engine.execution.events import Recorded, TriggerType, WatchChanged
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Revision
from engine.opening import Opened, OpenError, open_project
from engine.reading.definition import load
from engine.watch import Batch, FeedbackGuard, Unwatchable, Watch

AFTER = 0.05  # seconds after an action's end in which it may still have written: clocks of files are coarse
EXPERIMENT = 2.0  # seconds of rest that tell a loop from somebody who saves often
PROOFS = 2  # experiments in a row that make a loop
PROJECT_FILES = ("greenroom.yaml", "greenroom.yml", ".env", ".secrets")


class Watcher:
    """Watches the sources of a conductor. `notice` gets the diagnostics of every reload, none when all is well."""

    def __init__(self, conductor: Conductor, notice: Callable[[list[Diagnostic]], None]) -> None:
        self._conductor = conductor
        self._notice = notice
        self._guard = FeedbackGuard()
        self._told = False
        self._proofs = 0
        self._catching_up: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Watch until cancelled. A change of the source directories starts the watch anew."""
        self._conductor.listeners.append(self._heard)
        try:
            while True:
                await self._watch_these(self._conductor.opened.sources)
        except Unwatchable as trouble:
            await self._conductor.request(rq.SetWatch(True, str(trouble)))

    def _heard(self, news: list[Recorded]) -> None:
        """A pause has ended: what was saved meanwhile is due."""
        if any(isinstance(item.event, WatchChanged) and not item.event.paused for item in news):
            catch_up = Batch(frozenset(), rescan=True, reason="watching again")
            self._catching_up = asyncio.get_running_loop().create_task(self._changed(catch_up))

    async def _watch_these(self, sources: dict[str, Path]) -> None:
        watch = _watch(self._conductor)
        try:
            async for batch in watch.changes():
                if watch.notice and watch.notice != self._conductor.state.watch_reason:
                    await self._conductor.request(rq.SetWatch(False, watch.notice))
                await self._changed(batch)
                if self._conductor.opened.sources != sources:
                    return
        finally:
            watch.close()

    async def _changed(self, batch: Batch) -> None:
        conductor = self._conductor
        trigger: TriggerType = "Save"
        if batch.rescan or batch.paths & set(_own_files(conductor.opened)):
            reloaded = self._reload()
            if reloaded is None:
                return
            trigger = "Reload" if reloaded else "Save"
        if conductor.state.watch_paused or not conductor.has_started:
            return  # the first look is the first run's; what is saved in a pause waits for its end
        revisions = await conductor.revisions(None if batch.rescan else batch.paths)
        if trigger == "Save" and not _news(conductor.state, revisions):
            return
        if await self._looping(batch.paths) or _ignoring(conductor.state):
            return
        detail = await conductor.difference(revisions)
        await conductor.request(rq.Start(trigger, detail, revisions, dict(conductor.opened.project.variables)))

    def _reload(self) -> bool | None:
        """Take up an edited definition or project file: whether anything is different now.

        None for a broken edit: the last good one stays in force, and its diagnostics are told.
        """
        conductor = self._conductor
        try:
            opened = open_project(conductor.opened.options)
        except OpenError as error:
            problems = error.diagnostics or load(conductor.opened.pipeline.file).diagnostics
            self._tell(list(problems) or [Diagnostic("GR100", error.message, error.hint)])
            return None
        self._tell([])
        before = conductor.opened
        if (opened.project, opened.declaration, opened.sources) == (before.project, before.declaration, before.sources):
            return False
        conductor.define(opened)
        conductor.replace_sources(opened)
        return True

    def _tell(self, diagnostics: list[Diagnostic]) -> None:
        """Problems as they are, and once when they are gone."""
        if diagnostics or self._told:
            self._notice(diagnostics)
        self._told = bool(diagnostics)

    async def _looping(self, paths: Collection[Path]) -> bool:
        """Whether an action writes into its own source: then watching pauses and says who and what.

        The guard only suspects, for people save often, too. The proof is an experiment: while nothing runs, nothing
        is written.
        """
        conductor = self._conductor
        written = _written(paths) or conductor.now()
        found = self._guard.feed(conductor.now(), paths, at_work(conductor.state, written))
        if found is None:
            return False
        if await self._somebody_writes(found.paths):
            self._guard.reset()
            self._proofs = 0
            return False
        self._proofs += 1
        if self._proofs < PROOFS:
            return False
        self._guard.reset()
        self._proofs = 0
        await conductor.request(rq.SetWatch(True, found.message))
        return True

    async def _somebody_writes(self, paths: Collection[Path]) -> bool:
        """Bring everything to rest, wait a moment, and see whether the paths are written all the same."""
        conductor = self._conductor
        if not any(action.kind == "effect" and action.running for action in conductor.state.live()):
            for execution in conductor.state.active:
                await conductor.request(rq.Stop(execution.id, abandon=True, reason="looking for a feedback loop"))
        await conductor.idle()
        rest = conductor.now()
        await asyncio.sleep(EXPERIMENT)
        return _written(paths) > rest + AFTER


def _watch(conductor: Conductor) -> Watch:
    opened, settings = conductor.opened, conductor.opened.project.watch
    return Watch(
        {str(directory): directory for directory in conductor.sources.directories},
        _own_files(opened),
        conductor.sources.ignored,
        debounce_ms=settings.debounce_ms,
        step_ms=settings.step_ms,
        rescan_seconds=settings.rescan_seconds,
        corner=opened.state_dir / "watch",
    )


def _own_files(opened: Opened) -> list[Path]:
    """The files whose edit reloads everything."""
    return [opened.pipeline.file.resolve(), *(opened.directory.resolve() / name for name in PROJECT_FILES)]


def _news(state: PipelineState, revisions: dict[str, Revision]) -> bool:
    latest = state.latest
    before = {name: revision.tree for name, revision in latest.revisions.items()} if latest else {}
    return before != {name: revision.tree for name, revision in revisions.items()}


def _ignoring(state: PipelineState) -> bool:
    """Whether an action that wants no interruption is running: the save is left for the next start."""
    return any(
        action.running and action.prepared is not None and action.prepared.on_change == "ignore"
        for action in state.live()
    )


def at_work(state: PipelineState, when: float) -> frozenset[str]:
    """The actions that ran at a moment of the recent past: the suspects when something was written then."""
    newest = [state.executions[identity] for identity in (*islice(reversed(state.executions), 3), *state.active_ids)]
    ids = {ids[-1] for execution in newest for stage in execution.stages.values() for ids in stage.actions.values()}
    return frozenset(
        f"{action.stage}/{action.action}"
        for action in map(state.actions.__getitem__, ids)
        if action.kind in ("pure", "effect") and action.started_at and action.started_at - AFTER <= when
        if action.running or when <= action.ended_at + AFTER
    )


def _written(paths: Collection[Path]) -> float:
    """When the newest of some files was written, in seconds since the epoch; 0.0 where none is left."""
    return max((_mtime(path) for path in paths), default=0.0)


def _mtime(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


async def run_until_cancelled(watcher: Watcher) -> None:
    """`Watcher.run`, quiet about its own cancellation."""
    try:
        await watcher.run()
    except asyncio.CancelledError:
        return
