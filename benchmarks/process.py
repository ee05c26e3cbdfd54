"""One program, run to its end and measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: wall clock and CPU (user + system, of the program and all it waited for) in seconds, exit code."""

    wall: float
    cpu: float
    code: int


def run(argv: tuple[str, ...], directory: Path, environment: dict[str, str], output: Path) -> Sample:
    """Run a program in a directory, its output in a file."""
    began = time.perf_counter()
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", 'cd "$0" && exec "$@"', str(directory), *argv],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    return Sample(wall, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status))


class Resident:
    """An open greenroom (`benchmarks.resident`): each `run` asks it for one."""

    def __init__(self, directory: Path, environment: dict[str, str], output: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.resident", str(directory)],
            cwd=Path(__file__).parents[1],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output.open("wb"),
            text=True,
        )

    def run(self) -> Sample:
        """One run, timed by itself: what a person who has it open waits for."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"wall": 0, "cpu": 0, "succeeded": false}')
        return Sample(answer["wall"], answer["cpu"], 0 if answer["succeeded"] else 1)

    def close(self) -> None:
        """End it."""
        self._process.communicate()
