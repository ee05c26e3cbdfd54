"""The plain mode: sentences out, lines in."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.execution.requests import Approve, Request, Retry, SetWatch, Start, Stop
from engine.model.status import ExecutionStatus, StageStatus
from engine.providers.codebuild.needs import Need
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, building, failed, first_run, waiting
from tui.plain.conversation import Conversation
from tui.plain.speech import spoken, standing


def talk(script: Script, root: Path, *lines: str) -> tuple[str, list[Request]]:
    """What is said when these lines are typed, and what was asked for."""
    link, out = FakeLink(script, root), io.StringIO()
    conversation = Conversation(link, io.StringIO("".join(f"{line}\n" for line in (*lines, "quit"))), out)
    assert conversation.run() == 0
    return out.getvalue(), link.requests


def test_missing_values_are_told_before_anything_starts(tmp_path: Path) -> None:
    link, out = FakeLink(first_run(Script()), tmp_path), io.StringIO()
    link.wanted = (Need("parameters", "/app/key", "missing"), Need("secrets", "db", "", origin="AWS"))
    Conversation(link, io.StringIO("quit\n"), out).run()
    assert "Builds ask for values that nothing gives: /app/key. greenroom secrets set NAME keeps one." in out.getvalue()


def test_a_run_is_told_in_sentences(tmp_path: Path) -> None:
    link, out = FakeLink(Script().define(), tmp_path), io.StringIO()
    conversation = Conversation(link, io.StringIO("wait\n"), out)
    link.play(_story)
    conversation.run()
    said = out.getvalue().splitlines()
    for sentence in (
        "Run 1 of 0c0ffee +1 source begins by a save of src/app.py.",
        "Build/Unit succeeded after 2.0 seconds.",
        "Build/Compile failed: JobFailed: `pytest -q` exited with 1.",
        "  press s for a shell where it ran",
        "Run 1 failed in Build/Compile, 5.0 seconds.",
    ):
        assert sentence in said, sentence
    assert any(line.startswith("Build/Unit runs") for line in said)
    assert "".join(said).isascii()


def _story(script: Script) -> None:
    script.start("0c0ffee").enter("Source").run("Source", "App").succeed("App", 1).leave("Source").enter("Build")
    script.run("Build", "Unit", prepared=script.prepared("Build", "Unit", changes=()))
    script.succeed("Unit", 2).run("Build", "Compile").fail("Compile", 2)
    script.leave("Build", StageStatus.FAILED).finish(ExecutionStatus.FAILED)


def test_an_approval_is_asked_for_and_given_with_a_comment(tmp_path: Path) -> None:
    said, asked = talk(waiting(), tmp_path, "status", "a fine by me")
    assert "Stage Review: SignOff waits for your approval." in said
    assert asked == [Approve("2-SignOff-1", True, "fine by me")]
    assert "approved Review/SignOff." in said


@pytest.mark.parametrize("name", ["Review/SignOff", "SignOff"])
def test_an_approval_may_be_named(tmp_path: Path, name: str) -> None:
    _, asked = talk(waiting(), tmp_path, f"reject {name} not yet")
    assert asked == [Approve("2-SignOff-1", False, "not yet")]


def test_what_does_not_wait_cannot_be_approved(tmp_path: Path) -> None:
    said, asked = talk(building(), tmp_path, "approve")
    assert "nothing waits for an approval" in said and not asked


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("start", Start()),
        ("force Unit Build/Lint", Start(forced=("Build/Unit", "Build/Lint"))),
        ("force", Start(forced=("*",))),
        ("retry", Retry("")),
        ("r build", Retry("Build")),
        ("stop", Stop(abandon=True, reason="stopped by hand")),
        ("pause", SetWatch(paused=True, reason="by you")),
        ("watch", SetWatch(paused=False)),
    ],
)
def test_what_is_typed_is_asked(tmp_path: Path, line: str, request_: Request) -> None:
    _, asked = talk(failed(), tmp_path, line)
    assert asked == [request_]


def test_a_refusal_is_told(tmp_path: Path) -> None:
    said, _ = talk(first_run(Script()), tmp_path, "retry Build")
    assert "Not done: " in said


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("bogus", "there is no command 'bogus'"),
        ("stauts", "Did you mean status?"),
        ("why", "which action?"),
        ("why Nope", "there is no action 'Nope'"),
        ("log Unit ten", "'ten' is no number of lines"),
        ("retry Nope", "there is no stage 'Nope'"),
    ],
)
def test_what_cannot_be_understood_is_answered(tmp_path: Path, line: str, answer: str) -> None:
    said, asked = talk(failed(), tmp_path, line)
    assert answer in said and not asked


def test_why_and_log(tmp_path: Path) -> None:
    script = failed()
    link = FakeLink(script, tmp_path)
    log = link.log(script.id("Unit"))
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("one\n\x1b[31mtwo\x1b[0m\n\x1b]0;evil\x07three\n")
    said, _ = talk(script, tmp_path, "why Unit", "log Unit 2")
    assert "Build/Unit: " in said and "src/app.py" in said
    assert said.index("two") < said.index("three") and "one\n" not in said
    assert "\x1b" not in said and "evil" not in said


def test_every_command_is_in_the_help(tmp_path: Path) -> None:
    from tui.plain.commands import COMMANDS

    said, _ = talk(building(), tmp_path, "help", "list")
    assert all(f"\n{command.name}" in said for command in COMMANDS)
    assert "Stage Build: Lint, Unit, Compile, Package." in said


def test_how_things_stand_at_every_step() -> None:
    from engine.execution.fold import replay

    script = waiting()
    for end in range(1, len(script.recorded) + 1):
        state = replay("shop", script.recorded[:end])
        lines = standing(state, script.declaration, state.latest, script.at)
        assert lines and all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.31, "0.3 seconds"),
        (41, "41 seconds"),
        (60, "1 minute"),
        (65.4, "1 minute 5 seconds"),
        (3600, "1 hour"),
        (7384, "2 hours 3 minutes"),
    ],
)
def test_durations_are_spoken(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@pytest.mark.e2e
def test_the_whole_pipeline_through_a_pipe(tmp_path: Path) -> None:
    project = tmp_path / "hello"
    shutil.copytree(Path("sample-pipelines/hello"), project, ignore=shutil.ignore_patterns(".greenroom"))
    program = Path(sys.executable).parent / "greenroom"
    done = subprocess.run(
        [program, "--plain"],
        cwd=project,
        input="wait\napprove looks good\nwait\nstatus\nquit\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Approve/Publish waits for your approval. Type approve or reject." in done.stdout
    assert "Stage Deploy: Site succeeded." in done.stdout
    assert "Run 1 succeeded" in done.stdout
