"""Asking the greenroom that runs here, from another process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PATIENCE, Command, Start


class Watching:
    """`run -w` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], project: Path) -> None:
        self.process = process
        self.project = project

    def until(self, name: str, **fields: object) -> dict[str, object]:
        """Read events until one of that name with these fields."""
        assert self.process.stdout
        for line in self.process.stdout:
            event: dict[str, object] = json.loads(line)
            if event["event"] == name and all(event[key] == value for key, value in fields.items()):
                return event
        raise AssertionError(f"it ended before {name}")


@pytest.fixture
def watching(project: Path, start: Start) -> Iterator[Watching]:
    """Watching, with the approval waiting."""
    found = Watching(start("run", "-w", "-C", project, "--json", stderr=subprocess.DEVNULL), project)
    found.until("approval-waiting")
    yield found


def test_who_runs_here_is_approved_and_goes_on_with_a_save(watching: Watching, greenroom: Command) -> None:
    text = greenroom("status", "-C", watching.project).out
    assert f"running here: pid {watching.process.pid}, run" in text
    assert "waits for approval: greenroom approve Approve/Approve" in text
    second = greenroom("run", "-C", watching.project)
    assert second.code == 2
    assert f"pid {watching.process.pid}" in second.err
    assert "greenroom down" in second.err
    assert greenroom("plan", "-C", watching.project).code == 0
    assert greenroom("cache", "prune", "-C", watching.project).code == 2

    refused = greenroom("approve", "Nope", "-C", watching.project)
    assert refused.code == 2
    assert "InvalidApprovalTokenException" in refused.err

    done = greenroom("approve", "-C", watching.project, "-m", "go")
    assert (done.code, done.out, done.err) == (0, "", "greenroom: approved Approve/Approve\n")
    assert watching.until("approval-decided")["summary"] == "go"
    assert watching.until("run-ended")["status"] == "Succeeded"

    (watching.project / "word.txt").write_text("bad\n")
    assert watching.until("run-started", trigger="Save")["detail"] == "word.txt"
    watching.until("run-ended", status="Failed")
    assert greenroom("retry", "-C", watching.project).code == 0
    assert watching.until("run-retried")["stage"] == "Test"


def test_what_waits_is_rejected_or_stopped_and_all_is_ended(watching: Watching, greenroom: Command) -> None:
    assert greenroom("reject", "Approve", "-C", watching.project).code == 0
    assert watching.until("run-ended")["status"] == "Failed"

    assert greenroom("retry", "-C", watching.project).code == 0
    watching.until("approval-waiting")
    assert greenroom("stop", "-C", watching.project, "--abandon", "-m", "enough").code == 0
    assert watching.until("run-stopping")["reason"] == "enough"
    assert watching.until("run-ended")["status"] == "Stopped"

    done = greenroom("down", "-C", watching.project, "--purge", "--yes")
    assert done.code == 0
    assert f"ended pid {watching.process.pid}" in done.err
    assert watching.process.wait(timeout=PATIENCE) == 143
    assert not (watching.project / ".greenroom").exists()


def test_following_a_log_as_it_is_written(tmp_path: Path, start: Start, greenroom: Command) -> None:
    (tmp_path / "pipeline.yaml").write_text(
        "name: slow\nstages:\n  Build:\n    Sleep:\n      commands: [echo begun, sleep 600.25]\n"
    )
    found = Watching(start("run", "-C", tmp_path, "--json", stderr=subprocess.DEVNULL), tmp_path)
    found.until("action-progress")
    one, every = start("logs", "-f", "Sleep", "-C", tmp_path), start("logs", "-f", "-C", tmp_path)
    assert one.stdout and every.stdout
    assert any(line == "begun\n" for line in one.stdout)
    assert any(line == "Build/Sleep | begun\n" for line in every.stdout)
    assert greenroom("down", "-C", tmp_path).code == 0
    assert (one.wait(timeout=PATIENCE), every.wait(timeout=PATIENCE)) == (0, 0)


def test_nobody_is_there(greenroom: Command, project: Path) -> None:
    greenroom("run", "-C", project, "--until", "Build")
    assert greenroom("stop", "-C", project).code == 2
    assert greenroom("reject", "-C", project).code == 2
    done = greenroom("down", "-C", project)
    assert (done.code, done.err) == (0, "greenroom: none runs here\n")
