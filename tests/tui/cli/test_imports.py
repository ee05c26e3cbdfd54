"""Commands that people wait for load only what they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["textual", "rich", "docker", "watchfiles", "pathspec", "asyncio"]
SCREEN = ["textual", "watchfiles", "docker"]

PROBE = """
import sys
from tui.cli.main import run
code = run(sys.argv[2:])
sys.stderr.write("LOADED " + ",".join(m for m in sys.argv[1].split(",") if m in sys.modules))
sys.exit(code)
"""


def loaded(forbidden: list[str], *arguments: object) -> list[str]:
    """Which of the modules a command pulled in."""
    argv = [sys.executable, "-c", PROBE, ",".join(forbidden), *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    return [name for name in done.stderr.rpartition("LOADED ")[2].split(",") if name]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["help", "exit-codes"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded([*HEAVY, "pydantic", "yaml", "engine.model.pipeline"], *arguments) == []


@pytest.mark.parametrize("name", ["validate", "show", "list", "status", "history", "schema", "doctor"])
def test_looking_loads_no_screen_and_no_engine(project: Path, name: str) -> None:
    forbidden = [*SCREEN[:2], "engine.session", "engine.engine", "engine.providers.contract"]
    assert loaded(forbidden, name, "-C", project) == []


def test_running_loads_no_screen(project: Path) -> None:
    assert loaded(SCREEN, "run", "-C", project) == []


def test_what_runs_nothing_does_not_load_what_runs_builds(project: Path) -> None:
    assert loaded([*SCREEN, "engine.providers.codebuild.build", "http.client"], "plan", "-C", project) == []


def test_the_picture_needs_no_widgets(project: Path) -> None:
    assert loaded(["textual"], "graph", "-C", project) == []


SHOWN = """
import sys
import tui.app, tui.cli.commands.app as command
from tui.cli.main import run
command.interactive = lambda: True
tui.app.run = lambda *_, **__: print("engine" in sys.modules, "pydantic" in sys.modules) or 0
sys.exit(run(sys.argv[1:]))
"""


def test_the_first_frame_waits_for_no_engine(project: Path) -> None:
    argv = [sys.executable, "-c", SHOWN, "-C", str(project)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "False False\n"), done.stderr
