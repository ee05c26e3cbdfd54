"""The event that CodePipeline hands a function.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from engine.model.address import Address, artifact_key
from engine.providers.contract import Job
from engine.providers.function.endpoint import Credentials
from engine.providers.function.objects import Artifact, locations


def artifacts(job: Job) -> tuple[list[Artifact], list[Artifact]]:
    """The job's inputs and outputs, each with its place. Outputs get a fresh key in every run, as on AWS."""
    address = Address(job.project.region, job.project.account)
    bucket = address.bucket(job.artifact_store, job.action.region)
    inputs = [Artifact(name, bucket, artifact_key(job.pipeline, name, tree), tree) for name, tree in job.inputs.items()]
    outputs = [
        Artifact(output.name, bucket, artifact_key(job.pipeline, output.name, _fresh(job, output.name)))
        for output in job.action.outputArtifacts
    ]
    return inputs, outputs


def _fresh(job: Job, name: str) -> str:
    return hashlib.sha256(f"{job.action_execution_id}/{name}".encode()).hexdigest()


def job_event(
    job: Job,
    job_id: str,
    inputs: Sequence[Artifact],
    outputs: Sequence[Artifact],
    credentials: Credentials,
    *,
    token: str = "",
    expires: float,
) -> dict[str, object]:
    """The whole event. `token` is what the function said when it asked to be invoked again; `expires` an epoch."""
    revisions = {name: revision.id for name, revision in job.revisions.items()}
    data: dict[str, object] = {
        "actionConfiguration": {"configuration": dict(job.configuration)},
        "inputArtifacts": locations(inputs, revisions),
        "outputArtifacts": locations(outputs, {}),
        "artifactCredentials": {
            "accessKeyId": credentials.access_key,
            "secretAccessKey": credentials.secret_key,
            "sessionToken": credentials.token,
            "expirationTime": int(expires * 1000),
        },
    }
    if token:
        data["continuationToken"] = token
    if job.artifact_store and (key := job.artifact_store.encryptionKey):
        data["encryptionKey"] = {"id": key.id, "type": key.type}
    return {"CodePipeline.job": {"id": job_id, "accountId": job.project.account, "data": data}}
