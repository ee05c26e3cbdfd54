"""What started an execution, as AWS's events say it."""

from __future__ import annotations

import json

from engine.execution.state import Execution
from engine.model.address import Address
from engine.model.pipeline import PipelineDeclaration

_BY_SOURCE = {
    "CodeStarSourceConnection": "WebhookV2",
    "GitHub": "Webhook",
    "S3": "CloudWatchEvent",
    "CodeCommit": "CloudWatchEvent",
    "ECR": "CloudWatchEvent",
}
_OUR_OWN = {"Reload": "StartPipelineExecution", "ManualRetry": "StartPipelineExecution"}
_GIT = {
    "full-repository-name": "FullRepositoryName",
    "connection-arn": "ConnectionArn",
    "commit-id": "CommitId",
    "commit-message": "CommitMessage",
    "author-date": "AuthorDate",
    "branch-name": "BranchName",
}


def execution_trigger(declaration: PipelineDeclaration, execution: Execution, address: Address) -> dict[str, str]:
    """`trigger-type` and `trigger-detail`; what started it by a connection has the commit instead of the detail."""
    kind, revision = _kind(declaration, execution)
    if kind == "WebhookV2" and revision:
        variables = execution.revisions[revision].variables
        known = {key: variables[name] for key, name in _GIT.items() if variables.get(name)}
        known = _pushed(execution.detail, known)
        if "commit-id" in known:
            return {"trigger-type": kind, **known}
    user = address.arn("iam", "user/greenroom", everywhere=True)
    detail = user if kind in ("StartPipelineExecution", "ManualRollback") else execution.detail
    return {"trigger-type": kind, "trigger-detail": detail}


def _pushed(detail: str, known: dict[str, str]) -> dict[str, str]:
    """What is known of the commit, with the tag in place of the branch where it was a tag that was pushed."""
    tag = json.loads(detail).get("tag-name") if detail.startswith("{") else None
    if not tag:
        return known
    return {key: value for key, value in known.items() if key != "branch-name"} | {"tag-name": str(tag)}


def _kind(declaration: PipelineDeclaration, execution: Execution) -> tuple[str, str]:
    """The trigger type in AWS's words, and the source action that it is about. A save is a change of its source."""
    sources = [action for stage in declaration.stages for action in stage.actions if action.name in execution.revisions]
    connected = next((one.name for one in sources if one.actionTypeId.provider == "CodeStarSourceConnection"), "")
    if execution.trigger != "Save":
        return _OUR_OWN.get(execution.trigger, execution.trigger), connected
    provider = sources[0].actionTypeId.provider if sources else ""
    return _BY_SOURCE.get(provider, "PutActionRevision"), connected
