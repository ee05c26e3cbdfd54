"""What report files say, whatever their format: test cases, or the coverage of source files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["SUCCEEDED", "FAILED", "ERROR", "SKIPPED", "UNKNOWN"]
"""AWS's words for the result of a case."""

LONGEST = 4_000
"""Characters of a message that are kept."""

_LONGEST_NAME = 1_000

_LONG = 1e9  # seconds; what is longer is no duration


class UnreadableReport(Exception):
    """The file is no report of its format; the text says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `seconds` is what it took; `file` and `line` where it, or its failure, stands, if anybody says."""

    name: str
    suite: str = ""
    status: Status = "SUCCEEDED"
    seconds: float = 0.0
    message: str = ""
    file: str = ""
    line: int = 0

    @property
    def bad(self) -> bool:
        """Whether it makes its report fail."""
        return self.status in ("FAILED", "ERROR")


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of one source file."""

    path: str
    lines: int = 0
    lines_covered: int = 0
    branches: int = 0
    branches_covered: int = 0

    @property
    def line_rate(self) -> float:
        """The covered part of the lines, 0.0 to 1.0."""
        return self.lines_covered / self.lines if self.lines else 1.0


def seconds(text: str | None) -> float:
    """A duration as reports write it: ``1.5``, ``1,234.5``, ``00:01:02.5``. 0.0 for anything else."""
    if not text:
        return 0.0
    try:
        if ":" in text:
            total = 0.0
            for part in text.split(":"):
                total = total * 60 + float(part)
        else:
            total = float(text.replace(",", "") if "." in text else text.replace(",", "."))
    except ValueError:
        return 0.0
    return total if 0.0 <= total < _LONG else 0.0


def number(text: object) -> int:
    """A count, of text or of JSON; 0 where there is none."""
    try:
        return max(0, int(float(text or 0)))  # type: ignore[arg-type]
    except (ValueError, OverflowError, TypeError):
        return 0


def name(text: object) -> str:
    """A name, cut to what is kept."""
    return str(text or "")[:_LONGEST_NAME]


def message(*texts: str | None) -> str:
    """Texts as one, without repetition, cut to what is kept."""
    found: list[str] = []
    for text in texts:
        stripped = (text or "").strip()
        if stripped and not any(stripped in other for other in found):
            found.append(stripped)
    return "\n".join(found)[:LONGEST]
