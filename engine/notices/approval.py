"""What Amazon SNS delivers when an approval begins to wait.

https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from engine.execution import events as ev
from engine.execution.state import ActionExecution, PipelineState
from engine.model.address import Address

_TOKENS = uuid.UUID("d7f5c3a1-3c0b-5d0e-8f1e-5e9d4f3b2a10")


def approval_messages(
    state: PipelineState, batch: Sequence[ev.Recorded], address: Address
) -> Iterator[dict[str, object]]:
    """The message of each approval that has begun to wait and has a topic. `state` has the batch folded in already."""
    decided = {item.event.action_execution_id for item in batch if isinstance(item.event, ev.ApprovalDecided)}
    started = [item.event.action_execution_id for item in batch if isinstance(item.event, ev.ActionStarted)]
    for identity in started:
        action = state.actions.get(identity)
        if action is None or action.prepared is None or action.kind != "approval" or identity in decided:
            continue
        if action.prepared.configuration.get("NotificationArn"):
            yield approval_message(state.name, action, action.prepared, address)


def approval_message(
    pipeline: str, action: ActionExecution, prepared: ev.ActionPrepared, address: Address
) -> dict[str, object]:
    """The message's body. The token is the same whenever the approval is told of."""
    console, token = address.console(pipeline), approval_token(action.id)
    configuration = prepared.configuration
    expires = datetime.fromtimestamp(action.started_at + prepared.deadline, UTC)
    return {
        "region": address.region,
        "consoleLink": console,
        "approval": {
            "pipelineName": pipeline,
            "stageName": action.stage,
            "actionName": action.action,
            "token": token,
            "expires": expires.strftime("%Y-%m-%dT%H:%MZ"),
            "externalEntityLink": configuration.get("ExternalEntityLink"),
            "approvalReviewLink": f"{console}/{action.stage}/{action.action}/approve/{token}",
            "customData": configuration.get("CustomData"),
        },
    }


def approval_token(action_execution_id: str) -> str:
    """The token of an approval."""
    return str(uuid.uuid5(_TOKENS, action_execution_id))
