"""When a run without a screen is over, and with which exit code."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution.events import Recorded
from engine.execution.requests import Answer, Approve, Request, Start, Stop
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Failure
from engine.model.status import ActionStatus, ExecutionStatus
from tests.tui.fake_link import FakeLink
from tests.tui.script import SHOP, Script, first_run
from tui.cli.exits import Exit
from tui.cli.fidelity import unfaithful
from tui.cli.headless import Headless
from tui.cli.problem import Problem
from tui.cli.reports.report import Result


class Notes:
    """A report that only remembers."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.noted: list[int] = []
        self.result: Result | None = None

    def saw(self, state: PipelineState, recorded: Recorded) -> None:
        self.seen.append(recorded.event.type)

    def noticed(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.noted.append(len(diagnostics))

    def finished(self, state: PipelineState, result: Result) -> None:
        self.result = result


class Engine(FakeLink):
    """Plays its events once it is asked to start, and grants a stop at once."""

    def __init__(self, root: Path, *play: ev.Event, refusal: str = "", trouble: BaseException | None = None) -> None:
        super().__init__(first_run(Script()), root)
        self.trouble = trouble
        self._play = play
        self._refusal = refusal

    def request(self, request: Request) -> Future[Answer]:
        self.requests.append(request)
        given: Future[Answer] = Future()
        if isinstance(request, Start) and self._refusal:
            given.set_result(Answer(False, self._refusal, "ValidationException"))
            return given
        if isinstance(request, Start):
            self.play(lambda script: [script.add(event, 1) for event in (STARTED, *self._play)])
        if isinstance(request, Stop):
            self.play(lambda script: script.add(ev.ExecutionEnded("exec-2", ExecutionStatus.STOPPED, request.reason)))
        given.set_result(Answer(True, execution_id="exec-2"))
        return given


STARTED = ev.ExecutionStarted("exec-2", 2, 1, "StartPipelineExecution")
REVIEW = (ev.StageEntered("exec-2", "Review"), ev.ActionScheduled("exec-2", "Review", "SignOff", "a", 1))
WAITS = (*REVIEW, ev.ActionPrepared("a", "f", "approval"), ev.ActionStarted("a"))


def ended(status: ExecutionStatus) -> ev.ExecutionEnded:
    return ev.ExecutionEnded("exec-2", status)


def run(engine: Engine, **more: object) -> tuple[Exit, Notes]:
    notes = Notes()
    code = Headless(engine, [notes], **more).run(Start())  # type: ignore[arg-type]
    return code, notes


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (ExecutionStatus.SUCCEEDED, Exit.OK),
        (ExecutionStatus.FAILED, Exit.FAILED),
        (ExecutionStatus.STOPPED, Exit.STOPPED),
        (ExecutionStatus.SUPERSEDED, Exit.STOPPED),
        (ExecutionStatus.CANCELLED, Exit.STOPPED),
    ],
)
def test_the_status_decides(tmp_path: Path, status: ExecutionStatus, code: Exit) -> None:
    given, notes = run(Engine(tmp_path, ended(status)))
    assert given is code
    assert notes.seen == ["ExecutionStarted", "ExecutionEnded"]
    assert notes.result and notes.result.status == status


def test_a_rejection_is_no_failure_of_an_action(tmp_path: Path) -> None:
    rejected = ev.ActionEnded("a", ActionStatus.FAILED, failure=Failure("Rejected", "no"))
    code, _ = run(Engine(tmp_path, *WAITS, rejected, ended(ExecutionStatus.FAILED)))
    assert code is Exit.STOPPED


def test_an_approval_that_nobody_gave(tmp_path: Path) -> None:
    code, notes = run(Engine(tmp_path, *WAITS))
    assert code is Exit.WAITING
    assert notes.result and notes.result.status == "Waiting"


def test_a_watch_waits_and_passes_on_what_was_approved_ahead(tmp_path: Path) -> None:
    engine = Engine(tmp_path, *WAITS)
    notes = Notes()
    headless = Headless(engine, [notes], watch=True, timeout=0.05, approve=["Review/SignOff"])
    assert headless.run(Start()) is Exit.TIMED_OUT
    assert Approve("a", True, "approved in advance", "--approve") in engine.requests


def test_a_timeout_abandons(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    code, notes = run(engine, timeout=0.05)
    assert code is Exit.TIMED_OUT
    assert Stop("exec-2", abandon=True, reason="--timeout ran out") in engine.requests
    assert notes.result and notes.result.status == "TimedOut"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_abandons_in_order(tmp_path: Path, number: signal.Signals, code: int) -> None:
    engine = Engine(tmp_path)
    before = signal.getsignal(number)
    threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
    given, notes = run(engine)
    assert given == code
    assert Stop("exec-2", abandon=True, reason=f"ended by {number.name}") in engine.requests
    assert notes.result and notes.result.status == "Stopped"
    assert signal.getsignal(number) is before


class Told(Engine):
    """Is told to end in the moment in which it begins, or was through when it is told to."""

    def __init__(
        self, root: Path, *, first: signal.Signals | None = None, already: ExecutionStatus | None = None
    ) -> None:
        super().__init__(root)
        self._first = first
        self._already = already

    def request(self, request: Request) -> Future[Answer]:
        if isinstance(request, Start) and self._first:
            signal.raise_signal(self._first)
        if isinstance(request, Stop) and (status := self._already):
            self.play(lambda script: script.add(ended(status)))
            return Future()
        return super().request(request)


def test_what_begins_after_the_end_was_told_is_stopped(tmp_path: Path) -> None:
    engine = Told(tmp_path, first=signal.SIGTERM)
    code, _ = run(engine)
    assert code is Exit.TERMINATED
    assert engine.requests[1:] == [Stop("exec-2", abandon=True, reason="ended by SIGTERM")]


@pytest.mark.parametrize(
    ("status", "code"), [(ExecutionStatus.SUCCEEDED, Exit.OK), (ExecutionStatus.FAILED, Exit.FAILED)]
)
def test_a_run_that_was_through_when_its_time_ran_out(tmp_path: Path, status: ExecutionStatus, code: Exit) -> None:
    given, notes = run(Told(tmp_path, already=status), timeout=0.05)
    assert given is code
    assert notes.result and notes.result.status == status


def test_a_refusal_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="variable TAG has no value"):
        run(Engine(tmp_path, refusal="variable TAG has no value"))


def test_an_engine_in_trouble_does_not_hang(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"):
        run(Engine(tmp_path, trouble=OSError(28, "full")))


def test_what_strict_finds() -> None:
    from engine.execution.fold import replay
    from engine.model.status import Fidelity

    script = Script(SHOP).define().start().enter("Build")
    stub = ev.ActionPrepared(script.id("Unit"), "f", "stub", fidelity=Fidelity.STUBBED)
    script.run("Build", "Unit", prepared=stub).run("Build", "Lint").run("Source", "App")
    state = replay("shop", script.recorded)
    assert state.latest and unfaithful(state, state.latest) == ["Build/Unit is stubbed"]
