"""Whatever happens, people read a sentence."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PATIENCE, Command, Start
from tui.cli import definitions


def test_a_word_that_is_no_command(greenroom: Command) -> None:
    done = greenroom("valdate")
    assert (done.code, done.out) == (2, "")
    assert done.err == "greenroom: 'valdate' is neither a command nor a path\n  Did you mean: greenroom validate?\n"


def test_a_path_that_is_not_there(greenroom: Command) -> None:
    done = greenroom("no/such/place")
    assert done.code == 2
    assert "there is no no/such/place" in done.err


def test_bad_usage(greenroom: Command) -> None:
    done = greenroom("run", "--jobs", "none")
    assert (done.code, done.out) == (2, "")
    assert "'none' is not a valid integer" in done.err


def test_a_defect_is_one_sentence(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "discover", lambda chosen: 1 / 0)
    done = greenroom("show")
    assert done.code == 70
    assert done.err.startswith("greenroom: internal error: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in done.err


def test_the_traceback_for_those_who_ask(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "discover", lambda chosen: 1 / 0)
    monkeypatch.setenv("GREENROOM_DEBUG", "1")
    done = greenroom("show")
    assert done.code == 70
    assert "Traceback" in done.err


def test_trouble_of_the_machine_names_the_file(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(chosen: object) -> None:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(definitions, "discover", full)
    done = greenroom("show")
    assert (done.code, done.err) == (70, "greenroom: /somewhere: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_stream_that_the_caller_closed(tmp_path: Path, closed: str) -> None:
    line = f"exec {shlex.quote(sys.executable)} -m tui.cli.main list -C {shlex.quote(str(tmp_path))} {closed}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


INTERRUPTED_EARLY = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, *rest):
        if name == "tui.cli.main":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
from tui.cli.entry import main
sys.meta_path.insert(0, Interrupt())
main()
"""


def test_ctrl_c_before_anything_is_loaded() -> None:
    line = [sys.executable, "-c", INTERRUPTED_EARLY]
    done = subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_ctrl_c(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(chosen: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(definitions, "discover", interrupted)
    assert greenroom("show").code == 130


@pytest.mark.parametrize("arguments", [["--help"], ["schema"], ["graph"]])
def test_a_reader_that_goes_away(project: Path, start: Start, arguments: list[str]) -> None:
    process = start("-C", project, *arguments, stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (141, "")


def test_the_app_needs_a_terminal(greenroom: Command, project: Path) -> None:
    for arguments in (["-C", project], ["tui", "-C", project], [project]):
        done = greenroom(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "needs a terminal" in done.err
        assert "greenroom run" in done.err
