"""The CodeBuild action, as Build and as Test.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
"""

from __future__ import annotations

import dataclasses
import hashlib

from engine.artifacts.store import Store
from engine.model.outcome import Part
from engine.model.status import Fidelity
from engine.providers.buildspec.locate import Located, locate
from engine.providers.buildspec.model import Artifacts, Buildspec, BuildspecError, found_at
from engine.providers.buildspec.parse import parse
from engine.providers.codebuild.means import Means
from engine.providers.codebuild.plan import Plan, plan, primary_of
from engine.providers.codebuild.refused import refused
from engine.providers.codebuild.where import folder_of
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec
from engine.providers.threads import to_the_end

BUILD = ProviderSpec(
    category="Build",
    owner="AWS",
    provider="CodeBuild",
    kind="pure",
    fidelity=Fidelity.EMULATED,
    on_change="restart",
    timeout=36 * 3600,
    summary="Runs the buildspec's commands on this machine, phase by phase, as CodeBuild does",
    limits="this machine's tools, or [a container](docker.md); see [the keys](buildspec.md) and [batches](batches.md)",
)
TEST = dataclasses.replace(BUILD, category="Test", timeout=8 * 3600)


class CodeBuildProvider:
    """Runs a buildspec. `means` is replaced by tests only."""

    def __init__(self, spec: ProviderSpec = BUILD, means: Means | None = None) -> None:
        self.spec = spec
        self._means = means or Means()

    def identify(self, job: Job, store: Store) -> Identity:
        """Environment, buildspec and shell. What is wrong with them fails the build, with its log, not here."""
        if _is_batch(job):
            from engine.providers.batch import provider as batch  # most builds are none

            return batch.identify(job, store, project_of(job))
        try:
            located = _locate(job, store)
            content = Part("buildspec", located.path or "inline", hashlib.sha256(located.text.encode()).hexdigest())
            return _plan(job, located).identity(job, more=(content,))
        except BuildspecError as error:
            return Identity(parts=(Part("buildspec", "error", str(error)),), reads=job.settings.globs)

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Build, or run a batch of builds."""
        if _is_batch(job):
            from engine.providers.batch import provider as batch

            return await batch.run(job, desk, project_of(job), self._means)
        from engine.providers.codebuild.build import run_build  # heavy: a run that reuses everything needs none of it

        try:
            made = await to_the_end(lambda: _plan(job, _locate(job, desk.store)))  # AWS may be asked for values
        except BuildspecError as error:
            return await refused(error, job, desk, project_of(job), self._means.clock)
        return await run_build(made, job, desk, self._means, lambda now: _plan(now, _locate(now, desk.store)))


def project_of(job: Job) -> str:
    """The CodeBuild project's name; the action's own where there is none."""
    return job.configuration.get("ProjectName") or job.action.name


def _is_batch(job: Job) -> bool:
    return job.configuration.get("BatchEnabled", "").lower() == "true"


def _locate(job: Job, store: Store) -> Located:
    primary = primary_of(job)
    settings = job.project.projects.get(project_of(job))
    return locate(
        store,
        job.inputs.get(primary),
        job.settings.buildspec,
        job.configuration.get("BuildspecOverride"),
        settings.buildspec if settings else None,
        bucket=lambda name: folder_of(job, name),
    )


def _plan(job: Job, located: Located) -> Plan:
    with found_at(located.path):
        return _plan_of(job, located)


def _plan_of(job: Job, located: Located) -> Plan:
    spec = parse(located.text)
    outputs, notes = _outputs(job, spec)
    if spec.has_batch:
        notes = (*notes, "batch: BatchEnabled of the action is not true, so this is one plain build, as on AWS")
    return plan(
        job,
        spec,
        project=project_of(job),
        primary=primary_of(job),
        location=located.path,
        outputs=outputs,
        exported=spec.environment.exported,
        notes=notes,
    )


def _outputs(job: Job, spec: Buildspec) -> tuple[dict[str, Artifacts], tuple[str, ...]]:
    """What each output artifact is made of: the top-level artifacts for one, the secondary ones by name for several."""
    names = [artifact.name for artifact in job.action.outputArtifacts]
    if not names:
        return {}, ()
    if len(names) == 1:
        if spec.artifacts is not None:
            return {names[0]: spec.artifacts}, ()
        return {}, (f"output artifact {names[0]}: the buildspec has no artifacts section, so there will be none",)
    missing = [name for name in names if name not in spec.secondary]
    found = {name: spec.secondary[name] for name in names if name in spec.secondary}
    notes = tuple(
        f"output artifact {name}: no secondary-artifacts of that name, so there will be none" for name in missing
    )
    return found, notes
