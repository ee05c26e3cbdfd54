"""Names that stand for what only an AWS account has: the role and the bucket of a local definition's long form.

They have the form that AWS demands and say what to do with them. Loading a definition that still holds them takes
them out again, so that a local definition stays local through `show --format aws`.
"""

from __future__ import annotations

from engine.model.pipeline import ArtifactStore, PipelineDeclaration

ROLE = "arn:aws:iam::000000000000:role/REPLACE-WITH-YOUR-PIPELINE-ROLE"
BUCKET = "replace-with-your-artifact-bucket"
CONNECTION = "arn:aws:codeconnections:us-east-1:000000000000:connection/REPLACE-WITH-YOUR-CONNECTION"
REPOSITORY = "REPLACE-WITH-OWNER/REPOSITORY"
BRANCH = "main"


def with_placeholders(declaration: PipelineDeclaration) -> PipelineDeclaration:
    """The declaration with placeholders where AWS demands a role and a store."""
    if declaration.roleArn or declaration.artifactStore or declaration.artifactStores:
        return declaration
    store = ArtifactStore(type="S3", location=BUCKET)
    return declaration.model_copy(update={"roleArn": ROLE, "artifactStore": store})


def without_placeholders(declaration: PipelineDeclaration) -> PipelineDeclaration:
    """The declaration as it was before `with_placeholders`."""
    store = declaration.artifactStore
    if declaration.roleArn != ROLE or store is None or store.location != BUCKET:
        return declaration
    return declaration.model_copy(update={"roleArn": None, "artifactStore": None})
