"""Values that pass between providers, the core and the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

OnFailure = Literal["continue", "stop", "pause"]
"""What a failed command leads to: as on AWS, what runs in the stage goes on; the rest is abandoned; or it pauses."""

FailureType = Literal[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
    "Timeout",
    "InternalError",
    "Rejected",
]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an action failed: AWS's failure type, what happened, and what to do about it."""

    type: FailureType
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One source, frozen: the content tree's digest and what people call it.

    `id` is AWS's revision id (a commit id where there is a repository), `summary` the commit's message,
    `label` what screens show (``a1b2c3d +3 files``), `variables` the source action's output variables.
    """

    tree: str
    id: str
    label: str
    summary: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    directory: str = ""


@dataclass(frozen=True, slots=True)
class PhaseRecord:
    """One phase of a build that is over, as BatchGetBuilds tells of it: `code` and `message` are its context.

    `started_at` is a time in seconds since the epoch, `seconds` how long it took.
    """

    phase: str
    status: Literal["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT"]
    started_at: float
    seconds: float
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The totals of one report group of a build. `details` is a tree of the store with every case in it.

    A test report counts cases (`failed` includes errors), a coverage report lines and branches.
    """

    group: str
    file_format: str
    kind: Literal["test", "coverage"]
    status: Literal["SUCCEEDED", "FAILED", "INCOMPLETE"]
    details: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    lines: int = 0
    lines_covered: int = 0
    branches: int = 0
    branches_covered: int = 0

    @property
    def total(self) -> int:
        """How many test cases there are."""
        return self.passed + self.failed + self.skipped

    @property
    def line_rate(self) -> float:
        """The covered part of the lines, 0.0 to 1.0; of no lines none is uncovered."""
        return self.lines_covered / self.lines if self.lines else 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One ingredient of a fingerprint, e.g. ``Part("env", "STAGE", "dev")``."""

    kind: str
    subject: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a fingerprint and the one before it, fit to be read.

    `kind` is the part's kind, or ``first``, ``forced``, ``failed``, ``evicted``, ``pending``; `paths` are the
    first changed paths of a tree, `more` how many further ones changed.
    """

    kind: str
    subject: str = ""
    before: str | None = None
    after: str | None = None
    paths: tuple[str, ...] = ()
    more: int = 0
