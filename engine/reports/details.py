"""All cases, or all files, of one report: as the store keeps them, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.model.outcome import Report
from engine.reports.model import Case, Covered

FILE = "report.json"


@dataclass(frozen=True, slots=True)
class Details:
    """A report with everything in it."""

    cases: tuple[Case, ...] = ()
    covered: tuple[Covered, ...] = ()


def dump(details: Details, mask: Callable[[str], str]) -> bytes:
    """As JSON. `mask` hides secrets in every text."""
    rows = {
        "cases": [_masked(case, mask) for case in details.cases],
        "covered": [_masked(file, mask) for file in details.covered],
    }
    return json.dumps(rows, ensure_ascii=False).encode("utf-8", "backslashreplace")


def load(raw: bytes) -> Details:
    """Back again. Raises `ValueError` on anything else."""
    try:
        rows = json.loads(raw)
        return Details(tuple(Case(**row) for row in rows["cases"]), tuple(Covered(**row) for row in rows["covered"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"no details of a report: {error}") from error


def summary(group: str, file_format: str, details: Details, *, complete: bool, coverage: bool) -> Report:
    """The totals. A report that misses something is INCOMPLETE, one with a bad case FAILED."""
    if coverage:
        return Report(
            group,
            file_format,
            "coverage",
            "SUCCEEDED" if complete else "INCOMPLETE",
            lines=_sum(file.lines for file in details.covered),
            lines_covered=_sum(file.lines_covered for file in details.covered),
            branches=_sum(file.branches for file in details.covered),
            branches_covered=_sum(file.branches_covered for file in details.covered),
        )
    failed = _sum(case.bad for case in details.cases)
    passed = _sum(case.status == "SUCCEEDED" for case in details.cases)
    return Report(
        group,
        file_format,
        "test",
        "FAILED" if failed else "SUCCEEDED" if complete else "INCOMPLETE",
        passed=passed,
        failed=failed,
        skipped=len(details.cases) - passed - failed,
        seconds=round(sum(case.seconds for case in details.cases), 3),
    )


def _sum(counts: Iterable[int]) -> int:
    return sum(map(int, counts))


def _masked(row: Case | Covered, mask: Callable[[str], str]) -> dict[str, object]:
    values = ((one.name, getattr(row, one.name)) for one in dataclasses.fields(row))
    return {key: mask(value) if isinstance(value, str) and value else value for key, value in values}
