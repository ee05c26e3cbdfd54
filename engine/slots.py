"""Job slots for the builds of batches: they wait their turn until the state says that one is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.execution.beginning import used_slots
from engine.execution.builds import BatchBuildChanged
from engine.execution.events import Event
from engine.execution.state import ActionExecution, PipelineState
from engine.model.member import MemberBuild


class Queue:
    """Those who wait for something in the state; all of them look again after whatever was recorded."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def until(self, come: Callable[[], bool]) -> None:
        """Wait until it is so: it still is when this returns."""
        while not come():
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn

    def look_again(self) -> None:
        """Something has changed."""
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


class Builds:
    """The book of one batch (`engine.providers.book.BuildBook`): what it is told becomes events.

    An action's own slot is that of its first build; each further build takes one more, as far as there are any.
    """

    def __init__(
        self,
        state: PipelineState,
        action: ActionExecution,
        jobs: Callable[[], int],
        record: Callable[[Iterable[Event]], None],
        queue: Queue,
        place: Callable[[str], Path],
    ) -> None:
        self._state = state
        self._action = action
        self._jobs = jobs
        self._record = record
        self._queue = queue
        self.log = place

    def known(self, builds: Iterable[MemberBuild]) -> None:
        """Record them all at once."""
        self._record([BatchBuildChanged(self._action.id, build) for build in builds])

    async def begin(self, build: MemberBuild) -> None:
        """Wait for a slot, then record that the build runs."""
        await self._queue.until(self._is_free)
        self.changed(build)

    def changed(self, build: MemberBuild) -> None:
        """Record it."""
        self._record([BatchBuildChanged(self._action.id, build)])

    def _is_free(self) -> bool:
        first = not any(build.running for build in self._action.builds.values())
        return first or used_slots(self._state) < self._jobs()
