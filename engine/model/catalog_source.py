"""Source and Approval action types."""

from __future__ import annotations

from engine.model.catalog import DAY, ActionTypeSpec, Bounds, keys

_NONE = Bounds(0, 0)
_ONE = Bounds(1, 1)
_POLL = "PollForSourceChanges=true|false"
_FORMAT = "OutputArtifactFormat=CODE_ZIP|CODEBUILD_CLONE_REF"
_COMMIT = ("AuthorDate", "BranchName", "CommitId", "CommitMessage")

TYPES = (
    ActionTypeSpec(
        "Source",
        "AWS",
        "CodeCommit",
        _NONE,
        _ONE,
        keys("RepositoryName", "BranchName", optional=f"{_POLL} {_FORMAT}"),
        variables=(*_COMMIT, "CommitterDate", "RepositoryName"),
    ),
    ActionTypeSpec(
        "Source",
        "AWS",
        "CodeStarSourceConnection",
        _NONE,
        _ONE,
        keys("ConnectionArn", "FullRepositoryId", "BranchName", optional=f"{_FORMAT} DetectChanges=true|false"),
        variables=(*_COMMIT, "ConnectionArn", "FullRepositoryName"),
    ),
    ActionTypeSpec(
        "Source",
        "ThirdParty",
        "GitHub",
        _NONE,
        _ONE,
        keys("Owner", "Repo", "Branch", "OAuthToken", optional=_POLL, secret="OAuthToken"),  # noqa: S106
        variables=(*_COMMIT, "CommitterDate", "CommitUrl", "RepositoryName"),
    ),
    ActionTypeSpec(
        "Source",
        "AWS",
        "S3",
        _NONE,
        _ONE,
        keys("S3Bucket", "S3ObjectKey", optional=f"AllowOverrideForS3ObjectKey=true|false {_POLL}"),
        variables=("BucketName", "ETag", "ObjectKey", "VersionId"),
    ),
    ActionTypeSpec(
        "Source",
        "AWS",
        "ECR",
        _NONE,
        _ONE,
        keys("RepositoryName", optional="ImageTag"),
        variables=("ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"),
    ),
    ActionTypeSpec(
        "Approval",
        "AWS",
        "Manual",
        _NONE,
        _NONE,
        keys(optional="NotificationArn ExternalEntityLink CustomData"),
        timeout=7 * DAY,
    ),
)
