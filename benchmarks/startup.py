"""From the command to the first frame on the terminal, beside a Textual app that shows one line."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from statistics import median

from benchmarks.table import Goal, Table, duration, paired
from benchmarks.tools import greenroom

GOAL = Goal(1.5)
PATIENCE = 20.0
SAMPLES = Path(__file__).parents[1] / "sample-pipelines"


def _first_sight(argv: list[str], directory: Path, marker: bytes) -> tuple[float, float]:
    """Wall and CPU seconds until the marker is on the terminal. Infinite where it never shows."""
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.environ.pop("CI", None)
        os.execvp(argv[0], argv)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    wall = float("inf")
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
        if marker in seen:
            wall = time.perf_counter() - began
            break
    os.kill(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    os.close(terminal)
    return wall, usage.ru_utime + usage.ru_stime


def bench(place: Path, rounds: int) -> None:
    """Two rows: the floor and greenroom on the sample `hello`, at 120x40."""
    shutil.copytree(SAMPLES / "hello", place / "hello")
    bare = [sys.executable, "-m", "benchmarks.bare_app"]
    ours = [greenroom().argv[0]]
    walls: dict[str, list[float]] = {"bare Textual app": [], "greenroom": []}
    cpus: dict[str, list[float]] = {name: [] for name in walls}
    for _ in range(rounds + 1):
        for name, argv, directory in (
            ("bare Textual app", bare, Path(__file__).parents[1]),
            ("greenroom", ours, place / "hello"),
        ):
            wall, cpu = _first_sight(argv, directory, b"Build")
            walls[name].append(wall)
            cpus[name].append(cpu)
    for kept in (*walls.values(), *cpus.values()):
        del kept[0]  # the first round only warms the caches
    ratio = paired(walls["greenroom"], walls["bare Textual app"])
    table = Table("From the command to the first frame", ("program", "wall", "CPU", "ratio", "goal", "met"))
    for name in walls:
        judged = (f"{ratio:.2f}x", str(GOAL), GOAL.verdict(ratio)) if name == "greenroom" else ("1.00x", "-", "-")
        table.row(name, duration(median(walls[name])), duration(median(cpus[name])), *judged)
