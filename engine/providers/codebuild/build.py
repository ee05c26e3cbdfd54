"""One build from DOWNLOAD_SOURCE to UPLOAD_ARTIFACTS, with CodeBuild's transitions and log.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.artifacts.store import TreeMissing
from engine.execution.due import TIMED_OUT
from engine.execution.pausing import How
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.codebuild import variables
from engine.providers.codebuild.acting import Acting, in_container, on_host
from engine.providers.codebuild.cache import BuildCache, Caching
from engine.providers.codebuild.checkpoints import CHECKPOINTS, checkpoints_of
from engine.providers.codebuild.debugging import Debugger, StartOver
from engine.providers.codebuild.hints import hint
from engine.providers.codebuild.inputs import Inputs, empty
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.log import BuildLog
from engine.providers.codebuild.means import Means as Means
from engine.providers.codebuild.no_aws import NoAws, beside_proxies, is_local
from engine.providers.codebuild.observer import Observer
from engine.providers.codebuild.past import Past
from engine.providers.codebuild.phases import COMMAND_ERROR as COMMAND_ERROR
from engine.providers.codebuild.phases import Context as Context
from engine.providers.codebuild.phases import Phases
from engine.providers.codebuild.plan import Plan
from engine.providers.codebuild.position import Position
from engine.providers.codebuild.preamble import preamble
from engine.providers.codebuild.results import Results
from engine.providers.codebuild.toolbox import Toolbox
from engine.providers.codebuild.where import beside, container
from engine.providers.contract import Desk, Job, Outcome
from engine.providers.regained import leave_names
from engine.providers.threads import to_the_end
from engine.runners.bell import Bell
from engine.runners.contract import Runner
from engine.runners.docker.daemon import EngineError
from engine.runners.host import HostRunner
from engine.runners.masking import Masker
from engine.runners.output import Output, open_output
from engine.runners.shell import ShellSession

if TYPE_CHECKING:
    from engine.runners.docker.layers import Layers

Replan = Callable[[Job], Plan]
"""Makes a plan of a job that was edited while it stood still. Raises `BuildspecError`."""


async def run_build(
    plan: Plan, job: Job, desk: Desk, means: Means, replan: Replan, begun: Callable[[Build], None] = lambda build: None
) -> Outcome:
    """A whole build, and anew where whoever debugs it says so; `begun` hears of each."""
    first, changed = (plan, job), False
    while True:
        try:
            build = Build(plan, job, desk, means, replan)
            begun(build)
            outcome = await build.run()
        except StartOver as again:
            plan, job = again.plan, dataclasses.replace(again.job, resume="", resumes="")
            changed = (plan, job.inputs) != (first[0], first[1].inputs)
        else:
            return dataclasses.replace(outcome, tainted=outcome.tainted or changed)


class Build:
    """One build. Use `run` once."""

    def __init__(self, plan: Plan, job: Job, desk: Desk, means: Means, replan: Replan | None = None) -> None:
        self.plan = plan
        self.job = job
        self.desk = desk
        self.layout = Layout(desk.workspace)
        self.id = variables.build_id(job, plan.project)
        self._started = means.clock()
        self._clock = means.clock
        self._container = container(plan.container, job, desk, plan.kept_folders(job)) if plan.container else None
        self._toolbox = Toolbox(job, plan, self.layout)
        self._laid: dict[str, str] = {}  # the variables that lead to them
        self._replan = replan or (lambda job: plan)
        self._image: dict[str, str] = {}  # the variables that come with it
        self._secrets = (*desk.secrets, *plan.variables.secrets())
        self._masker = Masker(self._secrets)
        self._services = beside(plan.services, job, desk, self._secrets) if plan.services else None
        self._inputs = Inputs(job.inputs, plan.primary, self.layout, desk.store)
        self._observer = Observer(desk, self._inputs, in_container=bool(plan.container), secrets=self._secrets)
        grace = 0.0 if desk.background else means.grace
        self._runner: Runner = self._container or HostRunner(
            job.action_execution_id, desk.process, grace=grace, wrap=self._observer.wrap
        )
        self._layers: Layers | None = None  # checkpoints of the container
        self._failed: Context | None = None
        self._phase = "DOWNLOAD_SOURCE"
        self._results: Results | None = None
        self._ready_at = 0  # by the clock of files

    async def run(self) -> Outcome:
        """Do it all. Whatever happens, no process stays behind and the log is whole."""
        try:
            outcome = await self._run()
            succeeded = outcome.status is ActionStatus.SUCCEEDED and not outcome.tainted
            observed = await to_the_end(lambda: self._observer.observation(self._hides, succeeded=succeeded))
            return dataclasses.replace(outcome, observed=observed, phases=self.log.told(self._masker.mask))
        finally:
            self._observer.close()

    def _hides(self, text: str) -> bool:
        return self._masker.mask(text) != text

    async def _run(self) -> Outcome:
        output = open_output(self.desk.log, self._secrets)
        self.log = BuildLog(output, self._clock)
        self._debugger = self._made_debugger()
        self._caches = Caching(self.plan.spec.cache, self._kept(), self._masker)
        no_aws = NoAws(self.log.say, self._toolbox.aws)
        try:
            self._endpoint = await no_aws.open() if is_local(self.job.project) else ""
            tainted = await self._all_phases(output)
        except asyncio.CancelledError as cut:
            if TIMED_OUT in cut.args:
                self.log.complete(
                    self._phase, state="TIMED_OUT", code="BUILD_TIMED_OUT", message="Build has timed out."
                )
            else:
                self.log.complete(self._phase, state="STOPPED")
            raise
        except OSError as error:
            return self._broken(error)
        finally:
            try:
                await no_aws.close()
                await self._runner.end()
                if self._layers:
                    await self._layers.drop()
                if self._services:
                    await self._services.end()
                await to_the_end(self._toolbox.close)
                self.desk.afterwards(self._inputs.prepare_spares)
            finally:
                await output.close()
        return self._outcome(tainted)

    async def _all_phases(self, output: Output) -> bool:
        place = await self._provision()
        self._report("DOWNLOAD_SOURCE")
        taken = await to_the_end(self._debugger.take_up)
        if taken is None:
            await to_the_end(self._download)
        self._acting = await to_the_end(self._act)
        notes = (*self._acting.notes, *await to_the_end(self._git))
        self.log.say(*await to_the_end(lambda: preamble(self.plan, self.layout, place, notes, self.job.inputs)))
        self.shell = self._session()
        failed = None
        try:
            await self._ready(output, restored=taken is not None)
            goes_on = await self._command_phases(output, await self._debugger.begin(self.shell, taken))
            await self._runner.fetch()
            self._results = results = self._made_results()
            await results.collect_reports()
            if goes_on:
                self._phase = "UPLOAD_ARTIFACTS"
                await results.upload()
            failed = results.failed is not None
            if not failed:
                await self._caches.save()
        finally:
            self._debugger.close(failed=failed)
            self.shell.close()
        return await to_the_end(self._tainted)

    async def _ready(self, output: Output, *, restored: bool) -> None:
        """Get the place ready where commands run, and what an earlier build has kept for this one."""
        late = self._caches.asks_the_shell
        if not late and not restored:  # an engine that gets a copy of the source gets the cache with it
            await self._caches.restore(self.shell, self._values)
        await self._runner.prepare((self.layout.workspace, *self.shell.folders), output)
        if late and not restored:
            await self._caches.restore(self.shell, self._values)
        self.log.complete("DOWNLOAD_SOURCE")
        self._ready_at = self.layout.scratch.stat().st_mtime_ns
        if self._container and not self._container.is_mounted:
            self._debugger.past.files = None  # its files are elsewhere
        elif self._container and self._debugger.past.files and self.desk.pause:
            self._layers = self._container.layers(self._debugger.past.files.keep, self.log.say)
            await self._debugger.past.in_container(self._layers)
        if self.job.breakpoints and self.desk.pause and self._is_beside:
            bell = Bell(self.layout.bell, self.shell.folders[-1], self._resume)
            self._debugger.hang_up(bell)

    async def _command_phases(self, output: Output, start: Position) -> bool:
        """INSTALL to POST_BUILD. Returns whether UPLOAD_ARTIFACTS is attempted."""
        phases = Phases(
            self.shell, self.log, output, self._debugger, report=self._report, become=self._become, hint=self._hint
        )
        try:
            return await phases.run(start)
        finally:
            self._failed = phases.failed
            self.plan, self.job = self._debugger.plan, self._debugger.job

    def _made_results(self) -> Results:
        return Results(
            plan=self.plan,
            job=self.job,
            desk=self.desk,
            layout=self.layout,
            shell=self.shell,
            log=self.log,
            observer=self._observer,
            masker=self._masker,
            ready_at=self._ready_at,
            failed=self._failed,
            report=self._report,
        )

    @property
    def names(self) -> dict[str, str]:
        """The names of artifacts, as the shell expanded them."""
        return self._results.names if self._results else {}

    async def _become(self, phase: str) -> None:
        """Have a phase's commands run as the user that the buildspec names."""
        folders = [self._inputs.folder(name) for name in self.job.inputs] or [self.layout.source]
        caches = map(Path, self.plan.kept_folders(self.job)) if self._container else ()
        await self.shell.become(self._acting.user(phase), self._acting.usual, [*folders, self.layout.outputs, *caches])

    def _act(self) -> Acting:
        spec = self.plan.spec
        return in_container(spec) if self._container else on_host(spec, self.layout, self.job.state)

    def _git(self) -> tuple[str, ...]:
        from engine.providers.codebuild import git_access

        wanted = self.plan.spec.environment.git_helper
        return git_access.notes(self.plan.variables.values, in_container=bool(self._container)) if wanted else ()

    def _hint(self, text: str, status: int) -> str:
        return hint(self.job, self._debugger.plan, text, status, self.desk.log)

    @property
    def _is_beside(self) -> bool:
        """Whether commands run under this very kernel, with these very files."""
        return self._container is None or self._container.is_beside

    def _resume(self, how: str) -> None:
        """What `codebuild-resume` asks for."""
        self.desk.go_on(cast("How", how or self._debugger.usual))

    def _made_debugger(self) -> Debugger:
        keep = self.job.project.checkpoints
        keep = (CHECKPOINTS if self.job.on_failure == "pause" else 0) if keep is None else keep
        return Debugger(
            plan=self.plan,
            job=self.job,
            desk=self.desk,
            inputs=self._inputs,
            mask=self._masker.mask,
            say=self.log.say,
            replan=self._replan,
            values=self._values_of,
            past=Past(self.log.say, checkpoints_of(self._inputs, keep) if keep else None),
        )

    async def _provision(self) -> str:
        """Find the container's image, and start what runs beside it. Returns what the log says of the place."""
        if self._container is None:
            await self._start_services(None)
            return ""
        self._report("PROVISIONING")
        image = await self._container.provide(self.log.say)
        self._image = image.environment
        if self._endpoint:
            self._endpoint = self._container.reachable(self._endpoint)
        await self._start_services(self._container.network)
        return f"docker runner, {image.name} ({image.id.removeprefix('sha256:')[:12]})"

    async def _start_services(self, network: str | None) -> None:
        if self._services is None:
            return
        self._report("PROVISIONING")
        reach = await self._services.start(network, self.log.say)
        self._image = self._image | dict(reach.variables)
        self._observer.expects(reach.variables.values())
        if self._container:
            self._container.join(reach)

    def _kept(self) -> BuildCache:
        place = "kept in .greenroom/caches" if self._container else "this machine's own folder"
        return BuildCache(self.job.state, self.plan.project, self.layout.source, self.desk.store, self.log.say, place)

    def _values_of(self, plan: Plan, job: Job) -> dict[str, str]:
        """The variables that a build begins with."""
        own = variables.complete(job, self.desk, plan.project, plan.primary, self._started)
        given = plan.variables.values
        own = {name: value for name, value in own.items() if name not in variables.REGIONS or name not in given}
        values = self._image | given | own
        if plan.container:
            values["CODEBUILD_BUILD_IMAGE"] = plan.container.image
        if self._endpoint:
            values = beside_proxies(values) | {"AWS_ENDPOINT_URL": values.get("AWS_ENDPOINT_URL", self._endpoint)}
        # What the project file says of this one action is the last word, even over CodeBuild's own variables.
        values |= job.settings.environment
        if plan.folders:
            values |= self._folder_variables()
        return values | self._laid

    def _session(self) -> ShellSession:
        self._laid = self._toolbox.lay(self._values_of(self.plan, self.job))
        if self._container:
            self._container.before_each(self._toolbox.prologue)
        self._values = self._values_of(self.plan, self.job)
        self._observer.expects(value for name, value in self._values.items() if _is_address(name))
        session = ShellSession(
            self._runner,
            self.plan.shell,
            self.layout.scratch,
            directory=self.layout.source,
            environment=self._values,
            secrets=self._secrets,
            carry=self.plan.spec.carries,
        )
        place = (self.job.stage, self.job.action.name.partition("/")[0])
        leave_names(self.layout.scratch, self.plan.variables, project=self.plan.project, place=place)
        return session

    def _folder_variables(self) -> dict[str, str]:
        outputs = self.job.action.outputArtifacts
        found = {f"GREENROOM_INPUT_{_identifier(name)}": str(self._inputs.folder(name)) for name in self.job.inputs}
        return found | {
            f"GREENROOM_OUTPUT_{_identifier(out.name)}": str(self.layout.output(out.name)) for out in outputs
        }

    def _download(self) -> None:
        self._inputs.place()
        for artifact in self.job.action.outputArtifacts if self.plan.folders else ():
            empty(self.layout.output(artifact.name))

    def _tainted(self) -> bool:
        """Whether a command wrote into the store through a link of its input."""
        self._observer.settle()
        changed = self._inputs.mutated()
        if changed:
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            self.log.say(f"Inputs were changed in place: {', '.join(changed[:3])}{more}; this result is not reused")
        return bool(changed)

    def _report(self, phase: str) -> None:
        self._phase = phase
        self.desk.report(phase, self.id)

    def _broken(self, error: OSError) -> Outcome:
        """The machine, not the build, failed: a full disk, an input that left the store."""
        code = "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE" if self._phase == "PROVISIONING" else "CLIENT_ERROR"
        self.log.complete(self._phase, code=code, message=str(error))
        gone = isinstance(error, TreeMissing)
        advice = "Run the action that makes this input again." if gone else "Look at disk space and permissions."
        advice = error.hint if isinstance(error, EngineError) else advice
        failure = Failure("SystemUnavailable", self._masker.mask(f"{self._phase}: {error}"), advice)
        return Outcome(ActionStatus.FAILED, failure=failure, external_id=self.id)

    def _outcome(self, tainted: bool) -> Outcome:
        assert self._results
        results, failed = self._results, self._results.failed
        if failed is None:
            return Outcome(
                ActionStatus.SUCCEEDED,
                results.outputs,
                results.exported,
                external_id=self.id,
                tainted=tainted,
                reports=results.reports,
            )
        text = (
            f"Build terminated with state: FAILED. Phase: {failed.phase}, Code: {failed.code}, "
            f"Message: {failed.message}"
        )
        failure = Failure("JobFailed", self._masker.mask(text), self._masker.mask(failed.hint))
        return Outcome(
            ActionStatus.FAILED,
            variables=results.exported,
            failure=failure,
            summary=f"{failed.phase} failed",
            external_id=self.id,
            tainted=tainted,
            reports=results.reports,
            stopped_at=self._debugger.stopped_at,
        )


def _is_address(name: str) -> bool:
    """Whether a variable says where something is that reads no files for a build: an endpoint of AWS, a proxy."""
    return name.startswith("AWS_ENDPOINT_URL") or name.lower().endswith("_proxy")


def _identifier(name: str) -> str:
    """An artifact's name as part of a variable's."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)
