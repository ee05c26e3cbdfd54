"""Snapshots of a tree beside `git status` of the same tree."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median

from benchmarks.grid import Cell, Grid
from benchmarks.table import Goal, Table, duration, paired
from benchmarks.workload import Workload, lay_out
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store

HOT_GROWTH = Goal(3)
"""A hot snapshot of the largest tree may cost this much of one of the smallest: then it does not depend on size."""


def _cpu() -> float:
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Stopwatch:
    """Wall and CPU seconds of every run of each case."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    def time(self, case: str, work: Callable[[], object], repeat: int = 1) -> None:
        """Do it `repeat` times and remember what one time took."""
        cpu, wall = _cpu(), time.perf_counter()
        for _ in range(repeat):
            work()
        self.wall.setdefault(case, []).append((time.perf_counter() - wall) / repeat)
        self.cpu.setdefault(case, []).append((_cpu() - cpu) / repeat)


def _scan(directory: Path, state: Path) -> None:
    Snapshotter(directory, Store(state)).scan()


def _measure(workload: Workload, rounds: int) -> Stopwatch:
    watch = Stopwatch()
    directory = workload.directory
    changed = directory / Cell(0, 0).main
    status = ["git", "-C", str(directory), "status", "--porcelain"]
    texts = count()
    for turn in range(rounds):
        state = directory.with_name(f"state{turn}")
        watch.time("git status", partial(subprocess.run, status, check=True, stdout=subprocess.DEVNULL))
        watch.time("cold", partial(_scan, directory, state))
        watch.time("process start", partial(_scan, directory, state))
        resident = Snapshotter(directory, Store(state))
        before = resident.scan()

        def save(resident: Snapshotter = resident) -> None:
            changed.write_text(f"save {next(texts)}\n")
            resident.update([changed])

        watch.time("hot, one file saved", save, repeat=20)
        if resident.scan() == before:
            raise AssertionError("twenty saves changed nothing: the figures mean nothing")
        shutil.rmtree(state)
    return watch


def bench(place: Path, sizes: list[int], rounds: int) -> None:
    """One row for each size."""
    cases = ("git status", "cold", "process start", "hot, one file saved")
    table = Table("Snapshot of a tree, CPU (and as a part of git status)", ("files", *cases, "hot wall", "goal met"))
    smallest = 0.0
    for files in sizes:
        workload = lay_out(Grid(1, 1, files), place / str(files) / "grid", place / "unused.log")
        watch = _measure(workload, rounds)
        base = watch.cpu["git status"]
        cells = [duration(median(base))]
        cells += [f"{duration(median(watch.cpu[case]))} ({paired(watch.cpu[case], base):.2g}x)" for case in cases[1:]]
        hot = median(watch.cpu[cases[-1]])
        smallest = smallest or hot
        verdict = "" if hot == smallest else HOT_GROWTH.verdict(hot / smallest)
        table.row(f"{files:,}", *cells, duration(median(watch.wall[cases[-1]])), verdict)
