"""One buildspec without a pipeline: the directory as source, the log as a pipeline's build has it, no history.

Nothing is reused and nothing remembered: only the store is shared with the pipelines of the directory, and the cache
section of the buildspec.
"""

from __future__ import annotations

import dataclasses
import fcntl
import getpass
import os
import posixpath
import shlex
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.artifacts.archive import export_folder
from engine.artifacts.revision import revision
from engine.artifacts.snapshot import Snapshotter
from engine.execution.pausing import From, OnFailure, Pause
from engine.journal.directory import ensure
from engine.journal.logs import safe_name
from engine.model.diagnostics import Severity
from engine.model.member import MemberBuild, build_uuid
from engine.model.outcome import Failure, Revision
from engine.model.pipeline import ActionDeclaration
from engine.model.project import ActionSettings, ProjectFile
from engine.model.status import ActionStatus
from engine.opening import SECRETS, STATE, OpenError, Options, with_environment
from engine.providers.book import LooseBook, workspace_of
from engine.providers.buildspec.locate import DEFAULT, Located
from engine.providers.buildspec.model import Artifacts, Buildspec, BuildspecError, found_at
from engine.providers.buildspec.parse import has_batch, parse
from engine.providers.codebuild.build import Build, run_build
from engine.providers.codebuild.means import Means
from engine.providers.codebuild.plan import Plan, plan
from engine.providers.codebuild.provider import CodeBuildProvider
from engine.providers.codebuild.refused import refused
from engine.providers.contract import Desk, IdentityProblem, Job, Outcome, Resumption
from engine.providers.threads import to_the_end
from engine.reading.project_file import load_project
from engine.sealed import clear, store_beside
from engine.sources import LITTER
from engine.stopped import Attend, Last, Still, last

if TYPE_CHECKING:
    from engine.providers.batch.members import Members

SOURCE = "Source"
PRIMARY = ""
"""The name of the top-level artifacts among the outputs."""

_RUNNING = "running"  # the file that says which build is at work


@dataclass(frozen=True, slots=True)
class Built:
    """What became of it. `artifacts` maps a path below the wanted folder to a tree of the store.

    `builds` are those of a batch.
    """

    outcome: Outcome
    artifacts: Mapping[str, str]
    builds: tuple[MemberBuild, ...] = ()


class OneBuild:
    """A build of one buildspec, or of its batch where it has one. `file` is None for the directory's own buildspec.yml.

    `plain`: the build that StartBuild would start, batch or no batch. `only` are the builds of the batch that are
    wanted, by identifier; empty: all. `resume`: it takes up where the last build of that name stopped. `sources` are
    the secondary ones, by identifier.
    """

    def __init__(
        self,
        options: Options,
        file: Path | None,
        project_name: str = "",
        *,
        plain: bool = False,
        only: tuple[str, ...] = (),
        resume: From = "",
        sources: Mapping[str, Path] | None = None,
    ) -> None:
        """Raises `OpenError` where greenroom.yaml cannot be used, the file is not there, or nothing to be taken up."""
        project, findings = load_project(options.directory)
        errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
        if errors:
            raise OpenError("greenroom.yaml cannot be used", diagnostics=errors)
        self.project, self.secrets = with_environment(project, options)
        self.directory = options.directory
        self.name = project_name or options.directory.name
        self.place = options.directory / STATE / "builds" / safe_name(self.name)
        self.log = self.place / "log"
        self._jobs = options.jobs or project.jobs or os.cpu_count() or 2
        self._plain = plain
        self._only = only
        self._folders = {SOURCE: options.directory, **(sources or {})}
        self._builds: dict[str, MemberBuild] = {}
        self._standing: Still | None = None
        self._resume = resume
        self._last = last(self.place) if resume else None
        if resume and self._last is None:
            raise OpenError(f"no build of {self.name} stopped at a command here", "greenroom build starts one.")
        self._file = file or _own_buildspec(options.directory, self.project, project_name)
        self._store = store_beside(ensure(options.directory / STATE), encrypt=self.project.encrypt)

    async def run(self) -> Built:
        """Build. Cancelled, everything it started is ended."""
        with self._alone():
            for old in (self.log, *self.place.glob(f"{self.log.name}.*")):
                old.unlink(missing_ok=True)
            job = self._job(self._trees())
            (self.place / _RUNNING).write_text(job.action_execution_id)
            self._note(job)
            desk = Desk(
                store=self._store,
                workspace=self.place,
                log=self.log,
                report=lambda summary, external_id: None,
                process=lambda pid, birth: None,
                secrets=self.secrets,
                guide="",
            )
            if standing := self._standing:
                desk.pause, desk.go_on, desk.go_on_build = partial(self._pause, job), standing.go_on, standing.go_on
            try:
                built = await self._build(job, desk)
            finally:
                self._note(job)
            if not self._store.links and built.outcome.status.passes:
                clear(self.place, keep=self.log.name)
            return built

    def attend(self, asked: Attend, wished: OnFailure | None = None) -> None:
        """Where a command fails it stands still, and somebody is asked, if that or greenroom.yaml wants it so."""
        if (wished or self.project.on_failure) == "pause":
            self._standing = Still(asked, builds=self._builds)

    @property
    def still(self) -> bool:
        """Whether it stands still, and nothing else goes on."""
        return self._standing is not None and self._standing.still

    def workspace(self, build: str = "") -> Path:
        """Where it works, or that build of its batch."""
        return workspace_of(self.place, build)

    async def _pause(self, job: Job, pause: Pause) -> Resumption:
        assert self._standing
        how, by_program = await self._standing.wait(pause)
        trees = await to_the_end(self._trees)
        now = dataclasses.replace(job, inputs=trees, revisions={SOURCE: self._revision(trees[SOURCE])})
        return Resumption(how, now, "codebuild-resume" if by_program else "")

    def _trees(self) -> dict[str, str]:
        """The sources as they are now."""
        return {
            name: Snapshotter(folder, self._store, exclude=(*LITTER, f"/{SECRETS}")).scan()
            for name, folder in self._folders.items()
        }

    def _note(self, job: Job) -> None:
        done = {name for name, build in self._builds.items() if build.status == "SUCCEEDED"}
        done |= set(self._last.done) if self._last else set()
        Last(job.action_execution_id, self._again, tuple(sorted(done))).write(self.place)

    def export(self, built: Built, folder: Path) -> list[Path]:
        """Write the artifacts out. Raises `OSError`."""
        for path, tree in built.artifacts.items():
            export_folder(self._store, tree, folder / path)
        return [folder / path for path in built.artifacts]

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    async def _build(self, job: Job, desk: Desk) -> Built:
        provider = CodeBuildProvider()
        try:
            provider.identify(job, desk.store)
        except IdentityProblem as problem:
            return Built(Outcome(ActionStatus.FAILED, failure=problem.failure), {})
        try:
            located = self._located()
            with found_at(located.path):
                if not self._plain and has_batch(located.text):
                    return await self._batch(job, desk, located)
                made = self._planned(job, located)
        except BuildspecError as error:
            return Built(await refused(error, job, desk, self.name, Means().clock), {})
        begun: list[Build] = []
        outcome = await run_build(
            made, job, desk, Means(), lambda now: self._planned(now, self._located()), begun.append
        )
        return Built(outcome, _placed(begun[-1].plan.spec, outcome.outputs, begun[-1].names))

    def _planned(self, job: Job, located: Located) -> Plan:
        """The one build that the buildspec is. Raises `BuildspecError`."""
        if self._only:
            raise BuildspecError(f"{self._file.name} has no batch, so no build {', '.join(self._only)}")
        spec = parse(located.text)
        return plan(
            job,
            spec,
            project=self.name,
            primary=SOURCE,
            location=located.path,
            outputs=_outputs(spec),
            exported=spec.environment.exported,
        )

    async def _batch(self, job: Job, desk: Desk, located: Located) -> Built:
        """All builds of a batch, or those that are wanted. Raises `BuildspecError`."""
        from engine.providers.batch.members import members, selected
        from engine.providers.batch.run import BatchRun

        def found(now: Job, located: Located) -> Members:
            every = members(now, desk.store, self.name, located, everything=True)
            done = self._last.done if self._last else ()
            left = [one.task.identifier for one in every.members if one.task.identifier not in done]
            return selected(every, self._only or left) if self._only or done else every

        desk.builds = book = LooseBook(desk.log, self._jobs, self._heard)
        if self._standing:
            self._standing.book = book
        batch = BatchRun(found(job, located), job, desk, Means(), lambda now: found(now, self._located()))
        outcome = await batch.run()
        return Built(outcome, outcome.outputs, tuple(self._builds.values()))

    def _heard(self, build: MemberBuild) -> None:
        """There is news of a build of the batch."""
        before = self._builds.get(build.identifier)
        started = before.started_at if before else 0.0
        if build.running and not started:
            started = time.time()
        ended = 0.0 if build.live or not started else time.time()
        self._builds[build.identifier] = dataclasses.replace(build, started_at=started, ended_at=ended)

    def logs(self) -> dict[str, Path]:
        """The logs of the builds of a batch that have begun, by identifier."""
        book = LooseBook(self.log)
        return {name: book.log(name) for name, build in self._builds.items() if build.started_at}

    def _located(self) -> Located:
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BuildspecError(f"{self._file.name} cannot be read: {error}") from error
        inside = self._file.resolve().is_relative_to(self.directory.resolve())
        return Located(text, str(self._file.resolve().relative_to(self.directory.resolve())) if inside else "")

    def _job(self, inputs: dict[str, str]) -> Job:
        identity = str(uuid.uuid4())
        kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
        action = ActionDeclaration.model_validate(
            {
                "name": self.name,
                "actionTypeId": kind,
                "configuration": {"ProjectName": self.name},
                "inputArtifacts": [{"name": name} for name in inputs],
            }
        )
        return Job(
            pipeline="build",
            execution_id=identity,
            execution_number=1,
            stage="Build",
            action=action,
            action_execution_id=identity,
            attempt=1,
            configuration={"ProjectName": self.name},
            commands=(),
            environment=(),
            inputs=inputs,
            revisions={SOURCE: self._revision(inputs[SOURCE])},
            project=self.project,
            settings=ActionSettings(environment={"CODEBUILD_INITIATOR": _me()}),
            root=self.directory,
            state=self.directory / STATE,
            on_failure="pause" if self._standing else "continue",
            breakpoints=self._standing is not None and self.project.breakpoints != "off",
            resume=self._resume,
            resumes=self._last.id if self._last else "",
        )

    @property
    def _again(self) -> str:
        """What takes up where it stopped."""
        file = [] if self._file == self.directory / DEFAULT else [os.path.relpath(self._file, self.directory)]
        project = [] if self.name == self.directory.name else ["--project", self.name]
        return shlex.join(["greenroom", "build", *file, *project, "--from", "command"])

    def _revision(self, tree: str) -> Revision:
        return revision(self.directory, tree, provider="CodeCommit", configuration={}, store=self._store)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two builds of one name would share a workspace."""
        self.place.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise OpenError(
                    f"a build of {self.name} runs here already", "wait for it, or name another --project"
                ) from None
            _end_killed(self.place)
            try:
                yield
            finally:
                (self.place / _RUNNING).unlink(missing_ok=True)
        finally:
            os.close(handle)


def _end_killed(place: Path) -> None:
    """End what a build left running, and in memory, that was killed here."""
    note = place / _RUNNING
    if not note.is_file():
        return
    from engine.journal.processes import end_marked
    from engine.recovery import forget_secrets_of, marker

    one = note.read_text()
    members = list(place.glob("builds/*"))
    for identity in (one, *(build_uuid(one, member.name) for member in members)):
        end_marked(marker(identity))
    for workspace in (place, *members):
        forget_secrets_of(workspace)
    note.unlink()


def _own_buildspec(directory: Path, project: ProjectFile, name: str) -> Path:
    settings = project.projects.get(name)
    file = directory / ((settings.buildspec if settings else None) or DEFAULT)
    if not file.is_file():
        raise OpenError(f"there is no {file.name} in {file.parent}", "name the buildspec: greenroom build FILE")
    return file


def _outputs(spec: Buildspec) -> dict[str, Artifacts]:
    own = {PRIMARY: spec.artifacts} if spec.artifacts is not None else {}
    return {**own, **spec.secondary}


def _placed(spec: Buildspec, outputs: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Where each artifact goes: its prefix and name, the secondary ones below their identifier."""
    found = {}
    for output, tree in outputs.items():
        artifacts = spec.secondary[output] if output else spec.artifacts
        prefix = artifacts.s3_prefix if artifacts else ""
        path = posixpath.normpath(posixpath.join("/", prefix, output, names.get(output, ""))).lstrip("/")
        found[path] = tree
    return found


def without_advice(failure: Failure) -> Failure:
    """The failure of a build of its own: there is no action whose shell could be opened."""
    hint = failure.hint.partition(" `greenroom shell ")[0].partition("Its log: ")[0].strip()
    return dataclasses.replace(failure, hint=hint)


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in the password database, as in many containers
        return str(os.getuid())
