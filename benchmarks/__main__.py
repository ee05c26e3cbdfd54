"""`python -m benchmarks`: greenroom beside its peers on this machine, in one table."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import container_log, latency, masking, observing, reruns, snapshot, startup, tools
from benchmarks.grid import Grid


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `budget` is in seconds for each tool and grid: what used more gets no further round."""

    grids: tuple[Grid, ...]
    trees: tuple[int, ...]
    rounds: int
    saves: int
    watched: tuple[Grid, ...]
    budget: float
    slow: frozenset[str]


QUICK = Plan(
    grids=(Grid(1, 1, 100), Grid(5, 4, 100), Grid(10, 10, 100), Grid(20, 25, 100), Grid(5, 4, 10_000)),
    trees=(1_000, 10_000),
    rounds=3,
    saves=5,
    watched=(Grid(5, 4, 1_000),),
    budget=6,
    slow=frozenset({"turbo", "wireit"}),
)
FULL = Plan(
    grids=tuple(
        Grid(stages, columns, files)
        for stages, columns in ((1, 1), (5, 4), (10, 10), (20, 25))
        for files in (100, 10_000, 80_000)
    ),
    trees=(1_000, 10_000, 80_000),
    rounds=5,
    saves=15,
    watched=(Grid(5, 4, 1_000), Grid(5, 4, 80_000)),
    budget=120,
    slow=frozenset(),
)
SLOW_FROM = 101
"""Actions from which the quick plan leaves the slow tools out: one cold run of theirs would take minutes."""


def bench_reruns(plan: Plan, place: Path) -> None:
    """The reruns of every grid, then what one more action costs."""
    measured: dict[Grid, dict[str, reruns.Runs]] = {}
    for number, grid in enumerate(plan.grids):
        present = tools.present()
        chosen = [tool for tool in present if grid.actions < SLOW_FROM or tool.name not in plan.slow]
        folder = place / f"reruns{number}"
        folder.mkdir()
        measured[grid] = reruns.measure(grid, chosen, folder, rounds=plan.rounds, budget=plan.budget)
        reruns.show(grid, measured[grid])
        left_out = [tool.name for tool in present if tool not in chosen]
        if left_out:
            print(f"\nLeft out, a run takes minutes: {', '.join(left_out)}. `--full` measures them, too.")
    small, large = Grid(5, 4, 100), Grid(10, 10, 100)
    reruns.show_overhead((small, measured[small]), (large, measured[large]))


def bench_latency(plan: Plan, place: Path) -> None:
    """Save to start on every watched grid."""
    for number, grid in enumerate(plan.watched):
        folder = place / f"watched{number}"
        folder.mkdir()
        latency.bench(folder, tools.present(), grid, plan.saves)


def bench_snapshot(plan: Plan, place: Path) -> None:
    """Snapshots of every tree."""
    snapshot.bench(place, list(plan.trees), plan.rounds)


def bench_startup(plan: Plan, place: Path) -> None:
    """First frames."""
    startup.bench(place, plan.saves)


def bench_observing(plan: Plan, place: Path) -> None:
    """What observing inputs costs."""
    observing.measure(place, rounds=plan.rounds)


def bench_containers(plan: Plan, place: Path) -> None:
    """How output leaves containers."""
    container_log.measure(place, rounds=plan.rounds)


def bench_masking(plan: Plan, place: Path) -> None:
    """What hiding secrets costs."""
    masking.measure(place, rounds=plan.rounds)


def bench_graph(plan: Plan, place: Path) -> None:
    """The graph has a benchmark of its own."""
    subprocess.run([sys.executable, "-m", "benchmarks.graph"], cwd=Path(__file__).parents[1], check=False)


def bench_log(plan: Plan, place: Path) -> None:
    """The log pane has benchmarks of its own."""
    for name in ("log_pane", "log_peers"):
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=Path(__file__).parents[1], check=False)


SECTIONS: dict[str, Callable[[Plan, Path], None]] = {
    "latency": bench_latency,
    "reruns": bench_reruns,
    "snapshot": bench_snapshot,
    "startup": bench_startup,
    "observing": bench_observing,
    "containers": bench_containers,
    "masking": bench_masking,
    "log": bench_log,
    "graph": bench_graph,
}


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every size and peer: takes hours instead of minutes")
    parser.add_argument("--only", metavar="SECTION", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--rounds", type=int, help="rounds of everything, instead of the plan's")
    parser.add_argument("--directory", help="where the trees are made (default: the temporary directory)")
    chosen = parser.parse_args()
    plan = FULL if chosen.full else QUICK
    if chosen.rounds:
        plan = replace(plan, rounds=chosen.rounds, saves=chosen.rounds)
    began = time.monotonic()
    _preface()
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-", dir=chosen.directory) as place:
        for name in chosen.only:
            folder = Path(place) / name
            folder.mkdir()
            SECTIONS[name](plan, folder)
    print(f"\n{time.monotonic() - began:.0f} s in all")


def _preface() -> None:
    machine = f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}, Python {platform.python_version()}")
    print(
        "Medians. Rows of one table were measured in turns, so their ratios hold on a busy machine; the times may not."
    )
    absent = tools.missing()
    if absent:
        print(f"Not here: {', '.join(absent)}. benchmarks/peers.sh installs what it can.")


if __name__ == "__main__":
    main()
