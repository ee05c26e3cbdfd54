"""What a build leaves behind: its test reports, its artifacts and its exported variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.outcome import Report
from engine.providers.buildspec.model import Artifacts, BuildspecError
from engine.providers.codebuild.collect import Collector, mentioned, put
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.log import BuildLog
from engine.providers.codebuild.observer import Observer
from engine.providers.codebuild.phases import Context
from engine.providers.codebuild.plan import Plan
from engine.providers.contents import resolve
from engine.providers.contract import Desk, Job
from engine.providers.threads import to_the_end
from engine.runners.masking import Masker
from engine.runners.shell import ShellSession

if TYPE_CHECKING:
    from engine.providers.codebuild.reporting import Read


@dataclass(slots=True)
class Results:
    """Of one build whose commands are through. `report` gets the phase's name; `failed` is what failed the build.

    `ready_at` is when its first command began, by the clock of files. `names` are those of artifacts, as the shell
    expanded them.
    """

    plan: Plan
    job: Job
    desk: Desk
    layout: Layout
    shell: ShellSession
    log: BuildLog
    observer: Observer
    masker: Masker
    ready_at: int
    failed: Context | None
    report: Callable[[str], None]
    outputs: dict[str, str] = field(default_factory=dict)
    exported: dict[str, str] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    _read: tuple[Read, ...] = ()  # the reports of the buildspec
    _reported: set[Path] = field(default_factory=set)  # files that the buildspec's reports are made of

    async def collect_reports(self) -> None:
        """Reports are read whatever became of the phases: a failed test is what they tell of."""
        wanted = self.plan.spec.reports
        if not wanted:
            return
        from engine.providers.codebuild import reporting

        names = set[str]().union(*(mentioned(one) for one in reporting.patterns(wanted.values())))
        collector = Collector(
            self.layout.source, await self.shell.read(sorted(names)), self.log.say, self.observer.look
        )
        found = await to_the_end(lambda: reporting.find(wanted, collector))
        self._reported = {file for one in found for file in one.files.values()}
        self._read = await to_the_end(lambda: reporting.read(found, collector, self.desk.store, self.masker.mask))
        self.reports = tuple(one.report for one in self._read)

    async def _discover_reports(self) -> None:
        """Reports that the buildspec does not name. Only CodeBuild's own actions look for them."""
        from engine.providers.codebuild import discovery, reporting

        told = discovery.SWITCH in self.shell.moment().environment  # most builds say nothing, and a question takes time
        values = await self.shell.read((discovery.SWITCH, discovery.PLACE)) if told else {}
        if not self.job.configuration.get("ProjectName") or not discovery.is_on(values):
            return
        source, store = self.layout.source, self.desk.store
        collector = Collector(source, values, self.log.say)

        def work() -> tuple[Report, ...]:
            found = discovery.discover(source, values, self._is_new, self.log.say)
            files = {kind: {path: source / path for path in paths} for kind, paths in found.items()}
            groups = [reporting.Found(discovery.group_of(self.plan.project, kind), kind, files[kind]) for kind in files]
            return tuple(one.report for one in reporting.read(groups, collector, store, self.masker.mask))

        self.reports += await to_the_end(work)

    def _refuse_reports(self) -> None:
        from engine.providers.codebuild import reporting

        reporting.refuse(self._read)

    def _is_new(self, path: str, file: Path) -> bool:
        """Whether the build wrote a file, and its buildspec does not name it as a report."""
        if file in self._reported:
            return False
        tree = self.job.inputs.get(self.plan.primary)
        return tree is None or resolve(self.desk.store, tree, path) is None or file.stat().st_mtime_ns >= self.ready_at

    async def upload(self) -> None:
        """Collect artifacts and exported variables."""
        names = set(self.plan.exported)
        for artifacts in self.plan.outputs.values():
            names |= mentioned(artifacts)
        values = await self.shell.read(sorted(names))
        self.exported = self._exportable(values)
        if self.plan.folders and not self.plan.outputs:
            return
        named = {name: artifacts.name for name, artifacts in self.plan.outputs.items() if artifacts.name}
        self.names = dict(zip(named, await self.shell.expand(named.values()), strict=True))
        if self.plan.outputs:
            self.report("UPLOAD_ARTIFACTS")
        try:
            await to_the_end(lambda: self._collect(values))
            await self._discover_reports()
            if self._read:
                self._refuse_reports()
        except BuildspecError as error:
            self.log.complete("UPLOAD_ARTIFACTS", code=error.code, message=str(error))
            self.failed = self.failed or Context("UPLOAD_ARTIFACTS", error.code, str(error), error.hint)
        else:
            self.log.complete("UPLOAD_ARTIFACTS")

    def _collect(self, values: dict[str, str]) -> None:
        collector = Collector(self.layout.source, values, self.log.say, self.observer.look)
        secondary = {id(one): name for name, one in self.plan.spec.secondary.items()}
        for name, artifacts in self.plan.outputs.items():
            if id(artifacts) in secondary:
                self.log.say(f"Preparing to copy secondary artifacts {secondary[id(artifacts)]}")
            files = collector.collect(self._in_folder(name, artifacts))
            if self.failed is None:  # AWS uploads even then, but a failed action hands nothing on
                self.outputs[name] = put(self.desk.store, files, self.log.say)

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
            elif self.masker.mask(values[name]) != values[name]:
                self.log.say(f"exported-variables: {name} holds a secret value and is not exported")
            else:
                found[name] = values[name]
        return found
