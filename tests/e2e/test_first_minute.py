"""The first minute of a new user, in a real terminal: a failure, the fix, only the affected actions again, approval."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from ptyprocess import PtyProcess

from engine.execution import events as ev
from engine.session import Reader
from tests.e2e.terminal import PATIENCE, program, terminal

pytestmark = pytest.mark.e2e
HELLO = Path(__file__).parents[2] / "sample-pipelines" / "hello"


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """The sample with its one line broken, as `greenroom demo` leaves it."""
    copy = tmp_path / "hello"
    shutil.copytree(HELLO, copy)
    broken = json.loads((copy / ".demo.json").read_text())
    (copy / ".demo.json").unlink()
    file = copy / broken["file"]
    file.write_text(file.read_text().replace(broken["find"], broken["replace"]))
    return copy


def mend(hello: Path) -> None:
    shutil.copy(HELLO / "hello" / "greeting.py", hello / "hello" / "greeting.py")


def started(hello: Path, number: int) -> list[str]:
    """What was really started in a run."""
    events = list(Reader(hello / ".greenroom").events("hello"))
    runs = {e.event.execution_id: e.event.number for e in events if isinstance(e.event, ev.ExecutionStarted)}
    scheduled = {e.event.action_execution_id: e.event for e in events if isinstance(e.event, ev.ActionScheduled)}
    ids = [e.event.action_execution_id for e in events if isinstance(e.event, ev.ActionStarted)]
    return [f"{scheduled[i].stage}/{scheduled[i].action}" for i in ids if runs[scheduled[i].execution_id] == number]


def test_a_failure_a_fix_an_approval_and_a_deployment(hello: Path) -> None:
    with terminal(cwd=hello) as screen:
        screen.sees(r"✘ Unit")
        screen.sees(r"Good afternoon")  # the log of what failed, without a key
        mend(hello)
        screen.sees(r"Publish waits for you")
        assert set(started(hello, 2)) == {
            "Source/Checkout",
            "Build/Page",
            "Test/Unit",
            "Test/Links",
            "Approve/Publish",
        }
        assert not (hello / "deployed").exists()
        screen.press("a")
        screen.sees(r"Approve Approve/Publish\?")
        screen.press("\r")
        screen.sees(r"✔ Site")
        screen.until((hello / "deployed/index.html").exists, "nothing was deployed")
        screen.ended("✔")
        screen.press("q")
        code, left = screen.ends()
    assert code == 0
    assert "Succeeded" in left


def test_it_works_in_very_little_space(hello: Path) -> None:
    with terminal(cwd=hello, rows=20, columns=60) as screen:
        screen.sees(r"✘")
        screen.sees(r"Good afternoon|Unit")
        screen.ended("✘")
        screen.press("q")
        assert screen.ends()[0] == 0


def test_killed_by_a_signal_it_restores_the_terminal(hello: Path) -> None:
    with terminal(cwd=hello) as screen:
        screen.sees(r"✘ Unit")
        screen.child.kill(15)
        code, _ = screen.ends()
        assert code == 143
        assert screen.sent.rindex(b"\x1b[?1049l") > screen.sent.rindex(b"\x1b[?1049h")


def gone(process: PtyProcess) -> bool:
    """Whether the process ends by itself; no event tells of that once its terminal is closed."""
    deadline = time.monotonic() + PATIENCE
    while process.isalive() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not process.isalive()


def test_nothing_stays_behind_when_the_terminal_goes_away_under_an_editor(
    hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = hello.parent / "opened"
    editor = hello.parent / "editor"
    editor.write_text(f"#!/bin/sh\ntouch {opened}\nexec sleep 600\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    with terminal(cwd=hello) as screen:
        screen.sees(r"✘ Unit")
        screen.press("o")
        screen.until(opened.exists, "the editor was not opened")
        with pytest.MonkeyPatch.context() as patient:
            # Closing hangs up, and would then kill; here it only looks, and raises where the program stays.
            patient.setattr(screen.child.ptyproc, "terminate", lambda force: gone(screen.child.ptyproc))
            screen.child.ptyproc.close()
        assert not screen.child.ptyproc.isalive()


def test_a_second_greenroom_says_who_runs(hello: Path) -> None:
    with terminal(cwd=hello, rows=24, columns=80) as screen:
        screen.sees(r"✘")
        screen.sees(r"Good afternoon|Unit")
        second = subprocess.run([program(), "run"], cwd=hello, capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert str(screen.child.pid) in second.stderr
        assert "Traceback" not in second.stderr
        screen.ended("✘")
        screen.press("q")
        assert screen.ends()[0] == 0


def test_approving_from_another_terminal(hello: Path) -> None:
    mend(hello)
    with terminal(cwd=hello, rows=50, columns=200) as screen:
        screen.sees(r"Publish waits for you")
        subprocess.run([program(), "approve", "Approve/Publish"], cwd=hello, capture_output=True, check=True)
        screen.sees(r"✔ Site")
        screen.ended("✔")
        screen.press("q")
        assert screen.ends()[0] == 0
