"""The contract of a provider: it gets a job, it returns an outcome.

A provider is three things: `spec` (what it is), `identify` (what its result depends on besides configuration and
inputs) and `run`. It keeps no state between jobs. `docs/providers.md` is the tutorial.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from engine.artifacts.store import Store
from engine.execution.pausing import From, How, OnFailure, Pause
from engine.model.member import MemberBuild
from engine.model.observation import Observation
from engine.model.outcome import Failure, Part, PhaseRecord, Report, Revision
from engine.model.pipeline import ActionDeclaration, ArtifactStore, EnvironmentVariable
from engine.model.project import ActionSettings, OnChange, ProjectFile
from engine.model.status import ActionStatus, Fidelity

if TYPE_CHECKING:
    from engine.providers.book import BuildBook

Kind = Literal["pure", "effect", "approval", "source", "stub"]
IdleTask = Callable[[Callable[[], bool]], None]
"""Work that can wait. It gets a question to ask all the time: True once it should break off, to be called again."""


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What a provider says of itself; registry, docs and the support table read it.

    `kind` decides reuse. `timeout` is AWS's own limit in seconds. `summary` is one line for the support table,
    `limits` what differs from AWS.
    """

    category: str
    owner: str
    provider: str
    kind: Kind
    fidelity: Fidelity
    on_change: OnChange
    timeout: float
    summary: str
    limits: str = ""
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Job:
    """One action to run, everything resolved. `inputs` maps artifact name to tree digest in declared order.

    `revisions` gives, for each input artifact that comes straight from a source action, that source's revision.
    `root` is the project's directory; `state` greenroom's own (.greenroom). `artifact_store` is what the pipeline
    declares for the action's region: its bucket is where the action would find its artifacts on AWS.
    `on_failure` is what a failed command leads to, `breakpoints` whether the build may be paused by one. With `resume`
    it takes up what `resumes`, an earlier attempt, left in the workspace, and from where.
    `earlier` has the builds of earlier attempts at a batch that may stand for builds of this one, by fingerprint.
    """

    pipeline: str
    execution_id: str
    execution_number: int
    stage: str
    action: ActionDeclaration
    action_execution_id: str
    attempt: int
    configuration: dict[str, str]
    commands: tuple[str, ...]
    environment: tuple[EnvironmentVariable, ...]
    inputs: dict[str, str]
    revisions: dict[str, Revision]
    project: ProjectFile
    settings: ActionSettings
    root: Path
    state: Path
    artifact_store: ArtifactStore | None = None
    earlier: Mapping[str, MemberBuild] = field(default_factory=dict)
    on_failure: OnFailure = "continue"
    breakpoints: bool = False
    resume: From = ""
    resumes: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides a job's result besides its type, resolved configuration and commands, and its inputs.

    `parts`: environment, buildspec, runner and image identity (secret values as keyed digests). `target` names
    what an effect changes (``s3:bucket/prefix``). `reads` narrows the input trees to these globs.
    `fidelity` may be lower than the provider's own. `timeout` in seconds, 0: the provider's. `stands` is False where
    an effect's target visibly lacks what the inputs would put there: then it is applied again.
    """

    parts: tuple[Part, ...] = ()
    target: str = ""
    reads: tuple[str, ...] = ()
    fidelity: Fidelity | None = None
    timeout: float = 0.0
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job. `outputs` maps output artifact name to tree digest (already in the store).

    `tainted`: the action changed its own inputs in the store's links; its result is right, never reused.
    `reports` are the totals of its test reports and code coverage. `stopped_at` is the command at which it failed,
    where a later attempt can take it up there. `observed` is what it was seen to read.
    """

    status: ActionStatus
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    summary: str = ""
    external_id: str = ""
    tainted: bool = False
    reports: tuple[Report, ...] = ()
    stopped_at: Pause | None = None
    observed: Observation | None = None
    phases: tuple[PhaseRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Resumption:
    """How a paused job goes on, who said so, and what the job is by now: sources and settings may have been edited.

    `note` is what the log says of edits that do not count.
    """

    how: How
    job: Job
    by: str = ""
    note: str = ""


@dataclass(slots=True)
class Desk:
    """What a provider works with. `workspace` is its private folder, kept after a failure.

    `report(summary, external_id)` tells screens of progress; `process(pid, birth)` must be called for each
    process group it starts. Cancellation arrives as `asyncio.CancelledError` in `run`: end everything, re-raise.
    `secrets` are values that never may be written anywhere. `afterwards(work)` has something done in a thread while
    nothing runs, where another run is likely; in the workspace it may touch only what no run touches.
    `pause` waits until somebody resumes the job, None where nobody can; `go_on` does so on a program's behalf, and
    `go_on_build` has a build of a batch go on.
    `guide` is what the log tells to do about a pause at `place`.
    `builds` is for a batch to tell of its builds; without one they are nobody's business.
    `observe`: the outcome shall say what was read of the inputs. `background`: nobody waits for this job, it runs
    beside whatever else the machine has to do.
    """

    store: Store
    workspace: Path
    log: Path
    report: Callable[[str, str], None]
    process: Callable[[int, str], None]
    secrets: tuple[str, ...] = ()
    afterwards: Callable[[IdleTask], None] = lambda work: None
    builds: BuildBook | None = None
    pause: Callable[[Pause], Awaitable[Resumption]] | None = None
    go_on: Callable[[How], None] = lambda how: None
    go_on_build: Callable[[How, str], None] = lambda how, build: None
    guide: str = "; look around: greenroom shell {place}; go on: greenroom resume"
    observe: bool = False
    background: bool = False


class IdentityProblem(Exception):
    """The job cannot be run as configured; the action fails with `failure` before it starts."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Provider(Protocol):
    """What runs one kind of action."""

    @property
    def spec(self) -> ProviderSpec:
        """What it is."""

    def identify(self, job: Job, store: Store) -> Identity:
        """What the result depends on. Runs in a thread; raises `IdentityProblem`."""

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Do it. Returns failures as values; raises only `asyncio.CancelledError` or on a defect."""
