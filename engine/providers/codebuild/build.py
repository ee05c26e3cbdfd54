"""One build from DOWNLOAD_SOURCE to UPLOAD_ARTIFACTS, with CodeBuild's transitions and log.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

from __future__ import annotations

import asyncio
import re
import signal
from dataclasses import dataclass

from engine.artifacts.store import TreeMissing
from engine.model.outcome import Failure, Report
from engine.model.status import ActionStatus
from engine.providers.buildspec.model import PHASES, Artifacts, BuildspecError, Phase
from engine.providers.codebuild import variables
from engine.providers.codebuild.cache import BuildCache, Caching
from engine.providers.codebuild.collect import Collector, mentioned, put
from engine.providers.codebuild.hints import hint
from engine.providers.codebuild.inputs import Inputs, empty
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.log import BuildLog
from engine.providers.codebuild.means import Means as Means
from engine.providers.codebuild.no_aws import NoAws, beside_proxies, is_local
from engine.providers.codebuild.plan import Plan
from engine.providers.codebuild.preamble import preamble
from engine.providers.codebuild.toolbox import Toolbox
from engine.providers.codebuild.where import container
from engine.providers.contract import Desk, Job, Outcome
from engine.providers.threads import to_the_end
from engine.runners.contract import Runner
from engine.runners.docker.daemon import EngineError
from engine.runners.host import HostRunner
from engine.runners.masking import Masker
from engine.runners.output import Output, open_output
from engine.runners.shell import ShellSession

COMMAND_ERROR = "COMMAND_EXECUTION_ERROR"


@dataclass(frozen=True, slots=True)
class Context:
    """A failed phase's context, as AWS shows it."""

    phase: str
    code: str
    message: str
    hint: str = ""


class Build:
    """One build. Use `run` once."""

    def __init__(self, plan: Plan, job: Job, desk: Desk, means: Means) -> None:
        self.plan = plan
        self.job = job
        self.desk = desk
        self.layout = Layout(desk.workspace)
        self.id = variables.build_id(job, plan.project)
        self._started = means.clock()
        self._clock = means.clock
        self._container = container(plan.container, job, desk, plan.kept_folders(job)) if plan.container else None
        self._runner: Runner = self._container or HostRunner(job.action_execution_id, desk.process, grace=means.grace)
        self._toolbox = Toolbox(job, plan, self.layout)
        self._image: dict[str, str] = {}  # the variables that come with it
        self._secrets = (*desk.secrets, *plan.variables.secrets())
        self._masker = Masker(self._secrets)
        self._inputs = Inputs(job.inputs, plan.primary, self.layout, desk.store)
        self._failed: Context | None = None
        self._phase = "DOWNLOAD_SOURCE"
        self._outputs: dict[str, str] = {}
        self._exported: dict[str, str] = {}
        self._reports: tuple[Report, ...] = ()
        self.names: dict[str, str] = {}  # of artifacts, as the shell expanded them

    async def run(self) -> Outcome:
        """Do it all. Whatever happens, no process stays behind and the log is whole."""
        output = open_output(self.desk.log, self._secrets)
        self.log = BuildLog(output, self._clock)
        self._caches = Caching(self.plan.spec.cache, self._kept(), self._masker)
        no_aws = NoAws(self.log.say, self._toolbox.aws)
        try:
            self._endpoint = await no_aws.open() if is_local(self.job.project) else ""
            tainted = await self._all_phases(output)
        except asyncio.CancelledError:
            self.log.complete(self._phase, state="STOPPED")
            raise
        except OSError as error:
            return self._broken(error)
        finally:
            try:
                await no_aws.close()
                await self._runner.end()
                await to_the_end(self._toolbox.close)
                self.desk.afterwards(self._inputs.prepare_spares)
            finally:
                await output.close()
        return self._outcome(tainted)

    async def _all_phases(self, output: Output) -> bool:
        place = await self._provision()
        self._report("DOWNLOAD_SOURCE")
        await to_the_end(self._download)
        self.log.say(*await to_the_end(lambda: preamble(self.plan, self.layout, place)))
        self.shell = self._session()
        try:
            late = self._caches.asks_the_shell
            if not late:  # an engine that gets a copy of the source gets the cache with it
                await self._caches.restore(self.shell, self._values)
            await self._runner.prepare((self.layout.workspace, *self.shell.folders), output)
            if late:
                await self._caches.restore(self.shell, self._values)
            self.log.complete("DOWNLOAD_SOURCE")
            goes_on = await self._command_phases(output)
            await self._runner.fetch()
            await self._collect_reports()
            if goes_on:
                await self._upload()
            if self._failed is None:
                await self._caches.save()
        finally:
            self.shell.close()
        return await to_the_end(self._tainted)

    async def _provision(self) -> str:
        """Find the container's image. Returns what the log says of it."""
        if self._container is None:
            return ""
        self._report("PROVISIONING")
        image = await self._container.provide(self.log.say)
        self._image = image.environment
        if self._endpoint:
            self._endpoint = self._container.reachable(self._endpoint)
        return f"docker runner, {image.name} ({image.id.removeprefix('sha256:')[:12]})"

    def _kept(self) -> BuildCache:
        place = "kept in .greenroom/caches" if self._container else "this machine's own folder"
        return BuildCache(self.job.state, self.plan.project, self.layout.source, self.desk.store, self.log.say, place)

    def _session(self) -> ShellSession:
        own = variables.complete(self.job, self.desk, self.plan.project, self.plan.primary, self._started)
        values = self._image | self.plan.variables.values | own
        if self.plan.container:
            values["CODEBUILD_BUILD_IMAGE"] = self.plan.container.image
        if self._endpoint:
            values = beside_proxies(values) | {"AWS_ENDPOINT_URL": values.get("AWS_ENDPOINT_URL", self._endpoint)}
        # What the project file says of this one action is the last word, even over CodeBuild's own variables.
        values |= self.job.settings.environment
        if self.plan.folders:
            values |= self._folder_variables()
        values |= self._toolbox.lay(values)
        if self._container:
            self._container.before_each(self._toolbox.prologue)
        self._values = values
        return ShellSession(
            self._runner,
            self.plan.shell,
            self.layout.scratch,
            directory=self.layout.source,
            environment=values,
            secrets=self._secrets,
            carry=self.plan.spec.carries,
        )

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

    async def _command_phases(self, output: Output) -> bool:
        """INSTALL to POST_BUILD. Returns whether UPLOAD_ARTIFACTS is attempted."""
        for name in PHASES:
            phase = self.plan.spec.phases[name]
            self._phase = name.upper()
            if phase.commands or phase.last:  # empty ones are over before anybody could read their name
                self._report(self._phase)
            context = await self._phase_with_retries(phase, output)
            if context is None:
                self.log.complete(self._phase)
                continue
            self.log.complete(self._phase, code=context.code, message=context.message)
            self._fail(context)
            action = phase.on_failure.action
            goes_on = name in ("build", "post_build") if not action else action == "CONTINUE"
            if not goes_on:
                return False
        return True

    async def _phase_with_retries(self, phase: Phase, output: Output) -> Context | None:
        retries = phase.on_failure.retries if phase.on_failure.action == "RETRY" else 0
        for attempt in range(retries + 1):
            self.log.entering(self._phase)
            context = await self._commands(phase, output)
            if context is None or not re.search(phase.on_failure.pattern, context.message):
                return context
            if attempt < retries:
                self.log.say(f"Phase {self._phase} failed, retry {attempt + 1} of {retries}: {context.message}")
        return context

    async def _commands(self, phase: Phase, output: Output) -> Context | None:
        """`commands`, up to the first that fails, then `finally`, whatever came before."""
        context = None
        for commands in (phase.commands, phase.last):
            for text in commands:
                failed = await self._command(text, output)
                if failed is not None:
                    context = context or failed
                    break
        return context

    async def _command(self, text: str, output: Output) -> Context | None:
        self.log.say(f"Running command {text}")
        status = await self.shell.run(text, output)
        self.log.blank()
        if status == 0:
            return None
        reason = f"exit status {status}" if status > 0 else f"signal: {_signal_name(-status)}"
        self.log.say(f"Command did not exit successfully {text} {reason}")
        message = f"Error while executing command: {text}. Reason: {reason}"
        return Context(self._phase, COMMAND_ERROR, message, hint(self.job, self.plan, text, status, self.desk.log))

    def _fail(self, context: Context) -> None:
        self._failed = self._failed or context
        self.shell.export("CODEBUILD_BUILD_SUCCEEDING", "0")

    async def _collect_reports(self) -> None:
        """Reports are read whatever became of the phases: a failed test is what they tell of."""
        wanted = self.plan.spec.reports
        if not wanted:
            return
        from engine.providers.codebuild import reporting

        names = set[str]().union(*(mentioned(one) for one in reporting.patterns(wanted.values())))
        collector = Collector(self.layout.source, await self.shell.read(sorted(names)), self.log.say)
        self._reports = await to_the_end(
            lambda: reporting.collect_reports(wanted, collector, self.desk.store, self._masker.mask)
        )

    async def _upload(self) -> None:
        """Collect artifacts and exported variables."""
        names = set(self.plan.exported)
        for artifacts in self.plan.outputs.values():
            names |= mentioned(artifacts)
        values = await self.shell.read(sorted(names))
        self._exported = self._exportable(values)
        if not self.plan.outputs:
            return
        named = {name: artifacts.name for name, artifacts in self.plan.outputs.items() if artifacts.name}
        self.names = dict(zip(named, await self.shell.expand(named.values()), strict=True))
        self._report("UPLOAD_ARTIFACTS")
        try:
            await to_the_end(lambda: self._collect(values))
        except BuildspecError as error:
            self.log.complete("UPLOAD_ARTIFACTS", code=error.code, message=str(error))
            self._failed = self._failed or Context("UPLOAD_ARTIFACTS", error.code, str(error), error.hint)
        else:
            self.log.complete("UPLOAD_ARTIFACTS")

    def _collect(self, values: dict[str, str]) -> None:
        collector = Collector(self.layout.source, values, self.log.say)
        for name, artifacts in self.plan.outputs.items():
            files = collector.collect(self._in_folder(name, artifacts))
            if self._failed is None:  # AWS uploads even then, but a failed action hands nothing on
                self._outputs[name] = put(self.desk.store, files, self.log.say)

    def _in_folder(self, name: str, artifacts: Artifacts) -> Artifacts:
        folder = self.layout.output(name)
        if self.plan.folders and any(folder.iterdir()):
            return Artifacts(("**/*",), base_directory=str(folder), enable_symlinks=True)
        return artifacts

    def _exportable(self, values: dict[str, str]) -> dict[str, str]:
        found = {}
        for name in self.plan.exported:
            if name not in values:
                continue
            if name.startswith("AWS_") or name in self.plan.variables.referred:
                self.log.say(f"exported-variables: {name} cannot be exported")
            elif self._masker.mask(values[name]) != values[name]:
                self.log.say(f"exported-variables: {name} holds a secret value and is not exported")
            else:
                found[name] = values[name]
        return found

    def _tainted(self) -> bool:
        """Whether a command wrote into the store through a link of its input."""
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
        if self._failed is None:
            return Outcome(
                ActionStatus.SUCCEEDED,
                self._outputs,
                self._exported,
                external_id=self.id,
                tainted=tainted,
                reports=self._reports,
            )
        failed = self._failed
        text = (
            f"Build terminated with state: FAILED. Phase: {failed.phase}, Code: {failed.code}, "
            f"Message: {failed.message}"
        )
        failure = Failure("JobFailed", self._masker.mask(text), self._masker.mask(failed.hint))
        return Outcome(
            ActionStatus.FAILED,
            variables=self._exported,
            failure=failure,
            summary=f"{failed.phase} failed",
            external_id=self.id,
            tainted=tainted,
            reports=self._reports,
        )


def _identifier(name: str) -> str:
    """An artifact's name as part of a variable's."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _signal_name(number: int) -> str:
    try:
        return (signal.strsignal(number) or "").lower() or str(number)
    except ValueError:
        return str(number)
