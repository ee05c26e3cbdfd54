"""The conductor: the one loop that records events, does what they ask for, and records what came of it.

It is the journal's only writer. Everything here runs on one asyncio loop; what blocks (hashing, looking at files)
runs in a small pool of threads that never touch the state.
"""

from __future__ import annotations

import asyncio
import dataclasses
import getpass
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from engine.artifacts.store import Store
from engine.attending import Attending, as_start, as_wished, on_failure, program_resumes
from engine.ends import cancelled, defect, ended
from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution import transitions
from engine.execution.answer import answer
from engine.execution.decide import World, decide, next_deadline
from engine.execution.fold import apply
from engine.execution.initial import initial_alarms, initial_transitions
from engine.execution.pausing import How
from engine.execution.state import ActionExecution, PipelineState
from engine.idle import IdleWork
from engine.journal.journal import Journal
from engine.listeners import Listeners
from engine.masking import recordable
from engine.model.outcome import Revision
from engine.model.status import ActionStatus
from engine.opening import Opened
from engine.places import is_parallel, place_of_log, place_of_work
from engine.prepare import Draft, gathered, told_difference, work_out_all
from engine.providers.contract import Desk, IdleTask, Job, Outcome
from engine.sealed import forget
from engine.slots import Builds, Queue
from engine.sources import Sources

CHUNK = 8  # actions that are prepared together in one thread
BREATH = 0.05  # seconds of rest before the time is used
LONGEST_SLEEP = 60.0  # seconds: a machine that was asleep itself finds a window open soon after it wakes

_SIGNED = (
    rq.Approve,
    rq.Resume,
    rq.Rollback,
    rq.DisableTransition,
    rq.EnableTransition,
    rq.OverrideCondition,
    rq.SetAlarm,
)  # requests that are kept with the name of who asked

T = TypeVar("T")
P = ParamSpec("P")


class Conductor:
    """Runs one pipeline from `state` on, which is at rest. `define` it, send it requests, `await close()` it."""

    def __init__(
        self,
        opened: Opened,
        journal: Journal,
        store: Store,
        state: PipelineState,
        *,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.opened = opened
        self.store = store
        self.sources = Sources(opened, store)
        self.state = state
        self.asked = rq.Start()  # the last start that somebody asked for: saves start the like of it
        self.has_started = False  # whether anything was started since `define`
        self.listeners = Listeners()
        self.trouble: BaseException | None = None  # what keeps the conductor from going on
        self.on_trouble: Callable[[BaseException], None] = lambda trouble: None
        self.on_reused: Callable[[ActionExecution, Draft], None] = lambda action, draft: None
        self._journal = journal
        self._clock = clock
        self._new_id = new_id
        self._news: list[ev.Recorded] | None = None  # what the open batch has recorded so far
        self._closing = False
        self._drafts: dict[str, Draft] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="greenroom")
        self.standstill = asyncio.Lock()  # whoever holds it looks at the sources, or keeps runs from starting
        self._changed = asyncio.Event()
        self._turns = Queue()  # of the builds of batches
        self._attending = Attending(state, lambda: self.opened, self.revisions, self._heard_one)
        self.idle_work = IdleWork(lambda: not self._tasks and not self.standstill.locked())

    # -- life ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Abandon whatever runs, wait until its processes are gone, record it all."""
        self.idle_work.close()
        self._closing = True
        try:
            for execution in self.state.active:
                await self.request(rq.Stop(execution.id, abandon=True, reason="greenroom was closed"))
            await self._all_ended()
            self._settle()
        finally:  # where nothing can be recorded any more, processes are ended all the same
            for task in self._tasks.values():
                task.cancel()
            await self._all_ended()
            if self._timer:
                self._timer.cancel()
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _all_ended(self) -> None:
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def define(self, opened: Opened) -> bool:
        """Take up a definition and project file. True when the definition differs from the one in force."""
        self.opened = opened
        self.record(initial_alarms(self.state, opened.project.alarms))
        self.record(initial_transitions(self.state, opened.project.transitions))
        changed = not self.state.version or self.state.definition != opened.declaration
        if changed:
            body = opened.declaration.model_dump_json(exclude_defaults=True)
            self.record([ev.PipelineDefined(self.state.version + 1, body, str(opened.pipeline.file))])
        self.record(transitions.declared(self.state, opened.project.transitions))
        return changed

    def replace_sources(self, opened: Opened) -> None:
        """Snapshot these directories from now on."""
        self.sources = Sources(opened, self.store)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    async def idle(self) -> None:
        """Wait until no execution is active or all that are wait for a person."""
        while not self.waits_for_people() and self.trouble is None:
            self._changed.clear()
            await self._changed.wait()

    def waits_for_people(self) -> bool:
        """Whether nothing goes on unless somebody approves, or nothing is active at all."""
        still = {standing.run.id for standing in self.state.paused() if standing.run.still}
        if any(identity not in still for identity in self._tasks):
            return False
        return all(map(self.state.waits_for_people, self.state.active))

    # -- requests ------------------------------------------------------------------------------------------------

    async def request(self, request: rq.Request) -> rq.Answer:
        """Grant or refuse a request."""
        request = as_start(self.state, request)
        if isinstance(request, rq.Start):
            try:
                request = await self._completed(request)
            except LookupError as missing:
                return rq.Answer(False, str(missing.args[0]), "ValidationException")
            self.has_started = True
            if request.trigger == "StartPipelineExecution" and not request.source_revisions:
                self.asked = request
            async with self.standstill:
                return self._answer(request)
        if isinstance(request, rq.Retry) and not request.on_failure:
            request = dataclasses.replace(request, on_failure=self.opened.options.on_failure or "")
        if isinstance(request, _SIGNED) and not request.by:
            request = dataclasses.replace(request, by=_me())
        return self._answer(request)

    def _answer(self, request: rq.Request) -> rq.Answer:
        if self._closing and isinstance(request, rq.Start | rq.Retry | rq.Rollback | rq.OverrideCondition):
            return rq.Answer(False, "greenroom is being closed", "NotRunning")
        given, events = answer(self.state, request, self._new_id)
        self.record(events)
        self._settle()
        return given

    async def revisions(self, paths: Iterable[Path] | None = None) -> dict[str, Revision]:
        """The sources' revisions now: after a look at `paths` only, or at everything."""
        async with self.standstill:
            look = self.sources.scan if paths is None else partial(self.sources.update, list(paths))
            found = await self._threaded(look)
        self._rest()
        return found

    async def revisions_at(self, commits: Mapping[str, tuple[str, str]]) -> dict[str, Revision]:
        """The revisions of source actions at commits (with their branch). Raises `LookupError` in words."""
        async with self.standstill:
            return await self._threaded(self.sources.at, commits)

    async def difference(self, revisions: Mapping[str, Revision]) -> str:
        """What differs from the latest execution's sources, for people: ``src/app.py, +2``."""
        latest = self.state.latest_look
        before = latest.revisions if latest else {}
        pairs = [(before[name].tree, new.tree) for name, new in revisions.items() if name in before]
        return await self._threaded(told_difference, self.store, [pair for pair in pairs if pair[0] != pair[1]])

    async def _completed(self, request: rq.Start) -> rq.Start:
        """The request with the sources and the lane that it leaves open. Raises `LookupError` in words."""
        revisions, variables, lane = request.revisions, request.variables, request.lane
        if not revisions:
            revisions = await self.revisions()
            variables = {**self.opened.project.variables, **variables}
        if request.source_revisions:
            revisions = revisions | await self._threaded(self.sources.named, request.source_revisions)
        if self.opened.project.lanes == "branch":
            lane = lane or self.sources.branch
        wished = on_failure(request, self.opened)
        return dataclasses.replace(request, revisions=revisions, variables=variables, lane=lane, on_failure=wished)

    # -- recording -----------------------------------------------------------------------------------------------

    def record(self, events: Iterable[ev.Event]) -> None:
        """Append events and fold them in; then tell the listeners and start what the events ask for."""
        with self._batch() as news:
            batch = [recordable(event, self.opened.hidden) for event in events]
            rows = self._journal.append(self.state.name, self._clock(), [(one.type, body) for one, body in batch])
            for row, (event, _) in zip(rows, batch, strict=True):
                news.append(ev.Recorded(row.seq, row.at, row.pipeline, event))
                apply(self.state, news[-1])

    @contextmanager
    def _batch(self) -> Iterator[list[ev.Recorded]]:
        """What is recorded inside is on the disk, as one, before anybody hears of it or anything is started."""
        if self._news is not None:
            yield self._news
            return
        self._news = []
        try:
            with self._journal.batch():
                yield self._news
        finally:
            news, self._news = self._news, None
        if news:
            self._publish(news)

    def _publish(self, news: list[ev.Recorded]) -> None:
        self.listeners.tell(news)
        scheduled = [item.event.action_execution_id for item in news if isinstance(item.event, ev.ActionScheduled)]
        due = [identity for identity in scheduled if self._step(identity) == "scheduled"]
        for item in news:
            self._react(item.event)
        self._turns.look_again()
        for chunk in (due[at : at + CHUNK] for at in range(0, len(due), CHUNK)):
            self._spawn(f"prepare {chunk[0]}", self._prepare(chunk))
        self._changed.set()

    def _settle(self) -> None:
        """Decide until there is nothing left to decide, then set the alarm for the next timeout."""
        while self._decide():
            pass
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if (deadline := next_deadline(self.state)) is not None:
            wait = min(max(0.0, deadline - self._clock()) + 0.001, LONGEST_SLEEP)
            self._timer = asyncio.get_running_loop().call_later(wait, self.go_on)

    def go_on(self) -> None:
        """Decide what time or a new definition has brought about."""
        try:
            self._settle()
        except Exception as trouble:
            self._stuck(trouble)

    def _stuck(self, trouble: Exception) -> None:
        """The journal cannot be written: nothing may go on unrecorded."""
        self.trouble = trouble
        self.on_trouble(trouble)
        self._changed.set()

    def _decide(self) -> bool:
        """All that can be decided now, in one batch. Reactions to it may leave more: whether to ask again."""
        world = World(self._clock(), self._new_id, self.opened.jobs, self.opened.after)
        with self._batch() as news:
            while events := decide(self.state, world):
                self.record(events)
        return bool(news)

    def _react(self, event: ev.Event) -> None:
        match event:
            case ev.ActionStarted() if not self.state.actions[event.action_execution_id].passive:
                self._spawn(event.action_execution_id, self._work(event.action_execution_id))
            case ev.ActionCancelling():
                self._cancel(event)
            case ev.ActionResumed():
                self._attending.resumed(event)
            case ev.ActionEnded() | ev.ActionReused() | ev.ActionAdopted():
                draft = self._drafts.pop(event.action_execution_id, None)
                if draft is not None and isinstance(event, ev.ActionReused):
                    self.on_reused(self.state.actions[event.action_execution_id], draft)

    def _step(self, identity: str) -> str:
        action = self.state.actions.get(identity)
        return action.step if action else ""

    def _rest(self) -> None:
        """Use the time while nothing runs: a moment later, for a start often follows at once."""
        asyncio.get_running_loop().call_later(BREATH, self.idle_work.go)

    # -- work ----------------------------------------------------------------------------------------------------

    def _spawn(self, identity: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks[identity] = task
        task.add_done_callback(lambda done: self._done(identity, done))

    def _done(self, identity: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(identity) is task:
            del self._tasks[identity]
        try:
            if task.cancelled() and self._step(identity) in ("running", "cancelling"):  # before its first step
                self.record([cancelled(self.state.actions[identity])])
            elif not task.cancelled() and (trouble := task.exception()):
                raise trouble
            self._settle()
            self._rest()
        except Exception as trouble:
            self._stuck(trouble)
        self._changed.set()

    async def _prepare(self, identities: list[str]) -> None:
        """Get scheduled actions ready, several in one go: most of a rerun is nothing but this."""
        due = [self.state.actions[identity] for identity in identities if self._step(identity) == "scheduled"]
        drafts = {action.id: gathered(self.state, action, self.opened) for action in due}
        events = await self._threaded(work_out_all, drafts, self.store)
        with self._batch():
            for event in events:
                identity = event.action_execution_id
                if self._step(identity) == "scheduled":  # not stopped or superseded meanwhile
                    draft = drafts[identity]
                    if isinstance(event, ev.ActionPrepared) and isinstance(draft, Draft):
                        self._drafts[identity] = draft
                        self._forget_missing(event)
                    self.record([event])

    def _forget_missing(self, prepared: ev.ActionPrepared) -> None:
        """A result whose content is not in the store any more (pruned, deleted by hand) cannot stand."""
        applied = self.state.applied.get(prepared.target) if prepared.kind == "effect" else None
        seen = prepared.narrowing.action_execution_id if prepared.narrowing else ""
        same = [*self.state.by_fingerprint.get(prepared.fingerprint, ()), *filter(None, (applied, seen))]
        known = [i for i in same if not self.state.actions[i].evicted]
        gone = [i for i in known if not all(map(self.store.has, self.state.actions[i].outputs.values()))]
        if gone:
            self.record([ev.ResultsEvicted(tuple(gone))])

    async def _work(self, identity: str) -> None:
        """Run a started action and record how it ended."""
        action, draft = self.state.actions[identity], self._drafts[identity]
        job = as_wished(draft.job, self.state.executions[action.execution_id], action, self.opened)
        try:
            if job.resume:
                job = await self._attending.edited(job)
            outcome = await draft.provider.run(job, self._desk(action, job, observe=draft.observes and not job.resume))
        except asyncio.CancelledError:
            self.record([cancelled(self.state.actions[identity])])
            return
        except Exception as error:
            outcome = Outcome(ActionStatus.FAILED, failure=defect(error))
        self.record([ended(identity, outcome)])
        if not self.store.links and outcome.status.passes:
            await self._threaded(forget, self.workspace(action))

    def _desk(self, action: ActionExecution, job: Job, *, observe: bool) -> Desk:
        log = self.log(action)
        log.parent.mkdir(parents=True, exist_ok=True)
        folder = self.workspace(action)
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Desk(
            store=self.store,
            workspace=folder,
            log=log,
            report=lambda summary, external_id: self.record([ev.ActionReported(action.id, external_id, summary)]),
            process=lambda pid, birth: self.record([ev.ActionProcess(action.id, pid, birth)]),
            secrets=self.opened.hidden,
            observe=observe,
            afterwards=lambda work: self._afterwards(action, work),
            builds=Builds(
                self.state, action, lambda: self.opened.jobs, self._heard, self._turns, partial(self.log, action)
            ),
            pause=None if action.condition else partial(self._attending.pause, job),
            go_on=lambda how: self._resumed_by_program(action.id, how),
            go_on_build=lambda how, build: self._resumed_by_program(f"{action.id}/{build}", how),
        )

    def _resumed_by_program(self, target: str, how: How) -> None:
        self._answer(program_resumes(target, how))

    def _heard_one(self, event: ev.Event) -> None:
        self._heard([event])

    def _heard(self, events: Iterable[ev.Event]) -> None:
        """News from inside an action that may leave a slot to another one: a build of a batch, a pause."""
        self.record(events)
        self.go_on()

    def _afterwards(self, action: ActionExecution, work: IdleTask) -> None:
        """Only a watch makes another run likely; a parallel execution's folder never sees one."""
        if self.opened.options.watch and self.store.links and not is_parallel(self.state, action):
            self.idle_work.add(self.workspace(action), work)

    def _cancel(self, event: ev.ActionCancelling) -> None:
        action = self.state.actions[event.action_execution_id]
        task = None if action.passive else self._tasks.get(action.id)  # what prepared it may linger there
        if task is not None:
            task.cancel(event.reason)
        else:  # nothing runs
            self.record([cancelled(action)])

    # -- places --------------------------------------------------------------------------------------------------

    def log(self, action: ActionExecution, build: str = "") -> Path:
        """Where the output of the action goes, or that of one build of its batch."""
        return place_of_log(self.state, self.opened.state_dir, action, build)

    def workspace(self, action: ActionExecution) -> Path:
        """The folder that the action works in."""
        return place_of_work(self.state, self.opened.state_dir, action)

    async def _threaded(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in the password database
        return ""
