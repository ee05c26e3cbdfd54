"""A running engine in a thread of its own, and the ways to look at one that runs elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from engine.artifacts.archive import export_folder, export_zip
from engine.artifacts.store import Store
from engine.engine import Conductor
from engine.execution import requests as rq
from engine.execution.codec import decode_request, encode_request
from engine.execution.events import Recorded
from engine.execution.explain import PlannedAction
from engine.execution.state import ActionExecution, PipelineState
from engine.handout import Handout
from engine.history import load_state, recorded, save_checkpoint
from engine.journal import control
from engine.journal.directory import ensure
from engine.journal.journal import Journal, JournalError
from engine.journal.lock import Lock, owner
from engine.link import Listener, Notice
from engine.model.diagnostics import Diagnostic
from engine.model.project import ProjectFile
from engine.notices.herald import Herald
from engine.opening import Opened, OpenError, Options, discover, open_project
from engine.places import place_of_log, place_of_work
from engine.recovery import Recovered, recover
from engine.rehearse import rehearse
from engine.sealed import settled, store_of
from engine.upkeep import Upkeep

if TYPE_CHECKING:
    from engine.overview.settings import Setting
    from engine.overview.sources import SourceView
    from engine.providers.codebuild.needs import Need
    from engine.triggers.outside import Outside

__all__ = ["OpenError", "Opened", "Options", "Reader", "Session", "discover", "open_project", "remote"]

T = TypeVar("T")
_OVER = rq.Answer(False, "greenroom was closed", "NotRunning")


class Session:
    """An engine that runs one pipeline in a thread of its own. Implements `engine.link.Link`."""

    def __init__(self, opened: Opened, lock: Lock, journal: Journal, recovered: Recovered) -> None:
        name = opened.declaration.name
        store = settled(opened.state_dir, encrypt=opened.project.encrypt)
        self.opened = opened
        self.recovered = recovered.abandoned
        self._lock = lock
        self._journal = journal
        self._store = store
        self._reader = Reader(opened.state_dir)
        self._loop = asyncio.new_event_loop()
        self._conductor = Conductor(opened, journal, store, recovered.states.get(name) or PipelineState(name))
        self._upkeep = Upkeep(self._conductor, store)
        self._handout = Handout(self._conductor, store, self._failed_to_tell)
        self._herald = Herald(lambda: self._conductor.opened, self._conductor.state, self._failed_to_tell)
        self._outside: Outside | None = None
        self._notices: list[Notice] = []
        self._early: list[Diagnostic] = []  # what there was to say before anybody listened to notices
        self.unheard: list[Diagnostic] = []  # what came when nobody listened to notices any more
        self._thread = threading.Thread(target=self._loop.run_forever, name="greenroom-engine", daemon=True)
        self._closed = False
        self._background: list[asyncio.Task[None]] = []
        self._asking: set[asyncio.Future[rq.Answer]] = set()
        self._server: control.Server | None = None

    @classmethod
    def start(cls, opened: Opened, *, command: str) -> Session:
        """Take the lock, recover from a crash, begin. Raises `engine.journal.lock.Busy` or `JournalError`."""
        socket = control.socket_path(opened.state_dir)
        lock = Lock.acquire(opened.state_dir, command, socket)
        try:
            journal = Journal(opened.state_dir)
            session = cls(opened, lock, journal, recover(journal, opened.state_dir))
        except BaseException:
            lock.release()
            raise
        session._thread.start()
        try:
            session._do(session._begin(socket)).result()
        except BaseException:
            session._leave()
            raise
        return session

    def close(self) -> None:
        """Abandon what runs, record it, give the lock back. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        try:
            self._do(self._end()).result()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._closed = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        try:
            with contextlib.suppress(OSError, JournalError):  # a checkpoint is only a shortcut
                save_checkpoint(self._journal, self.opened.state_dir, self._conductor.state)
        finally:
            self._journal.close()
            self._lock.release()

    @property
    def trouble(self) -> BaseException | None:
        """What keeps the engine from going on (a full disk, say), or None."""
        return self._conductor.trouble

    # -- engine.link.Link ----------------------------------------------------------------------------------------

    @property
    def webhooks(self) -> dict[str, str]:
        """Where each webhook of the pipeline is called, by name; empty where they are not served."""
        return self._outside.webhooks if self._outside else {}

    @property
    def directory(self) -> Path:
        """The project's directory."""
        return self.opened.directory

    @property
    def definition(self) -> Path:
        """The definition file."""
        return self._conductor.opened.pipeline.file

    @property
    def project(self) -> ProjectFile:
        """The project file in force."""
        return self._conductor.opened.project

    @property
    def remains(self) -> bool:
        """It ends with this process."""
        return False

    @property
    def watches(self) -> bool:
        """Whether it was started to watch."""
        return self.opened.options.watch

    def state(self) -> PipelineState:
        """A state of the caller's own, folded from the journal up to now."""
        return self._reader.state(self.opened.declaration.name)

    def subscribe(self, listener: Listener, *, after: int) -> Callable[[], None]:
        """Call `listener` with every batch after that seq, on the engine's thread. Returns the undo."""

        def begin() -> None:
            missed = self._recorded_after(after)
            if missed:
                listener(missed)
            self._conductor.listeners.append(listener)

        def undo() -> None:
            if listener in self._conductor.listeners:
                self._conductor.listeners.remove(listener)

        self._loop.call_soon_threadsafe(begin)
        return lambda: None if self._closed else _void(self._loop.call_soon_threadsafe(undo))

    def notices(self, notice: Notice) -> Callable[[], None]:
        """Call `notice` with the diagnostics of every reload."""
        self._notices.append(notice)
        if self._early:
            early, self._early = self._early, []
            notice(early)
        return lambda: self._notices.remove(notice) if notice in self._notices else None

    def request(self, request: rq.Request) -> Future[rq.Answer]:
        """Ask for something. The future never raises."""
        if self._closed:
            over: Future[rq.Answer] = Future()
            over.set_result(_OVER)
            return over
        return self._do(self._asked(request))

    def plan(self, *, forced: tuple[str, ...] = (), selected: tuple[str, ...] = ()) -> Future[list[PlannedAction]]:
        """What a run would do now. The future raises `engine.rehearse.PlanRefused`."""
        return self._do(self._plan(forced, selected))

    def log(self, action_execution_id: str, build: str = "") -> Path:
        """The action's log file, or that of one build of its batch."""
        state = self._conductor.state
        return place_of_log(state, self.opened.state_dir, state.actions[action_execution_id], build)

    def workspace(self, action_execution_id: str, build: str = "") -> Path:
        """The folder the action, or one build of its batch, ran in."""
        from engine.providers.book import workspace_of

        state = self._conductor.state
        batch = place_of_work(state, self.opened.state_dir, state.actions[action_execution_id])
        return workspace_of(batch, build)

    def shell(self, action_execution_id: str, build: str = "") -> tuple[list[str], Path, dict[str, str]]:
        """argv, directory and environment of a shell where that action ran. Raises `LookupError`."""
        from engine.providers.regained import regained
        from engine.providers.shell import shell_in

        workspace = self.workspace(action_execution_id, build)
        return shell_in(workspace, regained=regained(workspace, lambda: self._conductor.opened.project))

    def files(self, tree: str) -> Future[list[tuple[str, int, str]]]:
        """An artifact's files: path, size in bytes, kind."""
        return self._threaded(lambda: [(entry.path, entry.size, entry.kind) for entry in self._store.walk(tree)])

    def content(self, tree: str, path: str) -> Future[bytes]:
        """One file of an artifact."""
        return self._threaded(lambda: self._store.read(tree, path))

    def settings(self) -> Future[tuple[Setting, ...]]:
        """Everything that is in force, and where it comes from."""
        from engine.overview.settings import settings_of

        return self._threaded(lambda: settings_of(self._conductor.opened))

    def sources(self) -> Future[tuple[SourceView, ...]]:
        """The source actions as they are now."""
        from engine.overview.sources import look

        return self._threaded(lambda: look(self._conductor.opened, self._store, datetime.now(UTC)))

    def needs(self) -> Future[tuple[Need, ...]]:
        """The parameters and secrets that builds ask for, and where each comes from."""
        from engine.providers.codebuild.needs import needed

        opened = self._conductor.opened
        return self._threaded(lambda: tuple(needed(opened.declaration, opened.project, opened.sources)))

    def consult(self, question: Callable[[Store], T]) -> Future[T]:
        """Ask something of the store, in a thread."""
        return self._threaded(lambda: question(self._store))

    def export(self, tree: str, destination: Path) -> Future[Path]:
        """Write an artifact as a zip, or into a folder where `destination` is one."""
        return self._threaded(lambda: export(self._store, tree, destination))

    # -- on the engine's thread ----------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _threaded(self, work: Callable[[], T]) -> Future[T]:
        async def run() -> T:
            return await asyncio.to_thread(work)

        return self._do(run())

    async def _begin(self, socket: Path) -> None:
        self._conductor.on_trouble = self._troubled
        if (self.opened.state_dir / "checks").is_dir():
            from engine.verifying import tidy  # only a watch that was killed leaves something there

            tidy(self.opened.state_dir)
        self._herald.catch_up(self._recorded_after)
        self._conductor.listeners.append(self._herald.heard)
        self._conductor.define(self.opened)
        if self.opened.options.watch or self.opened.options.webhooks is not None:
            from engine.triggers.outside import Outside  # most runs end soon and hear nothing

            self._outside = Outside(self._conductor, self._noticed)
            await self._outside.open()
        self._server = await control.serve(socket, self._served)
        self._conductor.listeners.append(self._upkeep.heard)
        self._conductor.listeners.append(self._handout.heard)
        if self.opened.options.watch:
            from engine.verifying import Verifier
            from engine.watching import Watcher, run_until_cancelled  # watchfiles is heavy: only where it is used

            self._conductor.on_reused = Verifier(self._conductor, self._noticed).reused
            watcher = Watcher(self._conductor, self._noticed)
            self._background.append(asyncio.create_task(run_until_cancelled(watcher)))

    async def _end(self) -> None:
        under_way: list[asyncio.Future[Any]] = [*self._background, *self._asking]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._outside:
            await self._outside.close()
        if self._server:
            await self._server.close()
        await self._conductor.close()
        await asyncio.to_thread(self._herald.close)
        await self._handout.finish()
        await self._upkeep.finish()

    async def _asked(self, request: rq.Request) -> rq.Answer:
        asking = asyncio.ensure_future(self._conductor.request(request))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            return await asking
        except asyncio.CancelledError:
            return _OVER
        except Exception as error:
            return rq.Answer(False, str(error), type(error).__name__)

    async def _served(self, plain: dict[str, Any]) -> dict[str, Any]:
        """A request from another process, through the control socket."""
        name, wanted = self._conductor.state.name, plain.get("pipeline")
        if wanted not in (None, "", name):
            message = f"the greenroom that runs here runs {name}, not {wanted}"
            return {"ok": False, "message": message, "exception": "PipelineNotFoundException"}
        try:
            request = decode_request(plain.get("request"))
        except ValueError as error:
            return {"ok": False, "message": f"not a request: {error}", "exception": "ValidationException"}
        given = await self._asked(request)
        return {
            "ok": given.ok,
            "message": given.message,
            "exception": given.exception,
            "execution_id": given.execution_id,
        }

    async def _plan(self, forced: tuple[str, ...], selected: tuple[str, ...]) -> list[PlannedAction]:
        revisions = await self._conductor.revisions()
        opened = self._conductor.opened
        variables = dict(opened.project.variables)
        start = rq.Start(revisions=revisions, variables=variables, forced=forced, selected=selected)
        state = self.state()
        return await asyncio.to_thread(rehearse, state, start, opened, self._store)

    def _troubled(self, trouble: BaseException) -> None:
        hint = getattr(trouble, "hint", "") or "nothing more is started; mend it, then start greenroom again"
        self._noticed([Diagnostic("GR001", f"greenroom cannot go on: {getattr(trouble, 'message', trouble)}", hint)])

    def _recorded_after(self, seq: int) -> list[Recorded]:
        return [recorded(row) for row in self._journal.read(self.opened.declaration.name, after=seq)]

    def _failed_to_tell(self, found: Diagnostic) -> None:
        """Somebody outside was not told of something (the herald's threads): no reason to disturb the run."""
        if self._notices:
            self._noticed([found])
        else:
            self.unheard.append(found)

    def _noticed(self, diagnostics: list[Diagnostic]) -> None:
        if not self._notices:
            self._early += diagnostics
        for notice in list(self._notices):
            notice(diagnostics)


class Reader:
    """A read-only look at a state directory: no lock, works beside a running greenroom and without one."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def pipelines(self) -> list[str]:
        """The pipelines that have a history here."""
        return self._journal().pipelines()

    def state(self, pipeline: str, *, whole: bool = False) -> PipelineState:
        """The pipeline's state up to now. `whole`: with every execution that ever was, not the newest ones only."""
        journal = self._journal()
        try:
            return load_state(journal, self._state_dir, pipeline, whole=whole)
        finally:
            journal.close()

    def events(self, pipeline: str, *, after: int = 0) -> Iterator[Recorded]:
        """What was recorded after that seq."""
        journal = self._journal()
        try:
            yield from (recorded(row) for row in journal.read(pipeline, after=after))
        finally:
            journal.close()

    def log(self, state: PipelineState, action: ActionExecution, build: str = "") -> Path:
        """The action's log file, or that of one build of its batch."""
        return place_of_log(state, self._state_dir, action, build)

    def workspace(self, state: PipelineState, action: ActionExecution, build: str = "") -> Path:
        """The folder the action, or one build of its batch, ran in."""
        from engine.providers.book import workspace_of

        return workspace_of(place_of_work(state, self._state_dir, action), build)

    def store(self) -> Store:
        """The artifact store."""
        return store_of(self._state_dir)

    def _journal(self) -> Journal:
        return Journal(self._state_dir, readonly=True)


def remote(state_dir: Path, request: rq.Request, pipeline: str) -> rq.Answer:
    """Ask the greenroom that runs in this directory; `NotRunning` where none does."""
    running = owner(state_dir)
    if running is None or not running.socket:
        return rq.Answer(False, "no greenroom is running here", "NotRunning")
    plain = {"pipeline": pipeline, "request": encode_request(request)}
    answered = control.call(Path(running.socket), plain)
    return rq.Answer(
        ok=bool(answered.get("ok")),
        message=str(answered.get("message", "")),
        exception=str(answered.get("exception", "")),
        execution_id=str(answered.get("execution_id", "")),
    )


def plan_without_lock(
    opened: Opened, *, forced: tuple[str, ...] = (), selected: tuple[str, ...] = ()
) -> list[PlannedAction]:
    """`plan` for a command: reads the journal, takes no lock. Raises `PlanRefused`, `JournalError`."""
    from engine.sources import Sources

    reader = Reader(ensure(opened.state_dir))  # a plan may be the first to keep anything here
    store = reader.store()
    state = reader.state(opened.declaration.name)
    if not state.version or state.definition != opened.declaration:
        state.version += 1
        state.definitions[state.version] = opened.declaration
    revisions = Sources(opened, store).scan()
    variables = dict(opened.project.variables)
    start = rq.Start(revisions=revisions, variables=variables, forced=forced, selected=selected)
    return rehearse(state, start, opened, store)


def export(store: Store, tree: str, destination: Path) -> Path:
    """Write a tree as a zip, or into a folder where `destination` is one or has no suffix."""
    if destination.suffix == ".zip":
        export_zip(store, tree, destination)
    else:
        export_folder(store, tree, destination)
    return destination


def _void(_: object) -> None:
    return None
