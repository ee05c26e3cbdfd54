"""A build of a batch that may stand still: it goes on as what the batch, edited meanwhile, has it be by then."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

from engine.execution.pausing import Pause
from engine.providers.batch.members import Member, Members
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild.plan import Plan
from engine.providers.contract import Desk, Job, Resumption
from engine.providers.threads import to_the_end


class Attended:
    """Of one build. While it stands still, its time does too. `again` has the builds of an edited job."""

    def __init__(self, member: Member, desk: Desk, again: Callable[[Job], Members], limit: asyncio.Timeout) -> None:
        self._member = member
        self._desk = desk
        self._again = again
        self._limit = limit
        self._edited: Plan | BuildspecError | None = None
        self.by_hand = False

    async def pause(self, pause: Pause) -> Resumption:
        """Wait until somebody resumes this build."""
        assert self._desk.pause
        clock = asyncio.get_running_loop().time
        until, since = self._limit.when(), clock()
        self._limit.reschedule(None)
        try:
            resumption = await self._desk.pause(dataclasses.replace(pause, build=self._member.task.identifier))
        finally:
            self._limit.reschedule(None if until is None else until + clock() - since)
        self.by_hand = self.by_hand or resumption.how not in ("fail", "start")
        fresh = await to_the_end(lambda: self._now(resumption.job))
        self._edited = fresh if isinstance(fresh, BuildspecError) else fresh.plan
        job = self._member.job if isinstance(fresh, BuildspecError) else fresh.job
        return dataclasses.replace(resumption, job=job)

    def replan(self, job: Job) -> Plan:
        """The plan of the build as it was edited by the last time that it was resumed. Raises `BuildspecError`."""
        if isinstance(self._edited, BuildspecError):
            raise self._edited
        assert self._edited
        return self._edited

    def _now(self, job: Job) -> Member | BuildspecError:
        name = self._member.task.identifier
        try:
            found = (member for member in self._again(job).members if member.task.identifier == name)
            return next(found, None) or BuildspecError(f"the batch has no build {name} any more")
        except BuildspecError as problem:
            return problem
