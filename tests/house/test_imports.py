"""Imports go down only, and the engine loads no screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SCREENS = ("textual", "rich", "click", "tui")

LOAD_ALL = """
import importlib, pkgutil, sys
import engine
for module in pkgutil.walk_packages(engine.__path__, "engine."):
    importlib.import_module(module.name)
print(*sorted(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_the_layers_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    checked = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_module_of_the_engine_loads_a_screen() -> None:
    # The static graph cannot see what is imported inside a function of a dependency: this can.
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD_ALL, *SCREENS], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""


def test_the_command_starts_without_what_it_may_not_need() -> None:
    program = "import sys, tui.cli.main; print({*sys.argv[1:]} & {*sys.modules})"
    heavy = ("docker", "requests", "textual", "watchfiles")
    started = subprocess.run(
        [sys.executable, "-c", program, *heavy], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert started.stdout.strip() == "set()"
