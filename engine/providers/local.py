"""Commands of one's own: a deployment by command, or a stand-in for an action that AWS would run.

Type Deploy/Custom/local/1 takes its commands from the configuration key ``Commands``, one a line, or copies its
artifact into the folder that ``Directory`` names (`engine.providers.folder`); any other action takes the `commands`
that greenroom.yaml gives it. Commands start in the first input artifact and find

- ``GREENROOM_INPUT_<artifact>``: the folder of each input artifact,
- ``GREENROOM_OUTPUT_<artifact>``: an empty folder for each output artifact. What is put there becomes the artifact;
  where it stays empty, the whole working folder does.
"""

from __future__ import annotations

import dataclasses

from engine.artifacts.store import Store
from engine.model.outcome import Part
from engine.model.pipeline import ActionTypeId
from engine.model.status import Fidelity
from engine.providers import folder
from engine.providers.buildspec.model import Artifacts, BuildspecError
from engine.providers.codebuild.means import Means
from engine.providers.codebuild.plan import Plan, plan, primary_of, synthesised
from engine.providers.codebuild.refused import refused
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec
from engine.providers.threads import to_the_end

LOCAL = ProviderSpec(
    category="Deploy",
    owner="Custom",
    provider="local",
    kind="effect",
    fidelity=Fidelity.EXACT,
    on_change="finish",
    timeout=3600,
    summary="Deploys by commands of your own, or into a folder, on this machine",
    limits="exists here only: AWS needs a custom action of that name and a worker",
)
_PURE = ("Build", "Test", "Compute")


def substitute_spec(type_id: ActionTypeId, timeout: float) -> ProviderSpec:
    """What a stand-in by `commands` is: as reusable as the action it stands for, and never more than a substitute."""
    pure = type_id.category in _PURE
    return ProviderSpec(
        category=type_id.category,
        owner=type_id.owner,
        provider=type_id.provider,
        version=type_id.version,
        kind="pure" if pure else "effect",
        fidelity=Fidelity.SUBSTITUTED,
        on_change="restart" if pure else "finish",
        timeout=timeout,
        summary="Runs commands from greenroom.yaml instead of the action",
    )


class LocalProvider:
    """Runs commands from the configuration or greenroom.yaml."""

    def __init__(self, spec: ProviderSpec = LOCAL, means: Means | None = None) -> None:
        self.spec = spec
        self._means = means or Means()

    def identify(self, job: Job, store: Store) -> Identity:
        """Environment, shell, and the commands that come from greenroom.yaml."""
        if folder.wants_folder(job):
            return folder.identify(job, store)
        own = tuple(Part("command", str(at), text) for at, text in enumerate(job.settings.commands, 1))
        target = f"local:{job.stage}/{job.action.name}" if self.spec.kind == "effect" else ""
        try:
            return _plan(job).identity(job, more=own, target=target)
        except BuildspecError as error:
            parts = (*own, Part("environment", "error", str(error)))
            return Identity(parts=parts, target=target, reads=job.settings.globs)

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Run them. What ran is no AWS build: an effect has no outputs unless commands make some."""
        if folder.wants_folder(job):
            return await folder.run(job, desk)
        from engine.providers.codebuild.build import run_build  # heavy: a run that reuses everything needs none of it

        try:
            made = await to_the_end(lambda: _plan(job))
        except BuildspecError as error:
            return await refused(error, job, desk, job.action.name, self._means.clock)
        outcome = await run_build(made, job, desk, self._means, _plan)
        return dataclasses.replace(outcome, summary=outcome.summary or f"ran {len(made.spec.commands)} commands")


def _plan(job: Job) -> Plan:
    commands = job.settings.commands or tuple(
        line.strip() for line in job.configuration.get("Commands", "").splitlines() if line.strip()
    )
    if not commands:
        raise BuildspecError(
            "there are no commands to run",
            code="CONFIGURATION",
            hint='Give the action a configuration key "Commands", one command a line, or "Directory", a folder.',
        )
    return plan(
        job,
        synthesised(commands),
        project=job.action.name,
        primary=primary_of(job),
        outputs={out.name: Artifacts(("**/*",), enable_symlinks=True) for out in job.action.outputArtifacts},
        exported=job.action.outputVariables or (),
        folders=True,
    )
