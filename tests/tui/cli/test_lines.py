"""What people read while a run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution.fold import apply
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.status import ActionStatus, ExecutionStatus
from tests.tui.script import Script, building, failed, first_run, waiting
from tui.cli.reports.lines import Lines
from tui.cli.reports.report import Result, Tally
from tui.cli.terminal import Terminal

Tell = Callable[..., list[str]]


@pytest.fixture
def tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tell:
    """The lines of a story; nothing goes to stdout."""

    def told(script: Script, **terminal: object) -> list[str]:
        lines = Lines(Terminal(**terminal), lambda identity, build: tmp_path / identity / build)  # type: ignore[arg-type]
        state = PipelineState(script.declaration.name)
        for recorded in script.recorded:
            apply(state, recorded)
            lines.saw(state, recorded)
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err.splitlines()

    return told


def test_a_run_from_beginning_to_end(tell: Tell) -> None:
    lines = tell(first_run(Script()))
    assert lines[0] == "shop #1  0c0ffee +1 source  src/app.py"
    assert lines[1] == (
        "  ▸ Source/App               input AppSource changed: src/app.py, src/greet.py, +2; env STAGE dev -> prod"
    )
    assert any(line.split() == ["✔", "Build/Package", "9.0", "s"] for line in lines)
    assert lines[-1].startswith("✔ Succeeded  9 ran, 0 reused  in ")


def test_reuse_says_from_where(tell: Tell) -> None:
    assert "  ↺ Build/Lint               reused from #1, saved 4.0 s" in tell(building())


def test_a_failure_shows_the_end_of_its_log(tell: Tell, tmp_path: Path) -> None:
    log = tmp_path / "2-Unit-1"
    log.write_text("".join(f"line {number}\n" for number in range(40)) + "\x1b[31mFAILED\x1b[0m\n")
    lines = tell(failed())
    at = next(number for number, line in enumerate(lines) if "✘ Build/Unit" in line)
    assert lines[at].endswith("JobFailed: `pytest -q` exited with 1")
    assert lines[at + 1] == "    press s for a shell where it ran"
    assert lines[at + 2] == "    │ line 21"
    assert lines[at + 21] == "    │ FAILED"
    assert lines[at + 22] == f"    log: {log}"
    assert lines[-1].startswith("✘ Failed  ")


def test_quiet_says_only_what_went_wrong(tell: Tell) -> None:
    lines = tell(failed(), quiet=True)
    assert len(lines) == 2
    assert "✘ Build/Unit" in lines[0]
    assert tell(first_run(Script()), quiet=True) == []


def test_a_wait_shows_what_is_to_be_approved(tell: Tell) -> None:
    lines = tell(waiting())
    last = [number for number, line in enumerate(lines) if "waits for approval of" in line][-1]
    assert lines[last].startswith("  ◆ Review/SignOff")
    assert lines[last + 1].startswith("      App a1b2c3d +3 files")


def test_an_approval_given_in_advance_does_not_wait(tell: Tell) -> None:
    script = Script().define()
    script.number = 1
    script.add(ev.ExecutionStarted("exec-1", 1, 1, "Save", approve=("Review/SignOff",)))
    script.enter("Review").run("Review", "SignOff")
    assert not any("waits for approval" in line for line in tell(script))


def test_a_terminal_without_unicode(tell: Tell) -> None:
    assert all(line.isascii() for line in tell(failed(), unicode=False))


def test_stubs_never_look_green(tell: Tell) -> None:
    script = Script().define().start().enter("Build").run("Build", "Unit").end("Unit", ActionStatus.STUBBED)
    lines = tell(script.finish())
    assert any(line.startswith("  ▢ Build/Unit") for line in lines)
    assert lines[-2].startswith("✔ Succeeded  0 ran, 0 reused, 1 stubbed")
    assert lines[-1] == "  did not really run: Build/Unit"


def test_what_was_stopped(tell: Tell) -> None:
    script = building().end("Unit", ActionStatus.ABANDONED).finish(ExecutionStatus.STOPPED)
    lines = tell(script)
    assert any("⊗ Build/Unit" in line and "abandoned" in line for line in lines)
    assert lines[-1].startswith("■ Stopped  ")


def test_the_watch_and_waits_in_front_of_stages(tell: Tell) -> None:
    script = Script().define().start()
    script.add(ev.StageWaiting("exec-1", "Deploy", "stage Deploy is locked by #3"))
    script.add(ev.WatchChanged(True, "Build/Unit writes into its source"))
    assert tell(script)[1:] == [
        "  stage Deploy waits: stage Deploy is locked by #3",
        "  watching is paused: Build/Unit writes into its source",
    ]


def test_a_broken_edit(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(Terminal(), Path)
    lines.noticed([Diagnostic("GR301", "two stages at least", "add one", file=Path("p.yaml"), line=3, column=1)])
    assert capsys.readouterr().err.splitlines() == [
        "p.yaml:3:1: error[GR301]: two stages at least",
        "      = add one",
        "  the last good definition stays in force",
    ]


def test_waiting_says_how_to_go_on(tell: Tell, capsys: pytest.CaptureFixture[str]) -> None:
    script = waiting()
    state = PipelineState("shop")
    for recorded in script.recorded:
        apply(state, recorded)
    Lines(Terminal(), Path).finished(state, Result("Waiting", Tally(ran=3, seconds=1.0)))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "◆ Waiting (for approval)  3 ran, 0 reused  in 1.0 s"
    assert "greenroom run --approve Review/SignOff" in lines[1]
