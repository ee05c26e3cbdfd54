"""The watch loop: saves become snapshots, snapshots become start requests, edits of the definition a reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from engine.engine import Conductor
from engine.execution import requests as rq
from engine.execution.events import TriggerType
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Revision
from engine.opening import STATE, Opened, OpenError, open_project
from engine.watch import Batch, FeedbackGuard, Watch

SHOWN_PATHS = 3
PROJECT_FILES = ("greenroom.yaml", "greenroom.yml", ".env", ".secrets")


class Watcher:
    """Watches the sources of a conductor. `notice` gets the diagnostics of every reload, none when all is well."""

    def __init__(self, conductor: Conductor, notice: Callable[[list[Diagnostic]], None]) -> None:
        self._conductor = conductor
        self._notice = notice
        self._guard = FeedbackGuard()
        self._watch: Watch | None = None

    async def run(self) -> None:
        """Watch until cancelled. A change of the source directories starts the watch anew."""
        while True:
            self._watch = _watch(self._conductor)
            sources = self._conductor.opened.sources
            async for batch in self._watch.changes():
                await self._changed(batch)
                if self._conductor.opened.sources != sources:
                    break
            self._watch.close()

    async def _changed(self, batch: Batch) -> None:
        conductor = self._conductor
        detail = _detail(batch.paths, conductor.opened)
        trigger: TriggerType = "Save"
        if batch.paths & set(_own_files(conductor.opened)):
            if not self._reload():
                return
            trigger = "Reload"
        if conductor.state.watch_paused:
            return
        revisions = await conductor.revisions(None if batch.rescan else batch.paths)
        if trigger == "Save" and not _news(conductor.state, revisions):
            return
        if await self._looping(batch.paths) or _ignoring(conductor.state):
            return
        await conductor.request(rq.Start(trigger, detail, revisions, dict(conductor.opened.project.variables)))

    def _reload(self) -> bool:
        """Take up an edited definition or project file. A broken edit keeps the last good one: False."""
        conductor = self._conductor
        try:
            opened = open_project(conductor.opened.options)
        except OpenError as error:
            self._notice(error.diagnostics or [Diagnostic("GR100", error.message, error.hint)])
            return False
        self._notice([])
        before = conductor.opened
        if (opened.project, opened.declaration, opened.sources) == (before.project, before.declaration, before.sources):
            return True
        conductor.define(opened)
        conductor.replace_sources(opened)
        return True

    async def _looping(self, paths: Collection[Path]) -> bool:
        """Whether an action writes into its own source: then watching pauses and says who and what."""
        state = self._conductor.state
        suspects = recent_actions(state)
        found = self._guard.saw(self._conductor.now(), frozenset(paths), suspects)
        if found is None:
            return False
        await self._conductor.request(rq.SetWatch(True, found.message))
        return True


def _watch(conductor: Conductor) -> Watch:
    opened, settings = conductor.opened, conductor.opened.project.watch
    return Watch(
        {str(directory): directory for directory in conductor.sources.directories},
        _own_files(opened),
        conductor.sources.ignored,
        debounce_ms=settings.debounce_ms,
        step_ms=settings.step_ms,
        rescan_seconds=settings.rescan_seconds,
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
        for action in state.actions.values()
    )


def recent_actions(state: PipelineState) -> frozenset[str]:
    """The actions that ran in the newest execution: the suspects when sources change by themselves."""
    latest = state.latest
    if latest is None:
        return frozenset()
    return frozenset(
        f"{action.stage}/{action.action}"
        for action in state.actions.values()
        if action.execution_id == latest.id and action.started_at and action.kind in ("pure", "effect")
    )


def _detail(paths: Collection[Path], opened: Opened) -> str:
    """``src/app.py, +2``: what was saved, for people."""
    names = sorted(_relative(path, opened) for path in paths if STATE not in path.parts)
    more = len(names) - SHOWN_PATHS
    return ", ".join(names[:SHOWN_PATHS]) + (f", +{more}" if more > 0 else "")


def _relative(path: Path, opened: Opened) -> str:
    for directory in opened.sources.values():
        if path.is_relative_to(directory):
            return str(path.relative_to(directory))
    return str(path)


async def run_until_cancelled(watcher: Watcher) -> None:
    """`Watcher.run`, quiet about its own cancellation."""
    try:
        await watcher.run()
    except asyncio.CancelledError:
        return
