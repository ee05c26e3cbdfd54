"""Who wants to hear of what, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution import requests as rq
from engine.model.project import NotificationSettings
from engine.notices.rules import Message, matches, messages, pattern
from engine.reading.project_file import load_project
from tests.execution.simulator import Simulator
from tests.notices.stage_hand import changes, shop


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("pipeline.failed", "pipeline.FAILED"),
        ("Stage.*", "stage.*"),
        ("*", "*.*"),
        ("action", "action.*"),
        ("codepipeline-pipeline-pipeline-execution-failed", "pipeline.FAILED"),
        ("codepipeline-pipeline-stage-execution-resumed", "stage.RESUMED"),
        ("codepipeline-pipeline-action-execution-canceled", "action.CANCELED"),
        ("codepipeline-pipeline-manual-approval-needed", "approval.NEEDED"),
    ],
)
def test_a_pattern_in_any_spelling(text: str, plain: str) -> None:
    assert pattern(text) == plain


def test_patterns_match_levels_and_states() -> None:
    assert matches(("pipeline.*",), ("pipeline.FAILED",))
    assert matches(("*.FAILED",), ("action.FAILED", "approval.FAILED"))
    assert not matches(("pipeline.FAILED", "stage.*"), ("action.FAILED",))
    assert not matches((), ("pipeline.FAILED",))


def heard(simulator: Simulator, *rules: tuple[str, tuple[str, ...]]) -> list[Message]:
    """What is told of the whole story so far, seen from its end."""
    settings = [NotificationSettings(events=(events,), to=to) for events, to in rules]
    return list(messages(settings, changes(simulator), simulator.state))


def test_a_failed_run_says_what_failed() -> None:
    simulator = Simulator(shop())
    simulator.start("a1b2c3d")
    simulator.finish(ok=False)
    assert heard(simulator, ("pipeline.FAILED", ("bell",))) == [
        Message("demo #1 has failed", "Build/Compile: it failed\na1b2c3d +1 source", "failure", ("bell",))
    ]


def test_an_approval_that_is_needed_shows_its_evidence() -> None:
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish()
    [message] = heard(simulator, ("approval.NEEDED", ("bell",)))
    assert message.title == "demo #1 waits for approval of Approve/Ok"
    assert message.mood == "warning"


def test_an_approval_that_was_given_in_advance_is_not_needed() -> None:
    simulator = Simulator(shop())
    simulator.start(approve=("all",))
    simulator.finish()
    assert heard(simulator, ("approval.NEEDED", ("bell",))) == []


@pytest.mark.parametrize(("approved", "name"), [(True, "approval.SUCCEEDED"), (False, "approval.FAILED")])
def test_an_approval_that_was_decided(approved: bool, name: str) -> None:
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish()
    simulator.ask(rq.Approve(simulator.state.approvals()[0].id, approved))
    [message] = heard(simulator, (name, ("bell",)))
    assert message.title == f"demo #1: Approve/Ok has {name.partition('.')[2].lower()}"


def test_several_rules_tell_each_target_once() -> None:
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish(ok=False)
    found = heard(simulator, ("pipeline.FAILED", ("bell", "osc9")), ("*.FAILED", ("osc9", "json://x")))
    assert [message.targets for message in found] == [
        ("osc9", "json://x"),
        ("osc9", "json://x"),
        ("bell", "osc9", "json://x"),
    ]


def test_every_state_has_words() -> None:
    simulator = Simulator(shop())
    first = simulator.start("t1")
    simulator.start("t2")
    simulator.start("t3")
    simulator.ask(rq.Stop(first.id, abandon=True, reason="lunch"))
    simulator.finish(ok=False)
    simulator.ask(rq.Retry(stage="Build"))
    titles = [message.title for message in heard(simulator, ("*", ("bell",)))]
    for words in ("was superseded", "is stopping", "was stopped", "was abandoned", "is retried", "has started"):
        assert any(title.endswith(words) for title in titles), words


def test_a_pattern_that_can_match_nothing_is_an_error_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").write_text(
        "notifications:\n  - events: [stage.*, approval.needed]\n    to: [bell]\n"
        "  - events:\n      - pipelin.FAILED\n    to: [bell]\n"
    )
    _, [found] = load_project(tmp_path)
    assert (found.code, found.line, found.message) == ("GR407", 5, "'pipelin.FAILED' is nothing that can happen")
