"""A small project that really runs, and the command in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 120.0  # seconds until a process that must end has hung

PIPELINE = """\
name: demo
variables:
  NAME: world
stages:
  Build:
    Compile:
      commands:
        - echo compiling
        - cat word.txt > out.txt
      output: {Out: [out.txt]}
  Test:
    Unit:
      commands: [grep -q good word.txt]
      input: Source
    Lint:
      commands: [test -s word.txt]
      input: Source
  Approve:
    approval: Shall it go out?
  Deploy:
    deploy: .greenroom/deployed
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, object]]:
        """stdout as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Done]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's own: no GREENROOM_*, no colours, no CI."""
    for name in list(os.environ):
        if name.startswith("GREENROOM_") or name in ("CI", "NO_COLOR", "FORCE_COLOR", "TMUX"):
            monkeypatch.delenv(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with a pipeline of its own."""
    place = tmp_path / "project"
    place.mkdir()
    (place / "pipeline.yaml").write_text(PIPELINE)
    (place / "word.txt").write_text("all good\n")
    return place


@pytest.fixture
def greenroom(capsys: pytest.CaptureFixture[str]) -> Command:
    """``greenroom("run", "-C", project)`` in this process."""
    from tui.cli.main import run

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def start() -> Iterator[Start]:
    """``start("run", "-w", ...)`` in a process of its own, ended with the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: object, **more: object) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "tui.cli.main", *map(str, arguments)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(argv, text=True, **{**streams, **more})  # type: ignore[call-overload]
        running.append(process)
        return process  # type: ignore[no-any-return]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
