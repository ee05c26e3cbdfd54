"""From a save to the start of the affected action, in milliseconds.

Every watcher has the grid to itself and all of them are up at once; the saves take turns. An action writes its name
into a FIFO: the clock stops at the first byte. The floor is a bare inotify loop that starts one shell.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.grid import Cell, Grid
from benchmarks.table import Goal, Table, paired
from benchmarks.tools import Tool, environment
from benchmarks.workload import Workload, lay_out

FLOOR = "bare inotify"
GOALS = {FLOOR: Goal(3), "turbo": Goal(1 / 20)}
PATIENCE = 20.0
SETTLED = 0.4


@dataclass(slots=True)
class Watcher:
    """A tool that waits for saves in a workload of its own.

    `pipe` is the reading end of its actions' FIFO, `reruns` how many of them a save must run, `wrong` how often it
    was another number.
    """

    name: str
    workload: Workload
    process: subprocess.Popen[bytes]
    pipe: int
    milliseconds: list[float] = field(default_factory=list)
    reruns: int = 1
    wrong: int = 0

    def lines(self, wanted: int, patience: float) -> int:
        """Read until so many actions have started or nothing came for `patience` seconds. Returns how many did."""
        seen = 0
        while seen < wanted and select.select([self.pipe], [], [], patience)[0]:
            seen += os.read(self.pipe, 65536).count(b"\n")
        return seen

    def save(self, text: str) -> None:
        """Save the watched file once and time the answer."""
        self.workload.change(text)
        began = time.perf_counter()
        if select.select([self.pipe], [], [], PATIENCE)[0]:
            self.milliseconds.append((time.perf_counter() - began) * 1e3)
        # The whole column must have run and nothing more must come: the next save shall meet a tool at rest.
        ran = self.lines(self.reruns, PATIENCE) + self.lines(sys.maxsize, SETTLED)
        self.wrong += ran != self.reruns

    def end(self) -> None:
        """End it with everything it started."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(timeout=5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        os.close(self.pipe)


def _start(name: str, argv: tuple[str, ...], grid: Grid, place: Path) -> Watcher:
    place.mkdir()
    fifo = place / "grid.runlog"
    os.mkfifo(fifo)
    pipe = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)  # both ways: no writer ever waits for a reader
    workload = lay_out(grid, place / "grid", fifo)
    if name == FLOOR:
        main = str(workload.directory / Cell(0, 0).main)
        argv = (sys.executable, "-m", "benchmarks.bare_inotify", main, f"echo s0a0 >> {fifo}")
    process = subprocess.Popen(
        argv,
        cwd=Path(__file__).parents[1] if name == FLOOR else workload.directory,
        env=environment(),
        stdin=subprocess.PIPE,  # left open: a watcher may end with its input
        stdout=(place / "output").open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    watcher = Watcher(name, workload, process, pipe, reruns=1 if name == FLOOR else grid.stages)
    wanted = 1 if name == FLOOR else grid.actions
    watcher.wrong += watcher.lines(wanted, 60) + watcher.lines(sys.maxsize, 1.5) != wanted
    return watcher


def bench(place: Path, tools: Sequence[Tool], grid: Grid, rounds: int) -> None:
    """One row for each watcher."""
    calls = [(FLOOR, ("",)), *((tool.name, tool.watch) for tool in tools if tool.watch)]
    watchers: list[Watcher] = []
    try:
        for number, (name, argv) in enumerate(calls):
            watchers.append(_start(name, argv, grid, place / str(number)))
        for turn in range(rounds):
            for watcher in watchers:
                # At no fixed beat: a watcher that polls must not be met at its best or worst moment each time.
                time.sleep(random.uniform(0.1, 0.3))
                if watcher.wrong < 3:
                    watcher.save(f"{watcher.name} {turn}")
    finally:
        for watcher in watchers:
            watcher.end()
    _show(grid, watchers)


def _show(grid: Grid, watchers: list[Watcher]) -> None:
    table = Table(
        f"From save to start, {grid}", ("watcher", "median ms", "least to most", "greenroom / it", "goal", "met")
    )
    ours = next(watcher.milliseconds for watcher in watchers if watcher.name == "greenroom")
    for watcher in watchers:
        times = watcher.milliseconds
        if not times or watcher.wrong:
            table.row(watcher.name, f"WRONG {watcher.wrong}x: another number of actions ran", "-", "-", "-", "-")
            continue
        ratio = paired(ours, times) if watcher.name != "greenroom" and ours else None
        goal = GOALS.get(watcher.name)
        table.row(
            watcher.name,
            f"{median(times):.1f}",
            f"{min(times):.1f} to {max(times):.1f}",
            f"{ratio:.3g}x" if ratio else "-",
            str(goal) if goal else "-",
            goal.verdict(ratio) if goal and ratio else "-",
        )
