"""On a real terminal: the screen is given back, whatever ends the app."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

LEAVES_THE_SCREEN = "\x1b[?1049l"
PATIENCE = 60


@contextmanager
def program(script: str, root: Path, **environment: str) -> Iterator[pexpect.spawn[str]]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "tests.tui.program", script, str(root)],
        dimensions=(30, 110),
        encoding="utf-8",
        timeout=PATIENCE,
        env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", **environment},
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: pexpect.spawn[str]) -> int | None:
    child.expect_exact(LEAVES_THE_SCREEN)
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_gives_the_screen_back(number: int, code: int, tmp_path: Path) -> None:
    with program("building", tmp_path) as child:
        child.expect_exact("shop")
        child.kill(number)
        assert ended(child) == code


def test_q_leaves_with_0(tmp_path: Path) -> None:
    with program("failed", tmp_path) as child:
        child.expect_exact("shop")
        child.send("q")
        assert ended(child) == 0


def test_a_shell_gets_the_terminal_and_gives_it_back(tmp_path: Path) -> None:
    (tmp_path / "work" / "2-Unit-1").mkdir(parents=True)
    with program("failed", tmp_path) as child:
        child.expect_exact("shop")
        child.send("s")
        child.expect_exact(LEAVES_THE_SCREEN)
        child.send("echo in $(basename $PWD)\n")
        child.expect_exact("in 2-Unit-1")
        child.send("exit\n")
        child.expect_exact("shop")
        child.send("q")
        assert ended(child) == 0


def test_what_cannot_be_painted_is_left_out_and_told(tmp_path: Path) -> None:
    with program("broken", tmp_path) as child:
        child.expect_exact("something went wrong here")
        child.send("D")
        child.expect_exact("RuntimeError: a defect")
        child.send("q")
        child.send("q")
        assert ended(child) == 0
        assert "hunter2" not in (child.before or "")


def test_a_crash_tells_where_but_never_what_variables_held(tmp_path: Path) -> None:
    with program("fatal", tmp_path) as child:
        child.expect_exact(LEAVES_THE_SCREEN)
        child.expect_exact("RuntimeError: a defect")
        child.expect(pexpect.EOF)
        assert "hunter2" not in (child.before or "")
        child.wait()
        assert child.exitstatus == 1


def test_the_editor_gets_the_definition(tmp_path: Path) -> None:
    with program("failed", tmp_path, EDITOR="echo edits:") as child:
        child.expect_exact("shop")
        child.send("o")
        child.expect(r"edits: .*pipeline\.yaml")
        child.send("q")
        assert ended(child) == 0
