"""The S3 deploy action, into a folder that stands in for the bucket.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from engine.artifacts.store import Store
from engine.journal.logs import safe_name
from engine.model.outcome import Failure, Part
from engine.model.project import ActionSettings, ProjectFile
from engine.model.status import ActionStatus, Fidelity
from engine.providers.codebuild.log import utc_now
from engine.providers.contract import Desk, Identity, IdentityProblem, Job, Outcome, ProviderSpec
from engine.providers.deployment import Deployment, deploy, stands

S3 = ProviderSpec(
    category="Deploy",
    owner="AWS",
    provider="S3",
    kind="effect",
    fidelity=Fidelity.EMULATED,
    on_change="finish",
    timeout=90 * 60,
    summary="Copies the artifact into a folder: .greenroom/buckets/<bucket>, or the one greenroom.yaml names",
    limits="CannedACL, CacheControl and KMS keys are only noted in the log",
)


class S3Provider:
    """Puts an artifact into a bucket's folder."""

    def __init__(self, spec: ProviderSpec = S3, clock: Callable[[], datetime] = utc_now) -> None:
        self.spec = spec
        self._clock = clock

    def identify(self, job: Job, store: Store) -> Identity:
        """The folder; the target is bucket and key as configured, so that {datetime} stays one target."""
        deployment = _deployment(job)
        return Identity(
            parts=(Part("folder", deployment.bucket, str(deployment.folder)),),
            target=f"s3:{deployment.bucket}/{deployment.key}",
            stands=stands(deployment, job.inputs[deployment.artifact], store),
        )

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Copy. Existing other keys stay, as in S3."""
        try:
            deployment = _deployment(job)
        except IdentityProblem as problem:
            return Outcome(ActionStatus.FAILED, failure=problem.failure)
        key = _filled(deployment.key, self._clock())
        return await deploy(deployment, key, _header(job, deployment, key), job, desk)


def _deployment(job: Job) -> Deployment:
    configuration = job.configuration
    bucket = configuration.get("BucketName", "")
    extract = configuration.get("Extract", "").lower()
    key = configuration.get("ObjectKey", "")
    if not bucket or extract not in ("true", "false"):
        raise _misconfigured("BucketName and Extract (true or false) are required", "Add them to the configuration.")
    if extract == "false" and not key:
        raise _misconfigured("ObjectKey is required when Extract is false", "Give the object a key.")
    if not job.inputs:
        raise _misconfigured("the action has no input artifact", "Name one under inputArtifacts.")
    if any(part == ".." for part in PurePosixPath(key).parts):
        raise _misconfigured(f"ObjectKey {key} leads out of the bucket", "Take the .. out of it.")
    folder = bucket_folder(bucket, job.settings, job.project, root=job.root, state=job.state)
    return Deployment(bucket, folder, next(iter(job.inputs)), key.strip("/"), extract == "true")


def bucket_folder(bucket: str, settings: ActionSettings, project: ProjectFile, *, root: Path, state: Path) -> Path:
    """The folder that stands in for a bucket. `root` is the project's directory, `state` greenroom's own."""
    named = settings.directory or project.buckets.get(bucket)
    return (root / named).absolute() if named else (state / "buckets" / safe_name(bucket)).absolute()


def _misconfigured(message: str, hint: str) -> IdentityProblem:
    return IdentityProblem(Failure("ConfigurationError", message, hint))


def _filled(key: str, now: datetime) -> str:
    filled = key.replace("{datetime}", now.strftime("%Y-%m-%d_%H-%M-%S"))
    return re.sub(r"\{uuid\}", lambda _: str(uuid.uuid4()), filled)


def _header(job: Job, deployment: Deployment, key: str) -> str:
    how = "every file of" if deployment.extract else "one zip of"
    ignored = [name for name in ("CannedACL", "CacheControl", "KMSEncryptionKeyARN") if job.configuration.get(name)]
    lines = [
        f"Deploying {how} {deployment.artifact} to s3://{deployment.bucket}/{key}",
        f"Folder: {deployment.folder}",
        *(f"{name}: {job.configuration[name]} (set on AWS, without effect here)" for name in ignored),
    ]
    return "".join(f"{line}\n" for line in lines)
