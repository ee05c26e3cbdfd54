"""A paused build in a real terminal: it stays where somebody is, and is resumed from elsewhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.terminal import program, terminal

pytestmark = pytest.mark.e2e


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A build whose second command fails until somebody writes `fix`."""
    stages = {"Build": {"Make": {"commands": ["echo one > made", "cat fix", "echo two >> made"]}}}
    (tmp_path / "pipeline.yaml").write_text(json.dumps({"name": "steps", "stages": stages}))
    return tmp_path


def greenroom(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program(), *words], cwd=place, text=True, capture_output=True, check=False, timeout=90)


def test_a_run_stays_while_somebody_may_resume_it_and_ends_with_77_where_nobody_is(steps: Path) -> None:
    with terminal("run", "--on-failure=pause", cwd=steps) as screen:
        screen.sees("look around: greenroom shell Build/Make")
        assert greenroom(steps, "shell", "Make", "-c", "cat made; echo fixed > fix").stdout == "one\n"
        definition = steps / "pipeline.yaml"  # nobody watches it, and yet its edits count
        definition.write_text(definition.read_text().replace("echo two", "echo three"))
        assert "runs the command again" in greenroom(steps, "resume").stderr
        assert screen.ends()[0] == 0
    assert "Running command echo three >> made" in greenroom(steps, "logs", "Make").stdout
    with terminal("run", "--on-failure=pause", "--force", cwd=steps, variables={"CI": "1"}) as screen:
        screen.sees("greenroom retry --from command")
        assert screen.ends()[0] == 77


def test_the_screen_goes_on_with_r(steps: Path) -> None:
    with terminal("--on-failure=pause", cwd=steps) as screen:
        screen.sees("Build/Make is paused")
        assert greenroom(steps, "shell", "Make", "-c", "echo fixed > fix").returncode == 0
        screen.press("r")
        screen.sees("the command again")
        screen.press("\r")
        screen.ended("✔")
        screen.press("q")
        assert screen.ends()[0] == 0
