"""The Commands action (Compute).

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
"""

from __future__ import annotations

from engine.artifacts.store import Store
from engine.model.outcome import Part
from engine.model.status import Fidelity
from engine.providers.buildspec.model import Artifacts, BuildspecError
from engine.providers.codebuild.means import Means
from engine.providers.codebuild.plan import Plan, plan, primary_of, synthesised
from engine.providers.codebuild.refused import refused
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec
from engine.providers.threads import to_the_end

COMMANDS = ProviderSpec(
    category="Compute",
    owner="AWS",
    provider="Commands",
    kind="pure",
    fidelity=Fidelity.EMULATED,
    on_change="restart",
    timeout=55 * 60,
    summary="Runs the action's commands on this machine, each in a shell of its own that hands its state on",
    limits="this machine's tools, or [a container](docker.md); EnvironmentType, ComputeType and VPC have no effect",
)


class CommandsProvider:
    """Runs the action-level `commands`."""

    def __init__(self, spec: ProviderSpec = COMMANDS, means: Means | None = None) -> None:
        self.spec = spec
        self._means = means or Means()

    def identify(self, job: Job, store: Store) -> Identity:
        """Environment and shell; the commands are known to the engine."""
        try:
            return _plan(job).identity(job)
        except BuildspecError as error:
            return Identity(parts=(Part("environment", "error", str(error)),), reads=job.settings.globs)

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Run them."""
        from engine.providers.codebuild.build import run_build  # heavy: a run that reuses everything needs none of it

        try:
            made = await to_the_end(lambda: _plan(job))
        except BuildspecError as error:
            return await refused(error, job, desk, job.action.name, self._means.clock)
        return await run_build(made, job, desk, self._means, _plan)


def _plan(job: Job) -> Plan:
    return plan(
        job,
        synthesised(job.commands),
        project=job.action.name,
        primary=primary_of(job),
        outputs={out.name: Artifacts(out.files or ("**/*",)) for out in job.action.outputArtifacts},
        exported=job.action.outputVariables or (),
    )
