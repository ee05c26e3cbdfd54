"""What is wrong with a file, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """How bad: `ERROR` stops the pipeline from loading, `WARNING` does not, `ADVICE` is good practice."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in one file. `line` and `column` count from 1; 0 means the file as a whole.

    `code` is stable (``GR0xx`` greenroom itself, ``GR1xx`` reading, ``GR2xx`` shape, ``GR3xx`` structure, ``GR4xx``
    project file, ``GR5xx`` buildspec, ``GR6xx`` advice); `exception` is the exception AWS would answer with;
    `source` is the text of the offending line.
    """

    code: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    file: Path | None = None
    line: int = 0
    column: int = 0
    length: int = 1
    source: str = ""
    exception: str = ""

    @property
    def is_news(self) -> bool:
        """Something that happened (GR01x), not a fault of a file: said once, it does not stay."""
        return self.code.startswith("GR01")

    @property
    def is_own(self) -> bool:
        """What greenroom says of itself (GR00x), not of a file."""
        return self.code.startswith("GR00")

    def render(self) -> str:
        """The finding as people read it: place, message, the line with a caret, the hint."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else f"{self.file or 'pipeline'}"
        exception = f" ({self.exception})" if self.exception else ""
        lines = [f"{place}: {self.severity}[{self.code}]: {self.message}{exception}"]
        if self.source and self.line:
            margin = f"{self.line:>5} | "
            shown = self.source.expandtabs(1)
            caret = " " * (len(margin) + self.column - 1) + "^" * max(1, min(self.length, len(shown)))
            lines += [margin + shown, caret]
        if self.hint:
            lines.append(f"      = {self.hint}")
        return "\n".join(lines)
