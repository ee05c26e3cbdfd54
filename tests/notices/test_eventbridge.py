"""Each state change as AWS's EventBridge has it: whole events against golden files, stories in short."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.state import PipelineState
from engine.model.outcome import Revision
from engine.model.pipeline import StageConditions
from engine.model.status import ActionStatus, ExecutionStatus, Fidelity, StageStatus
from engine.notices.eventbridge import StateChange, state_changes
from tests.execution.pipelines import action, pipeline
from tests.execution.simulator import Simulator
from tests.notices.stage_hand import HERE, changes, detail, shop, since, told

GOLDEN = Path(__file__).parent / "golden"
Story = Callable[[Simulator], object]


def approve(simulator: Simulator) -> None:
    simulator.ask(rq.Approve(simulator.state.approvals()[0].id, True, "fine", "me"))


def succeed(simulator: Simulator) -> None:
    simulator.start()
    simulator.finish()
    approve(simulator)


def fail(simulator: Simulator) -> None:
    simulator.start()
    simulator.finish(ok=False)


def retry(simulator: Simulator) -> None:
    fail(simulator)
    simulator.now += 60
    simulator.ask(rq.Retry(stage="Build"))


def stop(simulator: Simulator) -> None:
    execution = simulator.start()
    simulator.ask(rq.Stop(execution.id, abandon=False, reason="lunch"))
    simulator.finish()


def abandon(simulator: Simulator) -> None:
    execution = simulator.start()
    simulator.ask(rq.Stop(execution.id, abandon=True))


def supersede(simulator: Simulator) -> None:
    for tree in ("t1", "t2", "t3"):
        simulator.start(tree)


def cancel(simulator: Simulator) -> None:
    execution = simulator.start()
    simulator.record(
        [
            ev.StageEnded(execution.id, "Build", StageStatus.CANCELLED),
            ev.ExecutionEnded(execution.id, ExecutionStatus.CANCELLED),
        ]
    )


@pytest.mark.parametrize(
    ("story", "short"),
    [
        (succeed, "pipeline STARTED"),
        (succeed, "pipeline SUCCEEDED"),
        (fail, "pipeline FAILED"),
        (retry, "pipeline RESUMED"),
        (stop, "pipeline STOPPING"),
        (stop, "pipeline STOPPED"),
        (cancel, "pipeline CANCELED"),
        (supersede, "pipeline SUPERSEDED"),
        (succeed, "stage Build STARTED"),
        (succeed, "stage Build SUCCEEDED"),
        (fail, "stage Build FAILED"),
        (retry, "stage Build RESUMED"),
        (stop, "stage Build STOPPING"),
        (stop, "stage Build STOPPED"),
        (cancel, "stage Build CANCELED"),
        (succeed, "action Build Compile STARTED"),
        (succeed, "action Build Compile SUCCEEDED"),
        (fail, "action Build Compile FAILED"),
        (abandon, "action Build Compile ABANDONED"),
        (succeed, "action Approve Ok STARTED"),
    ],
)
def test_the_whole_event(story: Story, short: str) -> None:
    simulator = Simulator(shop())
    story(simulator)
    found = changes(simulator)
    body = dict(found[told(found).index(short)].body)
    assert uuid.UUID(str(body.pop("id"))).version == 5
    assert json.loads(json.dumps(body)) == json.loads((GOLDEN / f"{short.replace(' ', '-')}.json").read_text())


def test_a_run_from_beginning_to_end() -> None:
    simulator = Simulator(shop())
    succeed(simulator)
    assert told(changes(simulator)) == [
        "pipeline STARTED",
        "stage Source STARTED",
        "action Source Src STARTED",
        "action Source Src SUCCEEDED",
        "stage Source SUCCEEDED",
        "stage Build STARTED",
        "action Build Compile STARTED",
        "action Build Compile SUCCEEDED",
        "stage Build SUCCEEDED",
        "stage Approve STARTED",
        "action Approve Ok STARTED",
        "action Approve Ok SUCCEEDED",
        "stage Approve SUCCEEDED",
        "pipeline SUCCEEDED",
    ]


def test_a_rejection_is_a_failure() -> None:
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish()
    found = since(simulator, lambda: simulator.ask(rq.Approve(simulator.state.approvals()[0].id, False, "no", "me")))
    assert told(found) == ["action Approve Ok FAILED", "stage Approve FAILED", "pipeline FAILED"]
    assert detail(found, "action Approve Ok FAILED")["execution-result"]["error-code"] == "JobFailed"


def test_a_reused_result_starts_and_succeeds_at_once() -> None:
    simulator = Simulator(shop())
    succeed(simulator)
    found = since(simulator, simulator.start)
    assert told(found)[5:9] == [
        "stage Build STARTED",
        "action Build Compile STARTED",
        "action Build Compile SUCCEEDED",
        "stage Build SUCCEEDED",
    ]
    summary = detail(found, "action Build Compile SUCCEEDED")["execution-result"]["external-execution-summary"]
    assert summary.startswith("reused, ran ")


def test_an_adopted_action_starts_for_the_run_that_took_it_over() -> None:
    simulator = Simulator(shop(), outputs=lambda action, inputs: "same")
    first = simulator.start(save=True)
    second = simulator.start(save=True)
    found = [one for one in changes(simulator) if one.action == "Compile" and one.state == "STARTED"]
    assert [one.execution_id for one in found] == [first.id, second.id]


def test_what_does_not_run_has_no_events() -> None:
    simulator = Simulator(shop())
    found = since(simulator, lambda: simulator.start(selected=("Source/Src",)))
    assert {one.stage for one in found} == {"", "Source"}
    assert told(found)[-1] == "pipeline SUCCEEDED"


def test_a_stub_has_no_events() -> None:
    simulator = Simulator(shop())
    simulator.start()
    [compile_] = simulator.running()
    assert compile_.prepared is not None
    stub = ev.ActionPrepared(compile_.id, "f", "stub", fidelity=Fidelity.STUBBED)
    simulator.record([stub])
    story = [ev.ActionStarted(compile_.id), ev.ActionEnded(compile_.id, ActionStatus.STUBBED)]
    assert since(simulator, lambda: simulator.record(story)) == []


def test_every_event_after_a_retry_counts_and_dates_it() -> None:
    simulator = Simulator(shop())
    retry(simulator)
    found = since(simulator, simulator.finish)
    for short in ("action Build Compile SUCCEEDED", "stage Build SUCCEEDED", "stage Approve STARTED"):
        assert detail(found, short)["pipeline-execution-attempt"] == 2.0
    assert detail(found, "stage Build SUCCEEDED")["stage-last-retry-attempt-time"] == "1970-01-01T00:17:40.000Z"
    assert "stage-last-retry-attempt-time" not in detail(found, "stage Approve STARTED")


def test_an_attempt_is_counted_from_the_retry_on_within_a_batch_too() -> None:
    simulator = Simulator(shop())
    fail(simulator)
    before = len(simulator.story)
    simulator.ask(rq.Retry(stage="Build"))
    batch = simulator.story[before - 2 :]  # what failed, and its retry
    attempts = [one.body["detail"]["pipeline-execution-attempt"] for one in state_changes(simulator.state, batch, HERE)]  # type: ignore[index]
    assert attempts[0] == 1.0
    assert attempts[-1] == 2.0


def test_ids_are_the_same_whenever_they_are_told() -> None:
    simulator = Simulator(shop())
    succeed(simulator)
    late = list(state_changes(simulator.state, simulator.story, HERE))
    live = changes(simulator)
    assert [one.body["id"] for one in late] == [one.body["id"] for one in live]
    assert len({one.body["id"] for one in live}) == len(live)


def test_a_rollback_says_what_it_goes_back_to() -> None:
    simulator = Simulator(shop())
    started = ev.ExecutionStarted(
        "r-1",
        9,
        1,
        "AutomatedRollback",
        "e-8",
        execution_type="ROLLBACK",
        rollback_target="e-5",
        rollback_stage="Build",
    )
    found = detail(since(simulator, lambda: simulator.record([started])), "pipeline STARTED")
    assert found["execution-trigger"] == {"trigger-type": "AutomatedRollback", "trigger-detail": "e-8"}
    assert found["rollback-metadata"] == {"rollback-target-pipeline-execution-id": "e-5"}


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("CodeCommit", {"trigger-type": "CloudWatchEvent", "trigger-detail": "a.txt"}),
        ("S3", {"trigger-type": "CloudWatchEvent", "trigger-detail": "a.txt"}),
        (
            "CodeStarSourceConnection",
            {
                "trigger-type": "WebhookV2",
                "full-repository-name": "me/shop",
                "connection-arn": "arn:c",
                "commit-id": "c0ffee",
                "commit-message": "Mend it",
                "author-date": "2026-01-01T00:00:00Z",
                "branch-name": "main",
            },
        ),
    ],
)
def test_a_save_is_a_change_of_its_source(provider: str, expected: dict[str, str]) -> None:
    source = action("Source:Src > S")
    source["actionTypeId"] = {"category": "Source", "owner": "AWS", "provider": provider, "version": "1"}
    simulator = Simulator(pipeline([source], [action("Build:Compile S")]))
    variables = {
        "FullRepositoryName": "me/shop",
        "ConnectionArn": "arn:c",
        "CommitId": "c0ffee",
        "CommitMessage": "Mend it",
        "AuthorDate": "2026-01-01T00:00:00Z",
        "BranchName": "main",
    }
    revision = Revision("t1", "t1", "t1", variables=variables)
    simulator.ask(rq.Start(trigger="Save", detail="a.txt", revisions={"Src": revision}))
    assert detail(changes(simulator), "pipeline STARTED")["execution-trigger"] == expected


ACTS: list[Callable[[Simulator], Any]] = [
    lambda s: s.start(),
    lambda s: s.start(f"t{len(s.story)}"),
    lambda s: s.start(f"t{len(s.story)}", save=True),
    lambda s: s.running() and s.finish(),
    lambda s: s.running() and s.finish(ok=False),
    lambda s: s.state.approvals() and approve(s),
    lambda s: s.ask(rq.Retry(stage="Build")),
    lambda s: s.state.active and s.ask(rq.Stop(s.state.active[0].id, abandon=False)),
    lambda s: s.state.active and s.ask(rq.Stop(s.state.active[0].id, abandon=True)),
    lambda s: s.crash(),
]


@given(st.lists(st.sampled_from(ACTS), max_size=12))
def test_any_story_can_be_told_at_any_time(acts: list[Callable[[Simulator], Any]]) -> None:
    simulator = Simulator(shop())
    for act in acts:
        act(simulator)
    live = changes(simulator)
    late = list(state_changes(simulator.state, simulator.story, HERE))
    assert told([one for one in live if one.level == "pipeline"]) == told([o for o in late if o.level == "pipeline"])
    assert json.dumps([one.body for one in live])
    for level, ends in (("pipeline", ENDS), ("stage", ENDS), ("action", ENDS | {"ABANDONED"})):
        check_order([one for one in live if one.level == level], ends)


ENDS = {"SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"}


def check_order(found: list[StateChange], ends: set[str]) -> None:
    """Nothing ends before it starts, or twice without a new start; nothing starts twice without an end."""
    open_: dict[tuple[str, ...], bool] = {}
    for one in found:
        identity = str(one.body["detail"].get("action-execution-id", ""))  # type: ignore[attr-defined]
        key = (one.execution_id, one.stage, identity)
        if one.state in ("STARTED", "RESUMED"):
            open_[key] = True
        elif one.state in ends:
            assert open_.pop(key, False) or one.action, one


def test_of_an_unknown_run_nothing_is_told() -> None:
    recorded = ev.Recorded(1, 0.0, "shop", ev.ExecutionEnded("long-gone", ExecutionStatus.FAILED))
    assert list(state_changes(PipelineState("shop"), [recorded], HERE)) == []


def rule(value: str) -> dict[str, object]:
    """A condition's rule that compares a pipeline variable."""
    configuration = {"Variable": "#{variables.Go}", "Operator": "EQ", "Value": value}
    kind = {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"}
    return {"name": "Check", "ruleTypeId": kind, "configuration": configuration}


def conditional(result: str, slot: str = "beforeEntry") -> Simulator:
    """Source and a build behind a condition that looks for `yes`."""
    declared = pipeline(
        [action("Source:Src > S")],
        [action("Build:Compile S")],
        names=("Source", "Build"),
        pipelineType="V2",
        variables=[{"name": "Go", "defaultValue": "no"}],
    )
    stage = declared.stages[1].model_copy(
        update={slot: StageConditions.model_validate({"conditions": [{"result": result, "rules": [rule("yes")]}]})}
    )
    return Simulator(declared.model_copy(update={"stages": (declared.stages[0], stage)}))


def test_a_skipped_stage_has_no_events() -> None:
    simulator = conditional("SKIP")
    simulator.start()
    assert "stage Build STARTED" not in told(changes(simulator))
    assert told(changes(simulator))[-1] == "pipeline SUCCEEDED"


def test_a_stage_that_might_have_been_skipped_starts_once_it_is_not() -> None:
    simulator = conditional("SKIP")
    simulator.start(variables={"Go": "yes"})
    simulator.finish()
    assert told(changes(simulator))[5:] == [
        "stage Build STARTED",
        "action Build Compile STARTED",
        "action Build Compile SUCCEEDED",
        "stage Build SUCCEEDED",
        "pipeline SUCCEEDED",
    ]


def test_an_override_resumes_what_its_condition_had_failed() -> None:
    simulator = conditional("FAIL")
    simulator.start()
    assert told(changes(simulator))[5:] == ["stage Build STARTED", "stage Build FAILED", "pipeline FAILED"]
    simulator.now += 1
    found = since(simulator, lambda: simulator.ask(rq.OverrideCondition("Build")))
    assert told(found) == ["pipeline RESUMED", "stage Build RESUMED", "action Build Compile STARTED"]
