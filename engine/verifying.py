"""The background check of observed inputs: a run that was skipped is done all the same, and must make the same.

It is done while nothing else runs, with the lowest priority, in a workspace of its own, and broken off as soon as
somebody saves. Where its result differs, the earlier run is repeated, too: only then is it known whether it is the
inputs that make the difference, or a build that makes something else each time or in each folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.looks import get_looks
from engine.artifacts.store import Store
from engine.engine import Conductor
from engine.execution import events as ev
from engine.execution.narrowing import wants_check
from engine.execution.state import ActionExecution, PipelineState
from engine.journal.logs import safe_name
from engine.journal.processes import MARKER, end_marked
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.outcome import Part
from engine.model.status import ActionStatus
from engine.observed import differs
from engine.prepare import Draft
from engine.providers.contract import Desk, Job, Outcome, Provider

WRONG = "GR018"
_LOOK = 0.05  # seconds between two looks at whether to break off
FOLDER = "checks"
_MARK = "marker"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be checked: `job` was skipped, and stands on what was made of the inputs `then`."""

    job: Job
    provider: Provider
    source: str
    then: dict[str, str]
    outputs: dict[str, str]
    variables: dict[str, str]
    secrets: tuple[str, ...]

    def is_same(self, outcome: Outcome) -> bool:
        """Whether a run has made what stands."""
        return (outcome.status, outcome.outputs, outcome.variables) == (
            ActionStatus.SUCCEEDED,
            self.outputs,
            self.variables,
        )


def may_check(draft: Draft, parts: tuple[Part, ...]) -> bool:
    """Whether an action may be run when nobody asked for it: not where it may reach something outside."""
    wanted = draft.job.settings.verify
    if wanted is not None:
        return wanted
    return draft.job.project.aws != "real" and not any(part.value.startswith("secret:") for part in parts)


def case_of(state: PipelineState, action: ActionExecution, draft: Draft, secrets: tuple[str, ...]) -> Case | None:
    """What there is to check of a reused action; None where nothing is, or it must not be."""
    source = state.origin(action)
    if not wants_check(state, action) or source.prepared is None or not may_check(draft, action.parts):
        return None
    job = dataclasses.replace(draft.job, on_failure="continue", breakpoints=False)
    return Case(job, draft.provider, source.id, source.prepared.inputs, action.outputs, action.variables, secrets)


class Check:
    """One check, as idle work. `tell` gets its outcome, unless nothing can be said."""

    def __init__(self, case: Case, store: Store, folder: Path, tell: Callable[[ev.ReuseChecked], None]) -> None:
        self._case = case
        self._store = store
        self._folder = folder
        self._tell = tell

    def __call__(self, pause: Callable[[], bool]) -> None:
        """Do it, or as much of it as there is time for."""
        job = self._case.job
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / _MARK).write_text(job.action_execution_id)
        found = asyncio.run(self._check(pause))
        if pause():
            return  # it begins anew at the next rest
        shutil.rmtree(self._folder, ignore_errors=True)
        if found is not None:
            self._tell(ev.ReuseChecked(job.action_execution_id, self._case.source, not found, found))

    async def _check(self, pause: Callable[[], bool]) -> str | None:
        """What is wrong; "" for nothing; None where nobody can tell."""
        case = self._case
        now = await _while(self._run(case.job), pause)
        if now is None or case.is_same(now):
            return "" if now else None
        then = await _while(self._run(dataclasses.replace(case.job, inputs=case.then)), pause)
        if then is None or then.status is not ActionStatus.SUCCEEDED:
            return None  # what went well in the workspace goes wrong here: that says nothing of the inputs
        if (now.status, now.outputs, now.variables) == (then.status, then.outputs, then.variables):
            return ""
        return self._what_is_wrong(now, steady=case.is_same(then))

    async def _run(self, job: Job) -> Outcome:
        log = self._folder / "log"
        log.unlink(missing_ok=True)
        desk = Desk(
            store=self._store,
            workspace=self._folder / "work",
            log=log,
            report=lambda summary, external_id: None,
            process=lambda pid, birth: None,
            secrets=self._case.secrets,
            observe=True,
            background=True,
        )
        return await self._case.provider.run(job, desk)

    def _what_is_wrong(self, now: Outcome, *, steady: bool) -> str:
        then, inputs = self._case.then, self._case.job.inputs
        with contextlib.suppress(FileNotFoundError, ValueError):
            looks = get_looks(self._store, now.observed.looks) if now.observed and now.observed.looks else {}
            if read := differs(self._store, looks, then, inputs):
                return f"it reads {_listed(read)} after all"
        if not steady:
            return f"it does not make the same twice{self._where(now)}"
        if now.status is not ActionStatus.SUCCEEDED:
            return "it fails with the inputs of now"
        changed = [path for name, tree in inputs.items() for path in self._store.diff(then[name], tree).paths]
        return (
            f"it makes something else{self._where(now)} with another {_listed(changed)}, and was not seen to read that"
        )

    def _where(self, now: Outcome) -> str:
        """The first files in which the outputs differ."""
        made, stands = now.outputs, self._case.outputs
        paths = [
            path
            for name in made
            if name in stands and made[name] != stands[name]
            for path in self._store.diff(stands[name], made[name]).paths
        ]
        return f" ({_listed(paths)})" if paths else ""


def tidy(state_dir: Path) -> None:
    """End the checks that a crash left running, and drop their folders."""
    folder = state_dir / FOLDER
    for mark in folder.glob(f"*/{_MARK}"):
        with contextlib.suppress(OSError):
            end_marked(f"{MARKER}={mark.read_text()}", 0.0)
    shutil.rmtree(folder, ignore_errors=True)


class Verifier:
    """Has skipped runs of one session checked, and tells the user where one should not have been skipped."""

    def __init__(self, conductor: Conductor, tell: Callable[[list[Diagnostic]], None]) -> None:
        self._conductor = conductor
        self._tell = tell
        self._folder = conductor.opened.state_dir / FOLDER

    def reused(self, action: ActionExecution, draft: Draft) -> None:
        """Have a reused action checked at the next rest, where that says anything. A later one takes its place."""
        conductor = self._conductor
        case = case_of(conductor.state, action, draft, conductor.opened.hidden)
        if case is None:
            return
        name = safe_name(f"{action.stage}.{action.action}")
        loop = asyncio.get_running_loop()

        def told(found: ev.ReuseChecked) -> None:
            with contextlib.suppress(RuntimeError):  # the session has ended meanwhile
                loop.call_soon_threadsafe(self._told, found)

        conductor.idle_work.add(f"check {name}", Check(case, conductor.store, self._folder / name, told), last=True)

    def _told(self, found: ev.ReuseChecked) -> None:
        conductor = self._conductor
        action = conductor.state.actions.get(found.action_execution_id)
        if action is None:
            return
        conductor.record([found])
        if not found.agrees:
            name = f"{action.stage}/{action.action}"
            self._tell([Diagnostic(WRONG, f"{name} was reused wrongly: {found.reason}", _ADVICE, Severity.WARNING)])


_ADVICE = "from now on all of its input counts, and the next run runs it; `inputs: observed` is not for it"


async def _while(run: Coroutine[None, None, Outcome], pause: Callable[[], bool]) -> Outcome | None:
    """The outcome of a run; None where it had to be broken off."""
    task = asyncio.ensure_future(run)
    while not task.done():
        await asyncio.wait([task], timeout=_LOOK)
        if pause():
            task.cancel()
            await asyncio.wait([task])
            return None
    return task.result()


def _listed(paths: list[str]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f", +{more}" if more > 0 else "")
