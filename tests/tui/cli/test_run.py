"""`run`, `plan` and `retry` on a project that really runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from tests.tui.cli.conftest import PATIENCE, Command, Start

SLOW = """\
name: slow
stages:
  Build:
    Sleep:
      commands:
        - echo begun
        - sleep 600.125
"""


def slow(place: Path) -> str:
    """A pipeline that sleeps for so long, in seconds, that nobody else's process does. How long."""
    seconds = f"600.{uuid.uuid4().int}"
    (place / "pipeline.yaml").write_text(SLOW.replace("600.125", seconds))
    return seconds


def summary(events: list[dict[str, object]]) -> dict[str, object]:
    """The last line, which must have exactly these keys."""
    assert list(events[-1]) == ["event", "status", "ran", "reused", "failed", "stubbed", "seconds"]
    return events[-1]


def test_a_whole_run_and_its_repetition(greenroom: Command, project: Path) -> None:
    first = greenroom("run", "-C", project, "--approve", "all", "--json")
    assert first.code == 0
    assert {key: summary(first.events)[key] for key in ("status", "ran", "reused")} == {
        "status": "Succeeded",
        "ran": 6,
        "reused": 0,
    }
    assert (project / ".greenroom" / "deployed" / "out.txt").exists()
    second = greenroom("run", "-C", project, "--json")
    assert (second.code, summary(second.events)["ran"], summary(second.events)["reused"]) == (0, 0, 6)
    whys = {e["action"]: e["why"] for e in second.events if e["event"] == "action-decided"}
    assert whys["Compile"][0].startswith("reused from #1")  # type: ignore[index]


def test_an_edit_reruns_what_it_affects_and_says_why(greenroom: Command, project: Path) -> None:
    (project / "greenroom.yaml").write_text("actions:\n  Lint: {inputs: [pipeline.yaml]}\n")
    greenroom("run", "-C", project, "--until", "Test")
    (project / "word.txt").write_text("still good\n")
    events = greenroom("run", "-C", project, "--until", "Test", "--json").events
    decided = {e["action"]: e for e in events if e["event"] == "action-decided" and e["decision"] != "skip"}
    assert decided["Compile"]["decision"] == "run"
    assert "word.txt" in str(decided["Compile"]["why"])
    assert decided["Lint"]["decision"] == "reuse"


def test_people_read_stderr_and_programs_stdout(greenroom: Command, project: Path) -> None:
    done = greenroom("run", "-C", project, "--approve", "all")
    assert done.out == ""
    assert "✔ Build/Compile" in done.err
    assert "✔ Succeeded  6 ran, 0 reused" in done.err


def test_a_failure(greenroom: Command, project: Path) -> None:
    (project / "word.txt").write_text("bad\n")
    done = greenroom("run", "-C", project, "--junit", "out/junit.xml")
    assert (done.code, done.out) == (1, "")
    assert "✘ Test/Unit" in done.err
    assert "log: " in done.err
    root = parse(project / "out" / "junit.xml").getroot()
    assert (root.get("failures"), root.get("tests")) == ("1", "6")


def test_a_retry_without_a_running_greenroom_runs_here(greenroom: Command, project: Path) -> None:
    (project / "word.txt").write_text("bad\n")
    assert greenroom("run", "-C", project).code == 1
    done = greenroom("retry", "-C", project, "--json")
    assert done.code == 1
    assert done.events[0]["event"] == "run-retried"
    assert (summary(done.events)["ran"], summary(done.events)["failed"]) == (1, 1)
    (project / "word.txt").write_text("good\n")
    assert greenroom("retry", "Build", "-C", project).code == 2


def test_an_approval_that_is_not_given(greenroom: Command, project: Path) -> None:
    done = greenroom("run", "-C", project, "--json")
    assert done.code == 77
    assert summary(done.events)["status"] == "Waiting"
    assert "greenroom run --approve Approve/Approve" in done.err
    answered = greenroom("approve", "-C", project)
    assert answered.code == 2
    assert "no greenroom runs here" in answered.err
    assert "greenroom run --approve Approve/Approve" in answered.err
    done = greenroom("run", "-C", project, "--approve", "Approve/Approve", "--json")
    assert (done.code, summary(done.events)["reused"]) == (0, 4)


def test_selection(greenroom: Command, project: Path) -> None:
    done = greenroom("run", "-C", project, "--only", "Unit", "--json")
    assert done.code == 0
    ran = {e["action"] for e in done.events if e["event"] == "action-decided" and e["decision"] == "run"}
    assert ran == {"Source", "Unit"}
    assert greenroom("run", "-C", project, "--only", "Unti").code == 2


def test_force(greenroom: Command, project: Path) -> None:
    greenroom("run", "-C", project, "--until", "Build")
    one = greenroom("run", "-C", project, "--until", "Build", "--force", "Compile", "--json")
    assert (summary(one.events)["ran"], summary(one.events)["reused"]) == (1, 1)
    every = greenroom("run", "-C", project, "--until", "Build", "--json", "--force")
    assert (summary(every.events)["ran"], summary(every.events)["reused"]) == (2, 0)


def test_the_options_of_a_run_in_the_environment(
    greenroom: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_UNTIL", "Test")
    monkeypatch.setenv("GREENROOM_FORCE", "Lint Unit")
    greenroom("run", "-C", project)
    again = greenroom("run", "-C", project, "--json")
    assert (summary(again.events)["ran"], summary(again.events)["reused"]) == (2, 2)


def test_strict(greenroom: Command, project: Path) -> None:
    (project / "greenroom.yaml").write_text("actions:\n  Unit: {commands: ['true']}\n")
    arguments = ("run", "-C", project, "--only", "Unit")
    assert greenroom(*arguments).code == 0
    done = greenroom(*arguments, "--strict")
    assert done.code == 4
    assert "--strict: Test/Unit is substituted" in done.err


@pytest.mark.skipif(sys.platform == "darwin", reason="names are text there")
def test_a_folder_whose_name_is_no_text(greenroom: Command, project: Path) -> None:
    odd = project.rename(project.with_name("caf\udce9"))
    assert greenroom("run", "-C", odd, "--only", "Build").code == 0


def test_odd_lines_of_env_files_are_told(greenroom: Command, project: Path) -> None:
    (project / ".env").write_text("A=1\nB\n")
    (project / ".secrets").write_text('KEY="hunter2-is-open\n')
    told = greenroom("plan", "-C", project).err
    assert ".env:2:1: warning[GR406]" in told
    assert ".secrets:1:1: warning[GR406]" in told
    assert "hunter2" not in told


def test_environment_files(greenroom: Command, project: Path) -> None:
    (project / "pipeline.yaml").write_text(
        "name: env\nstages:\n  Build:\n    Show: 'echo \"A=$A B=$B\" && test $A$B = 12'\n"
    )
    (project / "my.env").write_text("A=1\nB='x'\n")
    assert greenroom("run", "-C", project, "--env-file", "my.env", "--env", "B=2").code == 0
    done = greenroom("run", "-C", project, "--env-file", "other.env")
    assert (done.code, done.err) == (2, f"greenroom: there is no env file {project / 'other.env'}\n")


def test_a_variable_that_is_not_declared(greenroom: Command, project: Path) -> None:
    done = greenroom("run", "-C", project, "--var", "NMAE=x")
    assert done.code == 2
    assert "no variable NMAE; did you mean NAME?" in done.err


def test_a_definition_with_errors(greenroom: Command, project: Path) -> None:
    (project / "pipeline.yaml").write_text("name: 'a b'\nstages:\n  Build:\n    Unit: true\n")
    done = greenroom("run", "-C", project)
    assert (done.code, done.out) == (2, "")
    assert "error[" in done.err


def test_no_definition_at_all(greenroom: Command, tmp_path: Path) -> None:
    done = greenroom("run", "-C", tmp_path)
    assert done.code == 2
    assert "greenroom init" in done.err


def test_the_plan(greenroom: Command, project: Path) -> None:
    text = greenroom("plan", "-C", project)
    assert text.code == 0
    assert text.out.splitlines()[0].split() == ["WHAT", "ACTION", "WHY"]
    assert "ask    Approve/Approve" in text.out
    state = project / ".greenroom"
    assert state.stat().st_mode & 0o777 == 0o700, "also where a plan is the first to keep anything"
    assert (state / ".gitignore").read_text() == "*\n"
    greenroom("run", "-C", project, "--approve", "all")
    body = json.loads(greenroom("run", "-n", "-C", project, "--json", "--force", "Lint").out)
    verdicts = {action["action"]: action["verdict"] for action in body["actions"]}
    assert verdicts["Lint"] == "run"
    assert verdicts["Compile"] == "reuse"
    assert greenroom("history", "-C", project).out.count("#") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, start: Start, number: signal.Signals) -> None:
    seconds = slow(tmp_path)
    process = start("run", "-C", tmp_path, "--json")
    assert process.stdout
    for line in process.stdout:
        event = json.loads(line)
        log = Path(str(event.get("log") or tmp_path / "none"))
        if event["event"] == "action-progress" or (log.exists() and "begun" in log.read_text()):
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
    assert process.returncode == codes[number], err
    assert json.loads(out.splitlines()[-1])["status"] == "Stopped"
    assert "Traceback" not in err
    found = subprocess.run(["pgrep", "-f", f"sleep {seconds}"], capture_output=True, text=True)
    assert found.stdout == ""


def test_a_timeout(greenroom: Command, tmp_path: Path) -> None:
    slow(tmp_path)
    done = greenroom("run", "-C", tmp_path, "--timeout", "0.5", "--json")
    assert done.code == 124
    assert summary(done.events)["status"] == "TimedOut"


def test_the_run_goes_on_when_the_reader_is_gone(project: Path, start: Start, greenroom: Command) -> None:
    process = start("run", "-C", project, "--json", "--approve", "all")
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "✔ Succeeded" in err
    assert "Succeeded" in greenroom("status", "-C", project).out


def test_what_a_run_writes_itself_starts_nothing_anew(start: Start, project: Path) -> None:
    def run(number: int) -> dict[str, object]:
        with (project / "events [1].json").open("w") as out, (project / "errors.txt").open("w") as errors:
            words = ("run", "-C", project, "--until", "Test", "--json", "--junit", "report.xml")
            assert start(*words, stdout=out, stderr=errors).wait() == 0
        assert (project / "report.xml").stat().st_size
        return summary([json.loads(line) for line in (project / "events [1].json").read_text().splitlines()])

    assert [run(1)["ran"], run(2)["ran"]] == [4, 0]
