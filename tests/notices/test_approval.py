"""What SNS would deliver when an approval begins to wait."""

from __future__ import annotations

import uuid

from engine.execution import events as ev
from engine.execution.state import PipelineState
from engine.notices.approval import approval_messages, approval_token
from tests.execution.simulator import Simulator
from tests.notices.stage_hand import HERE, shop

CONSOLE = "https://console.aws.amazon.com/codepipeline/home?region=eu-west-1#/view/demo"


def waiting(**configuration: str) -> tuple[PipelineState, list[ev.Recorded]]:
    """A state in which an approval waits, with a configuration, and what was recorded last."""
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish()
    [action] = simulator.state.approvals()
    assert action.prepared is not None
    action.prepared = ev.ActionPrepared(action.id, "f", "approval", configuration=configuration, deadline=600.0)
    action.started_at = 1_467_836_520.0
    return simulator.state, [ev.Recorded(9, action.started_at, "demo", ev.ActionStarted(action.id))]


def test_the_whole_message() -> None:
    state, batch = waiting(NotificationArn="arn:t", CustomData="Look", ExternalEntityLink="https://example.com")
    [action] = state.approvals()
    token = approval_token(action.id)
    assert list(approval_messages(state, batch, HERE)) == [
        {
            "region": "eu-west-1",
            "consoleLink": CONSOLE,
            "approval": {
                "pipelineName": "demo",
                "stageName": "Approve",
                "actionName": "Ok",
                "token": token,
                "expires": "2016-07-06T20:32Z",
                "externalEntityLink": "https://example.com",
                "approvalReviewLink": f"{CONSOLE}/Approve/Ok/approve/{token}",
                "customData": "Look",
            },
        }
    ]
    assert uuid.UUID(token)


def test_without_a_topic_nobody_is_told() -> None:
    state, batch = waiting(CustomData="Look")
    assert list(approval_messages(state, batch, HERE)) == []


def test_nobody_is_asked_for_what_was_given_in_advance() -> None:
    state, batch = waiting(NotificationArn="arn:t")
    [action] = state.approvals()
    given = ev.Recorded(10, action.started_at, "demo", ev.ApprovalDecided(action.id, True))
    assert list(approval_messages(state, [*batch, given], HERE)) == []
