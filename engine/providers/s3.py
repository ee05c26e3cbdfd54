"""The S3 deploy action, into a folder that stands in for the bucket.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from engine.artifacts.store import Store, TreeMissing
from engine.journal.logs import safe_name
from engine.model.outcome import Failure, Part
from engine.model.status import ActionStatus, Fidelity
from engine.providers.bucket import Bucket, BucketProblem
from engine.providers.codebuild.log import utc_now
from engine.providers.contract import Desk, Identity, IdentityProblem, Job, Outcome, ProviderSpec
from engine.providers.threads import to_the_end
from engine.runners.output import open_output

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


_PLAIN = ("file", "exec")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A checked configuration. `key` is the object's key, or with `extract` the prefix of all keys."""

    bucket: str
    folder: Path
    artifact: str
    key: str
    extract: bool


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
            stands=_stands(deployment, job.inputs[deployment.artifact], store),
        )

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Copy. Existing other keys stay, as in S3."""
        try:
            deployment = _deployment(job)
        except IdentityProblem as problem:
            return Outcome(ActionStatus.FAILED, failure=problem.failure)
        key = _filled(deployment.key, self._clock())
        output = open_output(desk.log, desk.secrets)
        try:
            output.write(_header(job, deployment, key))
            count = await _put(deployment, key, job.inputs[deployment.artifact], desk.store)
        except (BucketProblem, TreeMissing, OSError) as error:
            output.write(f"Failed: {error}\n")
            return Outcome(ActionStatus.FAILED, failure=_failure(error))
        else:
            done = f"{count} {'file' if count == 1 else 'files'}"
            output.write(f"Uploaded {done}\n")
        finally:
            await output.close()
        place = f"s3://{deployment.bucket}/{key}".rstrip("/")
        return Outcome(ActionStatus.SUCCEEDED, summary=f"{done} to {place} ({deployment.folder})")


def _stands(deployment: Deployment, tree: str, store: Store) -> bool:
    """Whether the folder still has a file for each of the artifact's, by name and size: people delete folders."""
    if not deployment.extract or "{" in deployment.key:
        return deployment.folder.is_dir()
    place = deployment.folder / deployment.key
    try:
        return all(
            (place / entry.path).lstat().st_size == entry.size for entry in store.walk(tree) if entry.kind in _PLAIN
        )
    except OSError:
        return False


async def _put(deployment: Deployment, key: str, tree: str, store: Store) -> int:
    bucket = Bucket(deployment.folder)
    put = bucket.put_tree if deployment.extract else bucket.put_zip
    # A cancellation stops the copying beside the bucket; once files are being swapped in it lets that finish.
    stop = threading.Event()
    return await to_the_end(lambda: put(store, tree, key, stop), on_cancel=stop.set)


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
    return Deployment(bucket, _folder(job, bucket), next(iter(job.inputs)), key.strip("/"), extract == "true")


def _folder(job: Job, bucket: str) -> Path:
    named = job.settings.directory or job.project.buckets.get(bucket)
    return (job.root / named).absolute() if named else (job.state / "buckets" / safe_name(bucket)).absolute()


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


def _failure(error: Exception) -> Failure:
    if isinstance(error, BucketProblem):
        return Failure("JobFailed", str(error), error.hint)
    if isinstance(error, TreeMissing):
        return Failure("SystemUnavailable", str(error), "Run the action that makes this input again.")
    return Failure("PermissionError", str(error), "Look at the folder's permissions and the disk's space.")
