"""Actions that stand still in the middle until somebody resumes them, and what such a job is by then."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.pausing import From, How
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.outcome import Revision
from engine.model.project import OnFailure
from engine.opening import Opened, OpenError, open_project
from engine.prepare import edited_job
from engine.providers.contract import Job, Resumption

Look = Callable[[], Awaitable[Mapping[str, Revision]]]


class Attending:
    """The paused actions of one conductor. `look` takes a fresh look at the sources, `tell` records events."""

    def __init__(
        self,
        state: PipelineState,
        opened: Callable[[], Opened],
        look: Look,
        tell: Callable[[ev.Event], None],
    ) -> None:
        self._state = state
        self._opened = opened
        self._look = look
        self._tell = tell
        self._waiting: dict[tuple[str, str], asyncio.Future[ev.ActionResumed]] = {}

    async def pause(self, job: Job, pause: ev.Pause) -> Resumption:
        """Let an action stand still until somebody resumes it."""
        identity = job.action_execution_id
        place = (identity, pause.build)
        self._waiting[place] = waiting = asyncio.get_running_loop().create_future()
        try:
            self._tell(ev.ActionPaused(identity, pause))
            resumed = await waiting
        finally:
            self._waiting.pop(place, None)
        now, note = await self._now()
        return Resumption(resumed.how, await self.edited(job, now), resumed.by, note)

    def resumed(self, event: ev.ActionResumed) -> None:
        """Somebody said how one of them goes on."""
        waiting = self._waiting.get((event.action_execution_id, event.build))
        if waiting is not None and not waiting.done():
            waiting.set_result(event)

    async def edited(self, job: Job, opened: Opened | None = None) -> Job:
        """The job as it would be now: sources, greenroom.yaml and definition may have been edited since."""
        revisions = await self._look()
        action = self._state.actions[job.action_execution_id]
        return edited_job(self._state, action, opened or self._opened(), revisions, job)

    async def _now(self) -> tuple[Opened, str]:
        """The project as its files have it now, which only a watch knows already; why not, where they are unusable."""
        opened = self._opened()
        if opened.options.watch:
            return opened, ""
        try:
            return await asyncio.to_thread(open_project, opened.options), ""
        except OpenError as error:
            where = "; ".join(found.message for found in error.diagnostics[:1]) or error.message
            return opened, f"the definition and greenroom.yaml are taken as they were: {where}"


def on_failure(request: rq.Start, opened: Opened) -> OnFailure:
    """What a failed command of a run leads to: as its start, the command line or greenroom.yaml has it."""
    return request.on_failure or opened.options.on_failure or opened.project.on_failure


def as_wished(job: Job, execution: Execution, action: ActionExecution, opened: Opened) -> Job:
    """The job with what whoever debugs wants of it. Rules are asked, never debugged."""
    if action.condition:
        return job
    wished = opened.project.breakpoints
    attended = execution.on_failure == "pause" or opened.options.attended
    return dataclasses.replace(
        job,
        on_failure=execution.on_failure,
        breakpoints=attended if wished == "auto" else wished == "on",
        resume=action.resume,
        resumes=action.resumes,
    )


def as_start(state: PipelineState, request: rq.Request) -> rq.Request:
    """What a retry amounts to that takes actions up once the definition was edited: no run goes on under another one
    than it began with, so a new run takes them up.
    """
    if not isinstance(request, rq.Retry) or not request.resume or request.mode != "FAILED_ACTIONS":
        return request
    execution = state.find(request.execution)
    if execution is None or execution.active or execution.version == state.version:
        return request
    resume: dict[str, From] = {
        f"{run.stage}/{run.action}": request.resume
        for stage in execution.stages.values()
        for run in (state.actions[identity] for identity in stage.latest_runs())
        if run.stopped_at and not run.live and not run.condition and request.stage in ("", stage.name)
    }
    return rq.Start(resume=resume, on_failure=request.on_failure) if resume else request


def program_resumes(target: str, how: How) -> rq.Resume:
    """What `codebuild-resume` asks for."""
    return rq.Resume(target, how, by="codebuild-resume")
