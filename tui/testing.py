"""Test results of one action over its runs: what fails, what broke or was mended since, what is flaky, what is slow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, PipelineState
    from engine.reports.model import Case, Covered

LOOK_BACK = 10  # runs in which a test may show that it is flaky
SLOWEST = 8
FLIPS = 2  # changes of mind that make a test flaky

Name = tuple[str, str]
"""A test: its suite and its name."""


@dataclass(frozen=True, slots=True)
class Results:
    """The cases and covered files of one run of an action. `number` is the execution's."""

    number: int
    cases: tuple[Case, ...] = ()
    covered: tuple[Covered, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands out. `broken` fail and did not before; `mended` the other way round; `flaky` go to and fro."""

    latest: Results
    failed: tuple[Case, ...] = ()
    broken: frozenset[Name] = frozenset()
    mended: tuple[Case, ...] = ()
    added: tuple[Case, ...] = ()
    gone: tuple[Case, ...] = ()
    flaky: tuple[Name, ...] = ()
    slowest: tuple[Case, ...] = ()
    before: int = 0  # the number of the run that it is compared with


def reporting_runs(state: PipelineState, run: ActionExecution) -> list[ActionExecution]:
    """The run itself and those before it that made reports, newest first."""
    origin = state.origin(run)
    own = [a for a in state.attempts(run.stage, run.action) if a.reports and not a.reused and not a.live]
    earlier = [a for a in own if a.started_at < origin.started_at]
    return [origin, *reversed(earlier[-LOOK_BACK + 1 :])] if origin.reports else []


def overview(runs: Sequence[Results]) -> Overview:
    """What stands out in the first of these, compared with the others (newest first)."""
    latest, earlier = runs[0], runs[1:]
    failed = tuple(case for case in latest.cases if case.bad)
    slow = sorted((case for case in latest.cases if case.seconds > 0), key=lambda case: -case.seconds)
    found = Overview(latest, failed, slowest=tuple(slow[:SLOWEST]), flaky=_flaky(runs))
    if not earlier:
        return found
    new, old = _by_name(latest), _by_name(earlier[0])
    return Overview(
        latest,
        failed,
        frozenset(name for name, case in new.items() if case.bad and name in old and not old[name].bad),
        tuple(case for name, case in new.items() if not case.bad and name in old and old[name].bad),
        tuple(case for name, case in new.items() if name not in old),
        tuple(case for name, case in old.items() if name not in new),
        found.flaky,
        found.slowest,
        earlier[0].number,
    )


def name_of(case: Case) -> Name:
    """By what a case is known from run to run."""
    return case.suite, case.name


def _by_name(results: Results) -> dict[Name, Case]:
    return {name_of(case): case for case in results.cases}


def _flaky(runs: Sequence[Results]) -> tuple[Name, ...]:
    """Tests that changed their mind at least twice."""
    verdicts: dict[Name, list[bool]] = {}
    for results in runs[:LOOK_BACK]:
        for name, case in _by_name(results).items():
            if case.status != "SKIPPED":
                verdicts.setdefault(name, []).append(case.bad)
    return tuple(name for name, bad in verdicts.items() if sum(a != b for a, b in itertools.pairwise(bad)) >= FLIPS)
