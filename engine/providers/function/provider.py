"""The Lambda action, which LambdaInvoke rules run as, too, with the function's code from this machine.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
"""

from __future__ import annotations

from engine.artifacts.store import Store
from engine.model.outcome import Part
from engine.model.status import ActionStatus, Fidelity
from engine.providers import references
from engine.providers.contract import Desk, Identity, IdentityProblem, Job, Outcome, ProviderSpec
from engine.providers.function.code import Function, digest, find, is_of, name_of, program_for
from engine.providers.function.invocation import Invocations, Means
from engine.runners.environment import decisive, host_environment, is_sensitive
from engine.runners.output import open_output

LAMBDA = ProviderSpec(
    category="Invoke",
    owner="AWS",
    provider="Lambda",
    kind="effect",
    fidelity=Fidelity.EMULATED,
    on_change="finish",
    timeout=24 * 3600,
    summary="Runs the function's code (`functions` in greenroom.yaml, or the template's) with the job event;"
    " PutJobSuccessResult and PutJobFailureResult decide",
    limits="Python and Node.js of this machine; ends at once where AWS waits 20 minutes for a result;"
    " a failed function is not invoked again; the rest of AWS is out of reach unless `aws: real`",
)


class FunctionProvider:
    """Invokes a function. `means` is replaced by tests only."""

    def __init__(self, spec: ProviderSpec = LAMBDA, means: Means | None = None) -> None:
        self.spec = spec
        self._means = means or Means()

    def identify(self, job: Job, store: Store) -> Identity:
        """Code, runtime and environment."""
        function = find(job)
        if function is None:
            return Identity(fidelity=Fidelity.STUBBED)
        environment = host_environment(job.project.inherit_environment, aws=job.project.aws)
        program = program_for(function, environment["PATH"])
        return Identity(
            parts=(
                Part("function", function.name, digest(function)),
                Part("handler", function.name, function.settings.handler),
                Part("runtime", function.settings.runtime, f"{program.path} {program.version}"),
                *_environment(job, function, decisive(environment)),
            ),
            target=f"lambda:{function.name} for {job.stage}/{job.action.name}",
            reads=job.settings.globs,
        )

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Invoke it. A function whose code is not known is stubbed."""
        output = open_output(desk.log, desk.secrets)
        try:
            function = find(job)
            if function is None:
                summary = _how_to_map(job)
                output.write(f"Stubbed: {summary}\n")
                return Outcome(ActionStatus.STUBBED, summary=summary.splitlines()[0])
            program = program_for(
                function, host_environment(job.project.inherit_environment, aws=job.project.aws)["PATH"]
            )
            if not is_of(function.settings.runtime, program):
                output.write(f"greenroom: {function.settings.runtime} on AWS, {program.version} here\n")
            return await Invocations(function, program, job, desk, output, self._means).run()
        except IdentityProblem as problem:
            output.write(f"Failed: {problem.failure.message}\n")
            return Outcome(ActionStatus.FAILED, failure=problem.failure)
        finally:
            await output.close()


def _environment(job: Job, function: Function, machine: dict[str, str]) -> list[Part]:
    given = {**machine, **function.settings.environment, **job.settings.environment}
    return [
        Part("secret", name, references.keyed_digest(job.state, value))
        if is_sensitive(name)
        else Part("env", name, value)
        for name, value in sorted(given.items())
    ]


def _how_to_map(job: Job) -> str:
    name = name_of(job)
    settings = job.project.functions.get(name)
    if settings is not None and (settings.directory or settings.code):
        return f"AWS would invoke {name}; runtime {settings.runtime} does not run here, python3.* and nodejs* do."
    return (
        f"AWS would invoke {name}; its code is not known here. Say in greenroom.yaml where it is.\n\n"
        f"functions:\n  {name}:\n    directory: path/to/its/code\n    handler: index.handler\n    runtime: python3.12"
    )
