"""`run --on-failure`, `retry --from`, `resume`, and how paused actions are told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from queue import Queue
from xml.etree.ElementTree import parse

from engine.model.diagnostics import Diagnostic
from tests.tui.cli.conftest import PATIENCE, Command, Start
from tui.attached import AttachedLink
from tui.cli.looking import look
from tui.cli.settings import Settings

STEPS = """\
name: steps
stages:
  Build:
    Make:
      commands:
        - echo first >> out
        - grep good word.txt
        - cat word.txt >> out
      output: {Out: [out]}
    Other:
      commands: ["true"]
"""


def steps(project: Path) -> Path:
    (project / "pipeline.yaml").write_text(STEPS)
    (project / "word.txt").write_text("bad\n")
    return project


def test_headless_and_paused_it_ends_with_77_and_the_next_command_takes_it_up(
    greenroom: Command, project: Path, tmp_path: Path
) -> None:
    steps(project)
    report = tmp_path / "junit.xml"
    done = greenroom("run", "-C", project, "--on-failure=pause", "--json", "--junit", report)
    assert done.code == 77
    (found,) = [event for event in done.events if event["event"] == "action-paused"]
    assert {key: found[key] for key in ("action", "phase", "command_number", "command", "reason", "exit_status")} == {
        "action": "Make",
        "phase": "BUILD",
        "command_number": 2,
        "command": "grep good word.txt",
        "reason": "failed",
        "exit_status": 1,
    }
    assert done.events[-1]["status"] == "Paused"
    assert "paused at BUILD command 2 (exit status 1): grep good word.txt" in done.err
    assert "take it up with: greenroom retry --from command" in done.err
    assert "greenroom resume Build/Make" not in done.err  # nobody can, any more
    (case,) = parse(report).getroot().findall(".//testcase[@name='Make']/error")
    assert case.get("type") == "Paused"
    assert "stopped at BUILD command 2" in greenroom("status", "-C", project).out
    (project / "word.txt").write_text("good\n")
    again = greenroom("retry", "-C", project, "--from", "command", "--json")
    assert again.code == 0
    assert [event["action"] for event in again.events if event["event"] == "action-decided"] == ["Make"]
    log = greenroom("logs", "-C", project, "Make").out
    assert "edits laid into the workspace: word.txt" in log
    assert "echo first" not in log
    assert "its result is not reused" in greenroom("why", "-C", project, "Make").out


def test_it_can_be_resumed_from_another_terminal(greenroom: Command, project: Path, start: Start) -> None:
    steps(project)
    running = start("run", "-C", project, "--on-failure=pause", "-w", "--trigger", "manual", stderr=subprocess.PIPE)
    assert running.stderr is not None
    next(line for line in running.stderr if "look around" in line)
    told = json.loads(greenroom("status", "-C", project, "--json").out)
    assert [(one["action"], one["command_number"]) for one in told["paused"]] == [("Build/Make", 2)]
    assert "paused: greenroom resume Build/Make" in greenroom("status", "-C", project).out
    assert "Paused" in greenroom("history", "-C", project).out
    refused = greenroom("resume", "-C", project, "Nope")
    assert (refused.code, "Nope is not paused; paused: Build/Make" in refused.err) == (2, True)
    assert greenroom("resume", "-C", project, "--from", "phase", "--fail").code == 2
    assert start("shell", "-C", project, "Make", "-c", "cat out").communicate()[0] == "first\n"
    assert greenroom("resume", "-C", project, "--continue").code == 0
    next(line for line in running.stderr if "goes on (by" in line)
    next(line for line in running.stderr if "Succeeded" in line)
    running.terminate()
    running.wait()


def test_nothing_is_paused_where_nobody_is(greenroom: Command, project: Path) -> None:
    steps(project)
    greenroom("run", "-C", project)
    done = greenroom("resume", "-C", project)
    assert done.code == 2
    assert "no greenroom runs here, so nothing is paused" in done.err
    assert "greenroom retry --from command" in done.err


def test_what_is_left_is_ended_at_the_first_failure(greenroom: Command, project: Path) -> None:
    (steps(project) / "pipeline.yaml").write_text(STEPS.replace('["true"]', '["sleep 600.5"]'))
    done = greenroom("run", "-C", project, "--on-failure", "stop")
    assert done.code == 1
    assert "another action failed (on-failure: stop)" in done.err


def test_a_killed_one_says_how_to_go_on_and_a_build_of_its_own_is_not_paused(
    greenroom: Command, project: Path, start: Start
) -> None:
    steps(project)
    running = start("run", "-C", project, "--on-failure=pause", "-w", "--trigger", "manual")
    assert running.stderr is not None
    next(line for line in running.stderr if "look around" in line)
    assert "paused: greenroom resume Build/Make" in greenroom("status", "-C", project).out
    link = AttachedLink(look(Settings(directory=project)))
    news: Queue[list[Diagnostic]] = Queue()
    link.notices(news.put)
    running.kill()
    running.wait()
    assert "has ended" in news.get(timeout=PATIENCE)[0].message  # another screen is told
    link.close()
    told = greenroom("status", "-C", project).out
    assert "nobody runs here" in told and "greenroom retry --from command" in told
    assert "greenroom resume" not in told
    (live,) = project.glob(".greenroom/work/*/Build/Make/tmp/live.txt")
    assert start("shell", "-C", project, "Make", "-c", "cat out").communicate()[0] == "first\n"
    assert not live.exists()
    (project / "word.txt").write_text("good\n")
    done = greenroom("retry", "-C", project, "--from", "command")
    assert done.code == 0
    assert "ended while Build/Make" in done.err
    assert "that is abandoned, greenroom retry --from command takes it up" in done.err
    assert greenroom("build", "-C", project, "--on-failure=pause").code == 2


def test_a_definition_that_was_edited_is_taken_up_by_a_new_run_at_the_first_command_that_differs(
    greenroom: Command, project: Path
) -> None:
    steps(project)
    assert greenroom("run", "-C", project, "--on-failure=pause").code == 77
    (project / "pipeline.yaml").write_text(STEPS.replace("grep good", "grep bad"))
    assert "the definition changed since #1 started" in greenroom("retry", "-C", project).err
    again = greenroom("retry", "-C", project, "--from", "command", "--json")
    assert again.code == 0
    assert again.events[-1]["status"] == "Succeeded"
    assert "took up attempt 1 of #1" in greenroom("why", "-C", project, "Make").out
    log = greenroom("logs", "-C", project, "Make").out
    assert "Running command grep bad word.txt" in log
    assert "echo first" not in log
