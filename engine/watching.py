"""The watch loop: saves become snapshots, snapshots become start requests, edits of the definition a reload.

With ``trigger: commit`` branches and tags are watched instead of files, and with ``manual`` the definition alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path

from engine.engine import Conductor
from engine.execution import requests as rq
from engine.execution.events import ExecutionStarted, Recorded, TriggerType, WatchChanged
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Revision
from engine.model.pipeline import PipelineDeclaration
from engine.opening import Opened, OpenError, given_by, open_project
from engine.reading.definition import load
from engine.triggers.detect import places
from engine.triggers.pushes import Pushes, doubts
from engine.triggers.starter import Starter
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
        self._reloaded = False  # something else than the sources is new since the last start
        self._missed = False  # the last look failed
        self._resumed = asyncio.Event()
        self._proofs = 0
        self._catching_up: asyncio.Task[None] | None = None
        self._pushes = Pushes()
        self._doubted: PipelineDeclaration | None = None  # whether commits start it at all was looked at
        self._starter = Starter(conductor, self._tell)

    async def run(self) -> None:
        """Watch until cancelled. A change of what is to be watched starts the watch anew, and so does a resume."""
        self._conductor.listeners.append(self._heard)
        try:
            while True:
                await self._watch_these(_watched(self._conductor.opened))
        finally:
            if self._catching_up:
                self._catching_up.cancel()

    def _heard(self, news: list[Recorded]) -> None:
        """A pause has ended: what was saved meanwhile is due."""
        if any(isinstance(item.event, ExecutionStarted) for item in news):
            self._reloaded = False
        if any(isinstance(item.event, WatchChanged) and not item.event.paused for item in news):
            self._resumed.set()
            catch_up = Batch(frozenset(), rescan=True, reason="watching again")
            self._catching_up = asyncio.get_running_loop().create_task(self._take_up(catch_up))

    async def _watch_these(self, watched: object) -> None:
        watch = _watch(self._conductor)
        try:
            async for batch in watch.changes():
                if watch.notice and watch.notice != self._conductor.state.watch_reason:
                    await self._conductor.request(rq.SetWatch(False, watch.notice))
                await self._take_up(batch)
                if _watched(self._conductor.opened) != watched:
                    return
        except Unwatchable as trouble:
            self._resumed.clear()
            await self._conductor.request(rq.SetWatch(True, str(trouble)))
            await self._resumed.wait()
        finally:
            watch.close()

    async def _take_up(self, batch: Batch) -> None:
        """One batch. Where that fails, the watch goes on, and the next batch looks at everything."""
        try:
            missed = Batch(frozenset(), rescan=True, reason="the last look failed")
            await self._changed(batch | missed if self._missed else batch)
            self._conductor.go_on()  # a new definition ends what no newer run has taken over
            self._missed = False
        except Exception as trouble:
            self._missed = True
            self._tell(
                [Diagnostic("GR002", f"a save could not be taken up: {trouble}", "the next save is tried again")]
            )

    async def _changed(self, batch: Batch) -> None:
        conductor, own = self._conductor, set(_own_files(self._conductor.opened))
        broken = False
        if batch.rescan or batch.paths & own:
            reloaded = await self._reload()
            self._reloaded = self._reloaded or bool(reloaded)
            broken = reloaded is None and not batch.paths - own  # nothing but an unfinished edit
        if conductor.opened.project.trigger == "commit":
            await self._pushed()
        if conductor.opened.project.trigger != "save":
            return
        if conductor.state.watch_paused or not conductor.has_started:
            return  # the first look is the first run's; what is saved in a pause waits for its end
        revisions = await conductor.revisions(None if batch.rescan else batch.paths)
        if broken or not (self._reloaded or _news(conductor.state, revisions)):
            return
        if await self._looping(batch.paths) or _ignoring(conductor.state):
            return
        await self._start(revisions)

    async def _pushed(self) -> None:
        """Branches and tags may have moved. What moves in a pause waits for its end."""
        opened = self._conductor.opened
        paused = self._conductor.state.watch_paused
        found = await asyncio.to_thread(self._pushes.look, opened, paused=paused)
        if self._doubted != opened.declaration:
            self._doubted = opened.declaration
            self._starter.doubts(await asyncio.to_thread(doubts, opened))
        for pushed in found:
            if (given := await self._starter.pushed(pushed)) and given.ok:
                self._tell([])

    async def _start(self, revisions: dict[str, Revision]) -> None:
        conductor = self._conductor
        trigger: TriggerType = "Reload" if self._reloaded else "Save"
        detail = await conductor.difference(revisions)
        asked = conductor.asked
        variables = {**conductor.opened.project.variables, **asked.variables}
        given = await conductor.request(
            rq.Start(trigger, detail, revisions, variables, selected=asked.selected, approve=asked.approve)
        )
        if not given.ok:
            self._tell([Diagnostic("GR003", f"this save starts nothing: {given.message}")])

    async def _reload(self) -> bool | None:
        """Take up an edited definition or project file: whether anything is different now.

        None for a broken edit: the last good one stays in force, and its diagnostics are told.
        """
        conductor = self._conductor
        try:
            opened = await asyncio.to_thread(_reopened, conductor.opened)
        except OpenError as error:
            given = given_by(conductor.opened.options, conductor.opened.project)
            problems = error.diagnostics or load(conductor.opened.pipeline.file, given).diagnostics
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
        if conductor.state.paused():
            return True  # nothing that somebody debugs is ended for an experiment
        if not any(action.kind == "effect" and action.running for action in conductor.state.live()):
            for execution in conductor.state.active:
                await conductor.request(rq.Stop(execution.id, abandon=True, reason="looking for a feedback loop"))
        await conductor.idle()
        rest = conductor.now()
        await asyncio.sleep(EXPERIMENT)
        return _written(paths) > rest + AFTER


def _watch(conductor: Conductor) -> Watch:
    opened, settings = conductor.opened, conductor.opened.project.watch
    roots, files = list(conductor.sources.directories), _own_files(opened)
    if opened.project.trigger != "save":
        roots, more = _refs(opened) if opened.project.trigger == "commit" else ([], [])
        files += more
    return Watch(
        {str(directory): directory for directory in roots},
        files,
        # The sources are those of the moment: a reload replaces them. Nothing of git's own files is left out.
        lambda path: opened.project.trigger == "save" and conductor.sources.ignored(path),
        debounce_ms=settings.debounce_ms,
        step_ms=settings.step_ms,
        rescan_seconds=settings.rescan_seconds,
        corner=opened.state_dir / "watch",
    )


def _refs(opened: Opened) -> tuple[list[Path], list[Path]]:
    """Where the sources' repositories keep branches and tags: directories, and single files."""
    found = [places(directory) for directory in dict.fromkeys(opened.sources.values())]
    return [d for directories, _ in found for d in directories], [f for _, files in found for f in files]


def _reopened(before: Opened) -> Opened:
    """The project as it is now. A definition that is half written is no reason to take up another file."""
    opened = open_project(before.options)
    file, named = before.pipeline.file, before.project.pipeline
    if opened.pipeline.file != file and opened.project.pipeline == named and file.exists():
        raise OpenError(f"{file.name} holds no pipeline any more", "mend it; the last good one stays in force")
    return opened


def _watched(opened: Opened) -> object:
    """All that decides what is watched, and how."""
    return opened.sources, opened.excludes, opened.pipeline.files, opened.project.watch, opened.project.trigger


def _own_files(opened: Opened) -> list[Path]:
    """The files whose edit reloads everything."""
    made_of = [file.resolve() for file in opened.pipeline.files]
    return [*made_of, *(opened.directory.resolve() / name for name in PROJECT_FILES)]


def _news(state: PipelineState, revisions: dict[str, Revision]) -> bool:
    latest = state.latest_look
    before = {name: revision.tree for name, revision in latest.revisions.items()} if latest else {}
    return before != {name: revision.tree for name, revision in revisions.items()}


def _ignoring(state: PipelineState) -> bool:
    """Whether an action that wants no interruption is running: the save is left for the next start."""
    return any(
        action.busy and action.prepared is not None and action.prepared.on_change == "ignore" for action in state.live()
    )


def at_work(state: PipelineState, when: float) -> frozenset[str]:
    """The actions that ran at a moment of the recent past: the suspects when something was written then."""
    newest = [state.executions[identity] for identity in (*islice(reversed(state.executions), 3), *state.active_ids)]
    ids = {identity for execution in newest for stage in execution.stages.values() for identity in stage.latest_runs()}
    return frozenset(
        f"{action.stage}/{action.action}"
        for action in map(state.actions.__getitem__, ids)
        if action.kind in ("pure", "effect", "rule") and action.started_at and action.started_at - AFTER <= when
        if action.busy or when <= (action.paused_at if action.paused else action.ended_at) + AFTER
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
