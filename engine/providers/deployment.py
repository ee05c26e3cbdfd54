"""Putting an artifact into a folder, for whichever deploy action does it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.store import Store, TreeMissing
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.bucket import Bucket, BucketProblem
from engine.providers.contract import Desk, Job, Outcome
from engine.providers.threads import to_the_end
from engine.runners.output import open_output

_PLAIN = ("file", "exec")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What goes where. `key` is the object's key, or with `extract` the prefix of all keys; `bucket` may be ""."""

    bucket: str
    folder: Path
    artifact: str
    key: str
    extract: bool


def stands(deployment: Deployment, tree: str, store: Store) -> bool:
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


async def deploy(deployment: Deployment, key: str, header: str, job: Job, desk: Desk) -> Outcome:
    """Copy the artifact, whole or not at all, with a log. Existing other files stay."""
    output = open_output(desk.log, desk.secrets)
    try:
        output.write(header)
        count = await _put(deployment, key, job.inputs[deployment.artifact], desk.store)
    except (BucketProblem, TreeMissing, OSError) as error:
        output.write(f"Failed: {error}\n")
        return Outcome(ActionStatus.FAILED, failure=_failure(error))
    else:
        done = f"{count} {'file' if count == 1 else 'files'}"
        output.write(f"Uploaded {done}\n" if deployment.bucket else f"Copied {done}\n")
    finally:
        await output.close()
    place = f"s3://{deployment.bucket}/{key}".rstrip("/") + f" ({deployment.folder})"
    return Outcome(ActionStatus.SUCCEEDED, summary=f"{done} to {place if deployment.bucket else deployment.folder}")


async def _put(deployment: Deployment, key: str, tree: str, store: Store) -> int:
    bucket = Bucket(deployment.folder)
    put = bucket.put_tree if deployment.extract else bucket.put_zip
    # A cancellation stops the copying beside the bucket; once files are being swapped in it lets that finish.
    stop = threading.Event()
    return await to_the_end(lambda: put(store, tree, key, stop), on_cancel=stop.set)


def _failure(error: Exception) -> Failure:
    if isinstance(error, BucketProblem):
        return Failure("JobFailed", str(error), error.hint)
    if isinstance(error, TreeMissing):
        return Failure("SystemUnavailable", str(error), "Run the action that makes this input again.")
    return Failure("PermissionError", str(error), "Look at the folder's permissions and the disk's space.")
