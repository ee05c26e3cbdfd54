"""`greenroom build`: one buildspec, without a pipeline."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from engine.execution.pausing import How, Pause
from tests.tui.cli.conftest import PATIENCE, Command, Start
from tui.cli.asking import Asker
from tui.cli.terminal import Terminal

BUILDSPEC = """\
version: 0.2
env:
  exported-variables: [TAG]
phases:
  build:
    commands:
      - echo "hello $WHO from $CODEBUILD_INITIATOR"
      - TAG=v1; mkdir out; cp word.txt out/
artifacts:
  base-directory: out
  files: '**/*'
  name: app-$TAG
  s3-prefix: nightly
  secondary-artifacts:
    Extra: {files: word.txt}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a buildspec, and no pipeline."""
    monkeypatch.setenv("LOGNAME", "me")
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    (tmp_path / "word.txt").write_text("good\n")
    return tmp_path


def test_the_log_on_stdout_and_the_rest_on_stderr(greenroom: Command, place: Path) -> None:
    done = greenroom("build", "-C", place, "--env", "WHO=you", "--artifacts", "made")
    assert done.code == 0, done.err
    assert "hello you from me\n" in done.out
    assert "Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED\n" in done.out
    assert "exported: TAG=v1\n" in done.err
    assert (place / "made/nightly/app-v1/word.txt").read_text() == "good\n"
    assert (place / "made/Extra/word.txt").read_text() == "good\n"
    assert not (place / "out").exists()


def test_secondary_sources(greenroom: Command, place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "b.txt").write_text("of another\n")
    (place / "ci.yml").write_text(
        "version: 0.2\nphases: {build: {commands: [cat $CODEBUILD_SRC_DIR_Lib/b.txt]}}\n"
        "artifacts: {base-directory: $CODEBUILD_SRC_DIR_Lib, files: '*'}\n"
    )
    done = greenroom("build", "-C", place, "ci.yml", "--source", f"Lib={other}", "--artifacts", "made")
    assert (done.code, "of another\n" in done.out, "CODEBUILD_SRC_DIR_Lib=" in done.out) == (0, True, True)
    assert (place / "made/b.txt").read_text() == "of another\n"
    for wrong in ("Lib", "Lib=nowhere", "a-b=."):
        assert greenroom("build", "-C", place, "--source", wrong).code == 2


def test_again_after_an_edit(greenroom: Command, place: Path) -> None:
    greenroom("build", "-C", place)
    (place / "word.txt").write_text("better\n")
    assert greenroom("build", "-C", place, "--artifacts", "made").code == 0
    assert (place / "made/Extra/word.txt").read_text() == "better\n"


def test_a_failure(greenroom: Command, place: Path) -> None:
    (place / "ci.yml").write_text("version: 0.2\nphases: {build: {commands: [exit 3]}}")
    done = greenroom("build", "-C", place, "ci.yml")
    assert done.code == 1
    assert "Command did not exit successfully exit 3 exit status 3" in done.out
    assert "Phase: BUILD, Code: COMMAND_EXECUTION_ERROR" in done.err
    assert "greenroom shell" not in done.err


def test_what_aws_would_refuse(greenroom: Command, place: Path) -> None:
    (place / "ci.yml").write_text("version: 0.3")
    done = greenroom("build", "-C", place, "ci.yml")
    assert done.code == 1
    assert "Phase complete: DOWNLOAD_SOURCE State: FAILED" in done.out
    assert "YAML_FILE_ERROR" in done.err


def test_no_buildspec(greenroom: Command, tmp_path: Path) -> None:
    done = greenroom("build", "-C", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "there is no buildspec.yml" in done.err
    assert greenroom("build", "-C", tmp_path, "nowhere.yml").code == 2


def test_the_settings_of_a_project(greenroom: Command, place: Path) -> None:
    (place / "greenroom.yaml").write_text(
        "projects: {web: {buildspec: ci.yml, environment: {A: '1'}}}\nparameters: {/key: a-secret-value}\n"
    )
    (place / "ci.yml").write_text(
        "version: 0.2\nenv: {parameter-store: {KEY: /key}}\nphases: {build: {commands: ['echo A is $A, $KEY']}}"
    )
    done = greenroom("build", "-C", place, "--project", "web")
    assert "A is 1, ***\n" in done.out


def test_a_signal_ends_it_whole(start: Start, place: Path) -> None:
    (place / "ci.yml").write_text("version: 0.2\nphases: {build: {commands: [echo begun; sleep 600.25]}}")
    process = start("build", "-C", place, "ci.yml")
    assert process.stdout is not None
    assert any("begun" in line and "Running" not in line for line in process.stdout)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "Phase complete: BUILD State: STOPPED" in out


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_what_a_killed_build_left_running_ends_with_the_next(start: Start, greenroom: Command, place: Path) -> None:
    (place / "ci.yml").write_text("version: 0.2\nphases: {build: {commands: [echo begun; sleep 600.75]}}")
    process = start("build", "-C", place, "ci.yml")
    assert process.stdout is not None
    assert any("begun" in line and "Running" not in line for line in process.stdout)
    process.kill()
    process.wait()
    assert sleeping()
    assert greenroom("build", "-C", place).code == 0
    assert not sleeping()


def sleeping() -> bool:
    """Whether the command of the killed build runs."""
    files = Path("/proc").glob("[0-9]*/cmdline")
    return any(b"600.75" in _read(file) and b"sleep" in _read(file) for file in files)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


STEPS = """\
version: 0.2
phases:
  build:
    commands:
      - echo once >> made
      - grep good word.txt
      - cat made
"""


def test_headless_a_paused_build_ends_with_77_and_is_taken_up_where_it_stopped(greenroom: Command, place: Path) -> None:
    (place / "ci.yml").write_text(STEPS)
    (place / "word.txt").write_text("bad\n")
    done = greenroom("build", "-C", place, "ci.yml", "--on-failure=pause")
    assert done.code == 77
    assert "paused at BUILD command 2 (exit status 1): grep good word.txt\n" in done.err
    assert "go on from there: greenroom build ci.yml --from command " in done.err
    told = greenroom("resume", "-C", place)
    assert (told.code, "Take it up where it stopped: greenroom build ci.yml --from command" in told.err) == (2, True)
    (place / "word.txt").write_text("good\n")
    again = greenroom("build", "-C", place, "ci.yml", "--from", "command")
    assert again.code == 0
    assert "edits laid into the workspace: word.txt" in again.out
    assert again.out.count("\nonce\n") == 1
    nothing = greenroom("build", "-C", place, "ci.yml", "--from", "phase")
    assert (nothing.code, "stopped at a command here" in nothing.err) == (2, True)


def test_builds_of_a_batch_that_stopped_are_taken_up_and_those_that_succeeded_stay(
    greenroom: Command, place: Path
) -> None:
    batch = "batch: {build-list: [{identifier: good}, {identifier: bad}]}\n"
    choosy = STEPS.replace("grep good", "test $CODEBUILD_BATCH_BUILD_IDENTIFIER = good || grep good")
    (place / "buildspec.yml").write_text(choosy.replace("phases", batch + "phases", 1))
    (place / "word.txt").write_text("bad\n")
    done = greenroom("build", "-C", place, "--on-failure=pause")
    assert done.code == 77
    assert "paused at bad: BUILD command 2 (exit status 1)" in done.err
    (place / "word.txt").write_text("good\n")
    again = greenroom("build", "-C", place, "--from", "command")
    assert again.code == 0
    assert "bad | once" in again.out
    assert "good | " not in again.out


async def test_the_terminal_is_asked_line_by_line_and_a_shell_opens_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def shell(workspace: Path) -> tuple[list[str], Path, dict[str, str]]:
        return [sys.executable, "-c", f"print('a shell for', {workspace.name!r})"], tmp_path, dict(os.environ)

    monkeypatch.setattr("engine.providers.shell.shell_in", shell)
    source, typed = os.pipe()
    os.write(typed, b"what\n!\nphase\n\n\nf\n")
    asker = Asker(Terminal.detect("never"), lambda build: tmp_path / build, lambda: None, source)
    failed = Pause("BUILD", 2, "make", status=2, build="unit")
    answers: list[How] = [await asker.ask(failed), await asker.ask(failed)]
    answers.append(await asker.ask(Pause("BUILD", 2, "make", "breakpoint")))
    answers.append(await asker.ask(failed))
    os.close(typed)
    assert [*answers, await asker.ask(failed)] == ["phase", "command", "continue", "fail", "fail"]
    os.close(source)
    said = capfd.readouterr()
    assert "paused at unit: BUILD command 2 (exit status 2): make" in said.err
    assert "a shell for unit" in said.out
