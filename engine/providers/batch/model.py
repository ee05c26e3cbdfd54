"""What the batch section of a buildspec says.

https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.providers.buildspec.model import BuildspecError

Kind = Literal["build-graph", "build-list", "build-matrix", "build-fanout"]
KINDS: tuple[Kind, ...] = ("build-graph", "build-list", "build-matrix", "build-fanout")

MOST_BUILDS = 100
"""CodeBuild's quota for one batch, where the project allows no other number."""


class BatchError(BuildspecError):
    """The batch section cannot be used. `line` is its place in the buildspec, counted from 1; 0 where there is none."""

    def __init__(self, message: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(f"{message} at line {line}" if line else message, hint=hint)
        self.line = line


@dataclass(frozen=True, slots=True)
class BuildEnvironment:
    """What one build of a batch has of its own. Empty, or None: as the project says."""

    variables: dict[str, str] = field(default_factory=dict)
    image: str = ""
    compute_type: str = ""
    type: str = ""
    privileged: bool | None = None
    fleet: str = ""


@dataclass(frozen=True, slots=True)
class BuildTask:
    """One build of a batch. `buildspec` is a path or a buildspec itself; empty: the batch's own.

    `shard` numbers the builds of a fan-out from 1, `shards` says how many there are; 0 for other kinds.
    """

    identifier: str
    buildspec: str = ""
    depends_on: tuple[str, ...] = ()
    ignore_failure: bool = False
    environment: BuildEnvironment = BuildEnvironment()
    debug_session: bool = False
    shard: int = 0
    shards: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A whole batch, its builds in the order of the buildspec."""

    kind: Kind
    builds: tuple[BuildTask, ...]
    fast_fail: bool = False
