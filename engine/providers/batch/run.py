"""Running a batch: its builds beside and after each other, and what they come to together."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

from engine.execution.pausing import Pause
from engine.model.member import MemberBuild
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.batch import merge
from engine.providers.batch.attended import Attended
from engine.providers.batch.diary import Diary
from engine.providers.batch.members import Member, Members
from engine.providers.book import BuildBook, LooseBook, workspace_of
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild.build import Means, run_build
from engine.providers.codebuild.inputs import empty
from engine.providers.codebuild.refused import refused
from engine.providers.codebuild.stand import known_stand
from engine.providers.codebuild.variables import build_id
from engine.providers.contract import Desk, Job, Outcome
from engine.providers.threads import to_the_end
from engine.runners.masking import Masker
from engine.runners.output import open_output

Again = Callable[[Job], Members]
"""The builds of a job that was edited while one of them stood still. Raises `BuildspecError`."""


class BatchRun:
    """One batch. Use `run` once."""

    def __init__(self, of: Members, job: Job, desk: Desk, means: Means, again: Again) -> None:
        self._of = of
        self._again = again
        self._job = job
        self._desk = desk
        self._means = means
        self._book: BuildBook = desk.builds or LooseBook(desk.log)
        self._members = {member.task.identifier: member for member in of.members}
        self._builds: dict[str, MemberBuild] = {}
        self._failures: dict[str, Failure] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._secrets = desk.secrets
        self._tainted = False
        self._stopped_at: Pause | None = None  # where the first one failed that a later attempt can take up
        self.id = build_id(job, of.project)

    async def run(self) -> Outcome:
        """Run all builds that can be run. Cancelled, every one of them is ended first."""
        output = open_output(self._desk.log, self._secrets)
        self._diary = Diary(output, self._means.clock)
        try:
            await self._spec()
            try:
                await self._all()
            except asyncio.CancelledError:
                self._diary.stopped()
                raise
            return await self._outcome()
        finally:
            await output.close()

    # -- DOWNLOAD_BATCHSPEC ----------------------------------------------------------------------------------------

    async def _spec(self) -> None:
        self._desk.report("DOWNLOAD_BATCHSPEC", self.id)
        self._diary.spec(self._of)
        await to_the_end(self._tidy)
        kept = await to_the_end(lambda: {name: self._kept(member) for name, member in self._members.items()})
        for name, member in self._members.items():
            self._builds[name] = kept[name] or MemberBuild(
                identifier=name,
                depends_on=member.task.depends_on,
                ignore_failure=member.task.ignore_failure,
                image=member.image,
            )
        self._book.known(self._builds.values())
        self._diary.kept(build for build in self._builds.values() if build.reused)

    def _kept(self, member: Member) -> MemberBuild | None:
        """An earlier success that stands for this build."""
        found = self._job.earlier.get(member.fingerprint) if member.fingerprint else None
        found = found or self._taken_up(member.task.identifier)
        if found is None or found.identifier != member.task.identifier:
            return None
        trees = [*found.outputs.values(), *(report.details for report in found.reports if report.details)]
        if not all(map(self._desk.store.has, trees)):
            return None
        return dataclasses.replace(
            found, depends_on=member.task.depends_on, ignore_failure=member.task.ignore_failure, image=member.image
        )

    def _taken_up(self, name: str) -> MemberBuild | None:
        """Its success in the attempt that this one takes up, whatever was edited since: the others go on beside it."""
        here = (found for found in self._job.earlier.values() if found.identifier == name)
        return next((found for found in here if self._job.resume and found.origin == self._job.resumes), None)

    def _tidy(self) -> None:
        """Remove the workspaces of builds that the batch does not have any more."""
        here = [workspace_of(self._desk.workspace, name) for name in self._members]
        folder = here[0].parent
        for path in folder.iterdir() if folder.is_dir() else ():
            if path not in here:
                empty(path)
                path.rmdir()

    # -- IN_PROGRESS -----------------------------------------------------------------------------------------------

    async def _all(self) -> None:
        self._diary.entering("IN_PROGRESS")
        try:
            while True:
                self._start_ready()
                self._progress()
                if not self._tasks:
                    break
                await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
                self._take_in()
        finally:
            await self._end_all()

    def _start_ready(self) -> None:
        """Start what nothing stands in front of any more, and give up what never can."""
        for name in self._order():
            build = self._builds[name]
            if build.status != "PENDING" or name in self._tasks:
                continue
            before = [self._builds[other] for other in build.depends_on]
            if all(other.passes for other in before):
                self._tasks[name] = asyncio.ensure_future(self._one(self._members[name]))
            elif over := [other.identifier for other in before if not other.live and not other.passes]:
                self._change(dataclasses.replace(build, status="STOPPED", summary=f"not run: {over[0]} did not pass"))

    def _order(self) -> list[str]:
        """All builds, so that what depends on another one comes after it."""
        found: list[str] = []
        left = dict(self._builds)
        while ready := [name for name, build in left.items() if not set(build.depends_on) & set(left)]:
            found += ready
            for name in ready:
                del left[name]
        return found

    def _take_in(self) -> None:
        """Forget those that are over. Raises what is no failure of a build but a defect."""
        for name in [name for name, task in self._tasks.items() if task.done()]:
            self._tasks.pop(name).result()

    def _hurry(self, bad: MemberBuild) -> None:
        """The first failure ends all other builds, before one of them can take the place that is free now."""
        for name, task in self._tasks.items():
            if name != bad.identifier:
                task.cancel()
        for name, build in self._builds.items():
            if build.status == "PENDING" and name not in self._tasks:
                self._change(dataclasses.replace(build, status="STOPPED", summary="not run: fast-fail"))

    async def _end_all(self) -> None:
        """Whatever still runs is ended; its own log says so."""
        while self._tasks:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._tasks.clear()

    async def _one(self, member: Member) -> None:
        """One build, from its turn to its end."""
        name = member.task.identifier
        try:
            await self._book.begin(dataclasses.replace(self._builds[name], status="IN_PROGRESS"))
            self._builds[name] = dataclasses.replace(self._builds[name], status="IN_PROGRESS")
            self._diary.build(self._builds[name])
            self._progress()
            async with asyncio.timeout(member.identity.timeout or None) as limit:
                outcome = await self._build(member, limit)
        except TimeoutError:
            minutes = member.identity.timeout / 60
            self._failures[name] = Failure("Timeout", f"the build timed out after {minutes:g} minutes")
            self._change(
                dataclasses.replace(self._builds[name], status="TIMED_OUT", summary=f"timed out after {minutes:g} min")
            )
        except asyncio.CancelledError:
            build = self._builds[name]
            hurried = self._of.batch.fast_fail and any(other.bad for other in self._builds.values())
            why = "fast-fail" if hurried else "stopped"
            summary = why if build.running else f"not run: {why}"
            self._change(dataclasses.replace(build, status="STOPPED", summary=summary))
            if not hurried:
                raise
        else:
            self._ended(member, outcome)

    async def _build(self, member: Member, limit: asyncio.Timeout) -> Outcome:
        name = member.task.identifier
        workspace = workspace_of(self._desk.workspace, name)
        workspace.mkdir(parents=True, exist_ok=True)
        attended = Attended(member, self._desk, self._again, limit)
        desk = dataclasses.replace(
            self._desk,
            workspace=workspace,
            log=self._book.log(name),
            report=lambda phase, identity: self._told(name, phase, identity),
            afterwards=lambda work: None,
            builds=None,
            pause=attended.pause if self._desk.pause else None,
            go_on=lambda how: self._desk.go_on_build(how, name),
            observe=False,
        )
        if isinstance(member.plan, BuildspecError):
            return await refused(member.plan, member.job, desk, self._of.project, self._means.clock)
        self._secrets = (*self._secrets, *member.plan.variables.secrets())
        job = member.job
        if job.resume and not known_stand(workspace, job.resumes)[0]:  # it did not stop at a command
            job = dataclasses.replace(job, resume="", resumes="")
        outcome = await run_build(member.plan, job, desk, self._means, attended.replan)
        if outcome.stopped_at:
            outcome = dataclasses.replace(outcome, stopped_at=dataclasses.replace(outcome.stopped_at, build=name))
        return dataclasses.replace(outcome, tainted=outcome.tainted or attended.by_hand or bool(job.resume))

    def _told(self, name: str, phase: str, identity: str) -> None:
        """A build is in another phase."""
        self._builds[name] = dataclasses.replace(self._builds[name], phase=phase, external_id=identity)
        self._book.changed(self._builds[name])

    def _ended(self, member: Member, outcome: Outcome) -> None:
        name = member.task.identifier
        passed = outcome.status is ActionStatus.SUCCEEDED
        if outcome.failure:
            self._failures[name] = outcome.failure
        self._tainted = self._tainted or outcome.tainted
        self._stopped_at = self._stopped_at or outcome.stopped_at
        self._change(
            dataclasses.replace(
                self._builds[name],
                status="SUCCEEDED" if passed else "FAILED",
                summary=outcome.failure.message if outcome.failure else "",
                external_id=outcome.external_id,
                fingerprint=member.fingerprint if passed and not outcome.tainted else "",
                outputs=outcome.outputs,
                variables=outcome.variables,
                reports=outcome.reports,
            )
        )

    def _change(self, build: MemberBuild) -> None:
        """A build is over, one way or another."""
        self._builds[build.identifier] = build
        if build.bad and self._of.batch.fast_fail:
            self._hurry(build)
        self._book.changed(build)
        self._diary.build(build)

    def _progress(self) -> None:
        """What the action says of itself meanwhile."""
        over = sum(not build.live for build in self._builds.values())
        self._desk.report(f"{over} of {len(self._builds)} builds", self.id)

    # -- the end ---------------------------------------------------------------------------------------------------

    async def _outcome(self) -> Outcome:
        builds = list(self._builds.values())
        bad = [build for build in builds if build.bad]
        variables, disputed = merge.exported(builds)
        self._diary.progressed(bad, disputed)
        outputs: dict[str, str] = {}
        if not bad:
            outputs = await self._artifacts(builds)
        mask = Masker(self._secrets).mask
        reports = await to_the_end(lambda: merge.reports(self._of.batch, builds, self._desk.store, mask))
        failure = self._failure(bad) if bad else None
        self._diary.over(failed=bool(bad))
        return Outcome(
            ActionStatus.FAILED if bad else ActionStatus.SUCCEEDED,
            outputs,
            variables,
            failure,
            summary=_summary(builds),
            external_id=self.id,
            tainted=self._tainted,
            reports=reports,
            stopped_at=self._stopped_at if bad else None,
            phases=self._diary.phases(mask),
        )

    async def _artifacts(self, builds: list[MemberBuild]) -> dict[str, str]:
        if self._of.combined is None:
            return {name: tree for build in builds for name, tree in build.outputs.items()}
        self._desk.report("COMBINE_ARTIFACTS", self.id)
        self._diary.entering("COMBINE_ARTIFACTS")
        combined = await to_the_end(lambda: merge.combine(self._desk.store, builds))
        self._diary.combined(self._of.combined, combined)
        return {self._of.combined: combined.tree}

    def _failure(self, bad: list[MemberBuild]) -> Failure:
        """Which builds failed, and why the first of them did."""
        first = self._failures[bad[0].identifier]
        names = ", ".join(build.identifier for build in bad)
        place = f"{self._job.stage}/{self._job.action.name}/{bad[0].identifier}"
        mask = Masker(self._secrets).mask
        message = (
            f"Build batch terminated with state: FAILED. Failed builds: {names}. {bad[0].identifier}: {first.message}"
        )
        hint = f"{first.hint} " if first.hint else ""
        return Failure("JobFailed", mask(message), mask(f"{hint}Its log: greenroom logs {place}"))


def _summary(builds: list[MemberBuild]) -> str:
    """``5 builds``, or how many of them are well and which are not."""
    wrong = [build.identifier for build in builds if build.status != "SUCCEEDED"]
    if not wrong:
        kept = sum(build.reused for build in builds)
        return f"{len(builds)} builds" + (f", {kept} kept" if kept else "")
    shown = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    return f"{len(builds) - len(wrong)} of {len(builds)} builds succeeded, not {shown}"
