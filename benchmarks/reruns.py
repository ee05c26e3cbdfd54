"""Runs of the same grid: from nothing, with nothing changed, with one file changed.

The tools take turns within each round, so what is compared was measured side by side. A run that failed, or in which
another number of actions ran than should have, is counted as wrong and its times are not believed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.grid import Grid
from benchmarks.process import Resident, Sample, run
from benchmarks.table import Goal, Table, duration, paired
from benchmarks.tools import Tool, environment
from benchmarks.workload import Workload, lay_out

PHASES = ("from nothing", "nothing changed", "one file changed", "a change without effect")
OURS = {"greenroom": "started", "greenroom, open": "open"}
"""greenroom in two ways: started for each run as a command is, and open all day as it is meant to be."""
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
    output = workload.directory.with_name(f"{tool.name}.output")
    if tool.resident:
        resident = Resident(workload.directory, environment(), output)
        try:
            _phases(workload, tool, runs, turn, resident.run)
        finally:
            resident.close()
    else:
        _phases(workload, tool, runs, turn, partial(run, tool.argv, workload.directory, environment(), output))


def _phases(workload: Workload, tool: Tool, runs: Runs, turn: int, work: Callable[[], Sample]) -> None:
    for phase in PHASES if tool.remembers else PHASES[:1]:
        text = f"{tool.name} {phase} {turn}"
        if phase == "one file changed":
            workload.change(text)
        elif phase == "a change without effect" and not workload.change_bystander(text):
            continue
        workload.log.write_text("")
        sample = work()
        ran = len(workload.log.read_text().splitlines())
        wanted = expected(tool, workload.grid, phase)
        if sample.code == 0 and ran == wanted:
            runs.samples[phase].append(sample)
        else:
            runs.wrong[f"{phase}: exit {sample.code}, {ran} of {wanted} actions"] += 1


def show(grid: Grid, measured: dict[str, Runs]) -> None:
    """A row for each tool. The ratios are greenroom's time to the tool's: below 1, greenroom is the faster one."""
    ratios = [f"{name} / it: nothing, one file changed" for name in OURS]
    columns = ("tool", *PHASES, "CPU: nothing / one file", *ratios, "n", "goal: nothing changed")
    table = Table(f"Reruns, {grid}", columns)
    for name, runs in measured.items():
        times = [_median(runs.wall(phase)) for phase in PHASES]
        cpu = " / ".join(_median(runs.cpu(phase)) for phase in PHASES[1:3])
        shares = [", ".join(_share(measured[our], runs, phase) for phase in PHASES[1:3]) for our in OURS]
        wrong = "; ".join(f"WRONG {count}x {what}" for what, count in runs.wrong.items())
        verdict = wrong or _verdict(name, measured)
        table.row(name, *times, cpu, *shares, str(len(runs.samples[PHASES[0]])), verdict)


def _median(values: list[float]) -> str:
    return duration(median(values)) if values else "-"


def _share(ours: Runs, theirs: Runs, phase: str) -> str:
    if ours is theirs or not theirs.samples[phase] or not ours.samples[phase]:
        return "-"
    return f"{paired(ours.wall(phase), theirs.wall(phase)):.2g}x"


def _verdict(name: str, measured: dict[str, Runs]) -> str:
    """For a peer that greenroom means to beat: whether it does, started anew and already open."""
    goal, phase = NOTHING_CHANGED_GOALS.get(name), PHASES[1]
    theirs = measured[name].wall(phase)
    if goal is None or not theirs:
        return "-"
    said = [
        f"{how}: {goal.verdict(paired(measured[our].wall(phase), theirs))}"
        for our, how in OURS.items()
        if measured[our].samples[phase]
    ]
    return ", ".join(said)


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
