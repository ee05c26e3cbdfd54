"""`greenroom` on a real terminal: choosing a pipeline, the app, what it leaves behind."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pexpect
import pytest

from tui.cli.terminal import interactive

PIPELINE = "name: {}\nstages:\n  Build:\n    Unit:\n      commands: ['true']\n"


def terminal(*arguments: object) -> pexpect.spawn[str]:
    """The command on a terminal of its own, 80x24."""
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    argv = ["-m", "tui.cli.main", *map(str, arguments)]
    return pexpect.spawn(
        sys.executable, argv, env=environment, dimensions=(24, 80), encoding="utf-8", timeout=90, use_poll=True
    )


@pytest.mark.e2e
def test_one_of_several_is_chosen_runs_and_is_summed_up(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(PIPELINE.format(name))
    child = terminal(tmp_path)
    child.expect("Which pipeline")
    child.expect("second")
    child.send("2")
    child.expect("Unit")
    child.expect("✔ second #1")  # the window's title: before that, q would ask first
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    farewell = str(child.before).rpartition("\x1b[?1049l")[2]
    assert "second #1" in farewell
    assert "1 run: 2 actions ran, 0 reused" in farewell
    assert len(farewell.strip().splitlines()) <= 10


@pytest.mark.e2e
def test_a_broken_definition_gives_the_terminal_back(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text("name: x\nstages: 3\n")
    child = terminal("-C", tmp_path)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    left = str(child.before).rpartition("\x1b[?1049l")[2]
    assert "pipeline.yaml:2:" in left
    assert "greenroom: the pipeline definition has errors" in left


class _End(io.StringIO):
    """An end of a terminal, or of a file."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize("file", ["stdin", "stdout", "stderr", ""])
def test_screens_are_for_terminals_alone(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    """They are drawn on stderr: a redirected one would leave the terminal blank."""
    for end in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, end, _End(end != file))
    assert interactive() == (not file)
