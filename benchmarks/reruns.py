"""Runs of the same grid: from nothing, with nothing changed, with one file changed.

The tools take turns within each round, so what is compared was measured side by side. A run that failed, or in which
another number of actions ran than should have, is counted as wrong and its times are not believed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.grid import Grid
from benchmarks.process import Sample, run
from benchmarks.table import Goal, Table, duration, paired
from benchmarks.tools import Tool, environment
from benchmarks.workload import Workload, lay_out

PHASES = ("from nothing", "nothing changed", "one file changed", "a change without effect")
NOTHING_CHANGED_GOALS = {"turbo": Goal(1), "doit": Goal(1)}


@dataclass(slots=True)
class Runs:
    """What was measured of one tool on one grid, phase by phase. `wrong` says what went wrong, and how often."""

    samples: dict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spent: float = 0.0

    def wall(self, phase: str) -> list[float]:
        """Wall seconds of every believed run of a phase."""
        return [sample.wall for sample in self.samples[phase]]

    def cpu(self, phase: str) -> list[float]:
        """CPU seconds of every believed run of a phase."""
        return [sample.cpu for sample in self.samples[phase]]


def expected(tool: Tool, grid: Grid, phase: str) -> int:
    """How many actions must run. The changed file is read by the first action of a column, and so by the column."""
    if phase == "from nothing" or not tool.remembers:
        return grid.actions
    if phase == "nothing changed":
        return 0
    return 1 if phase == "a change without effect" and tool.cutoff else grid.stages


def measure(grid: Grid, tools: Sequence[Tool], place: Path, *, rounds: int, budget: float) -> dict[str, Runs]:
    """Run every tool `rounds` times; one that has used more than `budget` seconds gets no further round."""
    workload = lay_out(grid, place / "grid", place / "grid.runlog")
    measured = {tool.name: Runs() for tool in tools}
    for turn in range(rounds):
        for tool in tools:
            runs = measured[tool.name]
            if runs.spent <= budget:
                began = time.monotonic()
                _round(workload, tool, runs, turn)
                runs.spent += time.monotonic() - began
    return measured


def _round(workload: Workload, tool: Tool, runs: Runs, turn: int) -> None:
    workload.forget(tool.remembers)
    for phase in PHASES if tool.remembers else PHASES[:1]:
        text = f"{tool.name} {phase} {turn}"
        if phase == "one file changed":
            workload.change(text)
        elif phase == "a change without effect" and not workload.change_bystander(text):
            continue
        workload.log.write_text("")
        output = workload.directory.with_name(f"{tool.name}.output")
        sample = run(tool.argv, workload.directory, environment(), output)
        ran = len(workload.log.read_text().splitlines())
        wanted = expected(tool, workload.grid, phase)
        if sample.code == 0 and ran == wanted:
            runs.samples[phase].append(sample)
        else:
            runs.wrong[f"{phase}: exit {sample.code}, {ran} of {wanted} actions"] += 1


def show(grid: Grid, measured: dict[str, Runs]) -> None:
    """A row for each tool; ratios are to greenroom's own times, so above 1 means slower than greenroom."""
    columns = ("tool", *PHASES, "CPU: nothing / one file", "slower than greenroom: nothing / one file", "n", "goal met")
    table = Table(f"Reruns, {grid}", columns)
    ours = measured["greenroom"]
    for name, runs in measured.items():
        times = [_median(runs.wall(phase)) for phase in PHASES]
        cpu = " / ".join(_median(runs.cpu(phase)) for phase in PHASES[1:3])
        slower = " / ".join(_slower(runs, ours, phase) for phase in PHASES[1:3])
        wrong = "; ".join(f"WRONG {count}x {what}" for what, count in runs.wrong.items())
        table.row(name, *times, cpu, slower, str(len(runs.samples[PHASES[0]])), wrong or _verdict(name, runs, ours))


def _median(values: list[float]) -> str:
    return duration(median(values)) if values else "-"


def _slower(runs: Runs, ours: Runs, phase: str) -> str:
    if runs is ours or not runs.samples[phase] or not ours.samples[phase]:
        return "-"
    return f"{paired(runs.wall(phase), ours.wall(phase)):.2g}x"


def _verdict(name: str, runs: Runs, ours: Runs) -> str:
    goal = NOTHING_CHANGED_GOALS.get(name)
    phase = PHASES[1]
    if goal is None or not runs.samples[phase] or not ours.samples[phase]:
        return ""
    return goal.verdict(paired(ours.wall(phase), runs.wall(phase)))


def show_overhead(small: tuple[Grid, dict[str, Runs]], large: tuple[Grid, dict[str, Runs]]) -> None:
    """CPU that each further action costs over the same command in a bare shell, from a small and a large grid."""
    actions = large[0].actions - small[0].actions
    phase = PHASES[0]

    def slope(name: str) -> float | None:
        few, many = small[1][name].cpu(phase), large[1][name].cpu(phase)
        return (median(many) - median(few)) / actions if few and many else None

    floor = slope("sh")
    table = Table(
        f"Cost of an action, CPU, from {small[0].actions} to {large[0].actions} actions",
        ("tool", "a further action", "over sh"),
    )
    for name in large[1]:
        cost = slope(name)
        if cost is not None and floor is not None:
            table.row(name, f"{cost * 1e3:.2f} ms", "-" if name == "sh" else f"+{(cost - floor) * 1e3:.2f} ms")
