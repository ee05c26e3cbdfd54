"""A deployment into a folder of the project: type Deploy/Custom/local/1 with the configuration key ``Directory``."""

from __future__ import annotations

from pathlib import Path

from engine.artifacts.store import Store
from engine.model.outcome import Failure, Part
from engine.providers.contract import Desk, Identity, IdentityProblem, Job, Outcome
from engine.providers.deployment import Deployment, deploy, stands


def wants_folder(job: Job) -> bool:
    """Whether the action names a folder and no commands."""
    return bool(_named(job)) and not job.settings.commands and not job.configuration.get("Commands")


def identify(job: Job, store: Store) -> Identity:
    """The folder. Raises `IdentityProblem` where there is no artifact to put there."""
    deployment = _deployment(job)
    return Identity(
        parts=(Part("folder", "", str(deployment.folder)),),
        target=f"folder:{deployment.folder}",
        stands=stands(deployment, job.inputs[deployment.artifact], store),
    )


async def run(job: Job, desk: Desk) -> Outcome:
    """Copy every file of the artifact into the folder. Other files there stay."""
    deployment = _deployment(job)
    header = f"Deploying every file of {deployment.artifact} to {deployment.folder}\n"
    return await deploy(deployment, "", header, job, desk)


def _named(job: Job) -> str:
    return job.settings.directory or job.configuration.get("Directory", "")


def _deployment(job: Job) -> Deployment:
    if not job.inputs:
        failure = Failure(
            "ConfigurationError",
            "the action has no input artifact",
            "Name one under inputArtifacts: it is what is deployed.",
        )
        raise IdentityProblem(failure)
    folder = (job.root / Path(_named(job)).expanduser()).absolute()
    return Deployment("", folder, next(iter(job.inputs)), "", extract=True)
