"""What the tests of an action say now, compared with an earlier run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.artifacts.store import Store
from engine.model.outcome import Report
from engine.reports.details import FILE, load
from engine.reports.model import Case

MOST = 200  # names of one kind that are listed


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of test cases."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.skipped


@dataclass(frozen=True, slots=True)
class TestChange:
    """The tests of one action. `broken` fail now and did not before, `mended` the other way round.

    `before` is None where there is nothing to compare with; `lines` and `lines_before` are covered parts, 0.0 to 1.0.
    """

    __test__ = False  # not a test of pytest's

    place: str
    now: Totals
    before: Totals | None = None
    broken: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lines: float | None = None
    lines_before: float | None = None


def compare(store: Store, place: str, before: Iterable[Report] | None, now: Iterable[Report]) -> TestChange:
    """What changed in the tests of an action; `before` is None where it made no reports then."""
    now = tuple(now)
    old = tuple(before) if before is not None else None
    new_cases, old_cases = _cases(store, now), _cases(store, old or ())
    bad, was_bad = ({name for name, case in cases.items() if case.bad} for cases in (new_cases, old_cases))
    known = old_cases.keys() & new_cases.keys()
    return TestChange(
        place,
        _totals(now),
        _totals(old) if old is not None else None,
        broken=_named(bad - was_bad if old_cases else ()),
        mended=_named((was_bad - bad) & known),
        failing=_named(bad & was_bad if old_cases else bad),
        added=_named(new_cases.keys() - old_cases.keys() if old_cases else ()),
        gone=_named(old_cases.keys() - new_cases.keys() if new_cases else ()),
        lines=_covered(now),
        lines_before=_covered(old or ()),
    )


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names)[:MOST])


def _totals(reports: Iterable[Report]) -> Totals:
    tests = [report for report in reports if report.kind == "test"]
    return Totals(*(sum(getattr(report, name) for report in tests) for name in ("passed", "failed", "skipped")))


def _covered(reports: Iterable[Report]) -> float | None:
    covers = [report for report in reports if report.kind == "coverage" and report.lines]
    lines = sum(report.lines for report in covers)
    return sum(report.lines_covered for report in covers) / lines if lines else None


def _cases(store: Store, reports: Iterable[Report]) -> dict[str, Case]:
    """By full name; none where the details are not kept any more."""
    found: dict[str, Case] = {}
    for report in reports:
        if report.kind == "test" and report.details:
            try:
                cases = load(store.read(report.details, FILE)).cases
            except (OSError, ValueError):
                continue
            found |= {".".join(filter(None, (case.suite, case.name))): case for case in cases}
    return found
