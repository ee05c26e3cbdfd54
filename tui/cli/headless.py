"""A run without a screen: ask the engine, tell the reports, know when it is over and with which exit code."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from tui.cli.exits import Exit
from tui.cli.remoting import refused
from tui.cli.reports.report import Report, Result, Tally, tally
from tui.cli.signals import CODES, Signals
from tui.cli.terminal import someone_is_there

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.requests import Answer, Request
    from engine.execution.state import Execution, PipelineState
    from engine.link import Link

_LOOK = 1.0  # seconds between looks at the engine's health
_GRACE = 15.0  # seconds that running actions get to end once everything was told to stop


@dataclass(frozen=True, slots=True)
class _Noticed:
    diagnostics: Sequence[object]


class Headless:
    """Follows one engine on the main thread. `watch`: run after run, until a signal ends it."""

    def __init__(
        self,
        link: Link,
        reports: Sequence[Report],
        *,
        watch: bool = False,
        timeout: float | None = None,
        approve: Sequence[str] = (),
    ) -> None:
        self.state = link.state()
        self.executions: list[str] = []
        self._link = link
        self._reports = reports
        self._watch = watch
        self._timeout = timeout
        self._approve = approve
        self._approved: set[str] = set()
        self._since = time.time()
        self._inbox: SimpleQueue[object] = SimpleQueue()
        self._ending: Exit | None = None
        self._reason = ""
        self._limit: float | None = None

    @property
    def execution(self) -> Execution | None:
        """The run that decides the result: the last one seen, unless it rolls back by itself what failed before."""
        seen = (self.state.executions[identity] for identity in reversed(self.executions))
        return next((found for found in seen if found.trigger != "AutomatedRollback"), None)

    def run(self, request: Request) -> Exit:
        """Send the request and stay until what it started is over. Raises `Problem` where it is refused."""
        undo = [
            self._link.subscribe(self._inbox.put, after=self.state.seq),
            self._link.notices(lambda found: self._inbox.put(_Noticed(found))),
        ]
        try:
            with Signals(self._inbox):
                self._limit = time.monotonic() + self._timeout if self._timeout else None
                self._begin(self._link.request(request))
                code = self._follow()
        finally:
            for end in undo:
                end()
        result = Result(self._status(code), self._tally())
        for report in self._reports:
            report.finished(self.state, result)
        return code

    # -- the loop -------------------------------------------------------------------------------------------------

    def _begin(self, asked: Future[Answer]) -> None:
        asked.add_done_callback(lambda done: self._inbox.put(done.result()))

    def _follow(self) -> Exit:
        while True:
            try:
                message = self._inbox.get(timeout=self._left())
            except Empty:
                if self._limit is None or time.monotonic() < self._limit:
                    self._check()
                    continue
                if self._ending is not None:
                    return self._ending  # it had its time: closing the engine ends what is left
                self._end(Exit.TIMED_OUT, "--timeout ran out")
                continue
            second = isinstance(message, signal.Signals) and self._ending is not None
            self._take(message)
            if second and self._ending is not None:
                return self._ending
            # Decide on whole batches only: between two of them the state is half told.
            if self._inbox.empty() and (code := self._over()) is not None:
                return code

    def _left(self) -> float | None:
        return _LOOK if self._limit is None else min(_LOOK, max(0.0, self._limit - time.monotonic()))

    def _check(self) -> None:
        """Whether the engine can go on at all: a full disk tells nobody by an event."""
        trouble: BaseException | None = getattr(self._link, "trouble", None)
        if trouble is not None:
            raise trouble

    def _take(self, message: object) -> None:
        if isinstance(message, signal.Signals):
            self._end(CODES[message], f"ended by {message.name}")
        elif isinstance(message, _Noticed):
            for report in self._reports:
                report.noticed(message.diagnostics)  # type: ignore[arg-type]
        elif isinstance(message, list):
            self._fold(message)
        else:
            self._answered(message)  # type: ignore[arg-type]

    def _fold(self, batch: list[Recorded]) -> None:
        from engine.execution.fold import apply

        for recorded in batch:
            if recorded.pipeline != self.state.name or recorded.seq <= self.state.seq:
                continue
            apply(self.state, recorded)
            event = recorded.event
            if event.type in ("ExecutionStarted", "StageRetried") and event.execution_id not in self.executions:
                self.executions.append(event.execution_id)
                if self._ending is not None:
                    self._stop(event.execution_id)  # asked for before the end, and begun after it
            for report in self._reports:
                report.saw(self.state, recorded)
        if self._watch:
            self._approve_ahead()

    def _approve_ahead(self) -> None:
        """What --approve gave holds for the runs that saves start, too; the engine knows it of the first run only."""
        from engine.execution.requests import Approve

        for action in self.state.approvals():
            if {"all", f"{action.stage}/{action.action}"} & set(self._approve) and action.id not in self._approved:
                self._approved.add(action.id)
                self._link.request(Approve(action.id, True, "approved in advance", "--approve"))

    def _answered(self, answer: Answer) -> None:
        if not answer.ok:
            raise refused(answer)
        if answer.execution_id and answer.execution_id not in self.executions:
            self.executions.append(answer.execution_id)

    def _end(self, code: Exit, reason: str) -> None:
        """Abandon what runs; the loop goes on until it is really over, or its grace is."""
        if self._ending is not None:
            return
        self._ending, self._reason = code, reason
        self._limit = time.monotonic() + _GRACE
        for execution in self.state.active:
            self._stop(execution.id)

    def _stop(self, execution_id: str) -> None:
        from engine.execution.requests import Stop

        self._link.request(Stop(execution_id, abandon=True, reason=self._reason))

    # -- the end --------------------------------------------------------------------------------------------------

    def _over(self) -> Exit | None:
        execution = self.execution
        if self._ending is not None:
            if self.state.active:
                return None
            through = execution is not None and execution.status in ("Succeeded", "Failed")
            in_time = through and self._ending is Exit.TIMED_OUT and not self._watch
            return self._verdict(execution) if execution and in_time else self._ending
        if self._watch or execution is None or execution.id not in self.state.executions:
            return None
        if not any(self.state.executions[identity].active for identity in self.executions):
            return self._verdict(execution)
        if someone_is_there() and self.state.paused():
            return None  # the build is alive as long as this command is, and somebody may look at it
        return Exit.WAITING if all(map(self.state.waits_for_people, self.state.active)) else None

    def _verdict(self, execution: Execution) -> Exit:
        match execution.status:
            case "Succeeded":
                return Exit.OK
            case "Failed":
                return Exit.STOPPED if _rejected(self.state, execution) else Exit.FAILED
            case _:
                return Exit.STOPPED

    def _status(self, code: Exit) -> str:
        execution = self.execution
        match code:
            case Exit.WAITING:
                return "Paused" if self.state.paused() else "Waiting"
            case Exit.TIMED_OUT:
                return "TimedOut"
            case _ if execution is None or execution.active:
                return "Stopped"
            case _:
                return str(execution.status)

    def _tally(self) -> Tally:
        total = Tally()
        for identity in self.executions:
            one = tally(self.state, self.state.executions[identity], time.time(), since=self._since)
            total.ran += one.ran
            total.reused += one.reused
            total.failed += one.failed
            total.stubbed += one.stubbed
            total.seconds += one.seconds
        return total


def _rejected(state: PipelineState, execution: Execution) -> bool:
    """Whether the run failed because somebody said no, and for no other reason."""
    failed = [
        action
        for stage in execution.stages.values()
        for ids in stage.actions.values()
        if (action := state.actions[ids[-1]]).status == "Failed"
    ]
    return bool(failed) and all(action.failure and action.failure.type == "Rejected" for action in failed)
