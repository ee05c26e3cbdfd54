"""Totals of reports in words."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.outcome import Report


def told(report: Report) -> str:
    """One report: ``12 passed, 1 failed``, or ``81.2% of 340 lines covered``."""
    if report.kind == "coverage":
        return _covered(report.lines, report.lines_covered, report.branches, report.branches_covered)
    return _counted(report.passed, report.failed, report.skipped) + (
        ", incomplete" if report.status == "INCOMPLETE" else ""
    )


def all_told(reports: Iterable[Report]) -> str:
    """Several together: tests first, then coverage; empty where there are none."""
    tests = [report for report in reports if report.kind == "test" and (report.total or report.status != "INCOMPLETE")]
    covers = [report for report in reports if report.kind == "coverage" and report.lines]
    parts = []
    if tests:
        passed, failed, skipped = (sum(getattr(r, name) for r in tests) for name in ("passed", "failed", "skipped"))
        parts.append(_counted(passed, failed, skipped))
    if covers:
        names = ("lines", "lines_covered", "branches", "branches_covered")
        parts.append(_covered(*(sum(getattr(r, name) for r in covers) for name in names)))
    return "; ".join(parts)


def _counted(passed: int, failed: int, skipped: int) -> str:
    parts = [f"{passed} passed"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{skipped} skipped"] if skipped else []
    return ", ".join(parts)


def _covered(lines: int, covered: int, branches: int, taken: int) -> str:
    if not lines:
        return "no coverage"
    return f"{covered / lines:.1%} of {lines} lines covered" + (f", {taken} of {branches} branches" if branches else "")
