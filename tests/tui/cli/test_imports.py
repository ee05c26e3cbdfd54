"""Commands that people wait for load only what they need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.tui.cli.conftest import PATIENCE

HEAVY = ["textual", "rich", "docker", "watchfiles", "pathspec", "asyncio"]
SCREEN = ["textual", "watchfiles", "docker"]

PROBE = """
import json, sys
from tui.cli.main import run
found = {}
for arguments in json.loads(sys.argv[2]):
    run(arguments)
    found[" ".join(arguments)] = [m for m in sys.argv[1].split(",") if m in sys.modules]
sys.stderr.write("LOADED " + json.dumps(found))
"""


def loaded(forbidden: list[str], *calls: list[str]) -> dict[str, list[str]]:
    """Which of the modules are there after each of these commands, called one after the other in one new process."""
    argv = [sys.executable, "-c", PROBE, ",".join(forbidden), json.dumps(calls)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE)
    before, mark, after = done.stderr.rpartition("LOADED ")
    assert mark, before
    return {call: found for call, found in json.loads(after).items() if found}


def test_help_loads_nothing_heavy() -> None:
    calls = [["--version"], ["--help"], ["run", "--help"], ["help", "exit-codes"]]
    assert loaded([*HEAVY, "pydantic", "yaml", "engine.model.pipeline"], *calls) == {}


def test_looking_loads_no_screen_and_no_engine(project: Path) -> None:
    names = ("schema", "list", "validate", "show", "status", "history", "doctor")
    forbidden = [*SCREEN[:2], "engine.session", "engine.engine", "engine.providers.contract"]
    assert loaded(forbidden, *([name, "-C", str(project)] for name in names)) == {}


def test_drawing_and_running_load_no_screen(project: Path) -> None:
    assert loaded(SCREEN, *([name, "-C", str(project)] for name in ("graph", "run"))) == {}


def test_what_runs_nothing_does_not_load_what_runs_builds(project: Path) -> None:
    forbidden = [*SCREEN, "engine.providers.codebuild.build", "http.client"]
    assert loaded(forbidden, ["plan", "-C", str(project)]) == {}


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
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, "False False\n"), done.stderr
