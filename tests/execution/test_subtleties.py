"""What a naive re-implementation of CodePipeline gets wrong, one test a subtlety.

Those that are about other things are tested where their code is:

- 8, that a namespace must exist: tests/reading/bad/GR334-no-namespace.yaml
- 9, the limits of values: tests/engine/test_limits.py
- 11, a trigger filter replaces DetectChanges: tests/triggers/test_filters.py, test_pull_requests_match_their_target,
  test_a_connection_that_detects_no_changes_starts_nothing
- 12, excludes beat includes, each file is judged alone, stars: tests/triggers/test_filters.py,
  test_excludes_beat_includes and test_each_file_is_judged_alone; tests/triggers/test_glob.py, test_patterns
- 13, only a job's result counts: tests/providers/test_lambda.py, test_the_return_value_is_ignored and
  test_a_continuation_invokes_again_for_a_new_job
- 14, s3location in events, s3Location in jobs, CANCELED in events: tests/notices/test_eventbridge.py,
  test_the_whole_event; tests/providers/test_lambda.py, test_the_event_is_aws_s_own
"""

from __future__ import annotations

from engine.execution import requests as rq
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, StageStatus
from tests.execution.pipelines import action, check, condition, gated, pipeline, rule, simple
from tests.execution.simulator import Simulator


def test_1_superseding_happens_only_in_front_of_a_stage() -> None:
    simulator = Simulator(simple())
    inside, waiting, newest = (simulator.start(tree) for tree in ("t1", "t2", "t3"))
    assert simulator.names() == ["Build/Compile", "Build/Lint"]
    assert inside.status is ExecutionStatus.IN_PROGRESS
    assert waiting.status is ExecutionStatus.SUPERSEDED
    assert newest.status is ExecutionStatus.IN_PROGRESS


def test_2_an_approval_and_an_entry_rule_hold_the_lock() -> None:
    for declared in (
        pipeline([action("Source:Src > S")], [action("Approval:Ok")]),
        pipeline(
            [action("Source:Src > S")],
            [action("Build:B S")],
            gates={
                "S2": {"beforeEntry": condition("FAIL", rule("Never", "DeploymentWindow", Cron="0 0 9 ? * * 2199"))}
            },
        ),
    ):
        simulator = Simulator(declared)
        holder = simulator.start("t1")
        piled = [simulator.start(f"t{number}") for number in range(2, 5)]
        assert simulator.state.locks == {"S2": holder.id}
        assert [run.status for run in piled[:-1]] == [ExecutionStatus.SUPERSEDED] * 2
        assert piled[-1].stages["S2"].waiting


def test_3_a_failure_frees_the_lock_and_whoever_enters_ends_the_retry() -> None:
    simulator = Simulator(gated("Build"))
    failed, waiting = simulator.start("t1"), simulator.start("t2")
    simulator.finish("Build/Compile", ok=False)
    assert simulator.state.locks["Build"] == waiting.id
    assert failed.status is ExecutionStatus.FAILED
    assert simulator.ask(rq.Retry("Build", "#1")).exception == "NotLatestPipelineExecutionException"


def test_4_a_retry_keeps_the_execution_and_a_rollback_makes_one() -> None:
    simulator = Simulator(gated("Build"))
    simulator.start("t1")
    simulator.finish_all()
    execution = simulator.start("t2")
    simulator.finish("Build/Compile", ok=False)
    revisions = dict(execution.revisions)
    retried = simulator.ask(rq.Retry())
    assert retried.execution_id == execution.id
    assert execution.revisions == revisions
    first, second = execution.stages["Build"].actions["Compile"]
    assert first != second
    simulator.finish_all()
    rolled = simulator.ask(rq.Rollback("Deploy", "#1"))
    assert rolled.execution_id not in ("id-1", execution.id)
    assert simulator.state.executions[rolled.execution_id].execution_type == "ROLLBACK"


def test_5_an_update_cancels_runs_and_destroys_rollback_targets_but_parallel_runs_go_on() -> None:
    simulator = Simulator(gated("Build"))
    simulator.start("t1")
    simulator.finish_all()
    running, waiting = simulator.start("t2"), simulator.start("t3")
    simulator.define(simple())
    simulator.settle()
    assert waiting.status is ExecutionStatus.CANCELLED
    assert running.status is ExecutionStatus.IN_PROGRESS  # its action may end
    simulator.finish_all()
    assert running.status is ExecutionStatus.CANCELLED
    assert simulator.state.version == 2
    assert simulator.ask(rq.Rollback("Deploy", "#1")).exception == "PipelineExecutionOutdatedException"
    parallel = Simulator(gated("Build").model_copy(update={"executionMode": "PARALLEL"}))
    kept = parallel.start()
    parallel.define(simple())
    parallel.finish_all()
    assert kept.status is ExecutionStatus.SUCCEEDED


def test_6_a_waiting_execution_is_in_progress() -> None:
    simulator = Simulator(simple(executionMode="QUEUED", pipelineType="V2"))
    simulator.start("t1")
    waiting = simulator.start("t2")
    assert waiting.status is ExecutionStatus.IN_PROGRESS
    assert simulator.state.waiting == {"Build": [waiting.id]}
    assert waiting.stages["Build"].status is None


def test_7_each_stage_and_action_has_a_latest_execution_of_its_own() -> None:
    simulator = Simulator(gated("Build"))
    first = simulator.start("t1")
    simulator.finish_all()
    second = simulator.start("t2")
    simulator.finish("Build/Compile", ok=False)
    assert simulator.state.attempts("Build", "Compile")[-1].execution_id == second.id
    assert simulator.state.attempts("Deploy", "Ship")[-1].execution_id == first.id


def test_8_a_key_is_looked_up_only_when_its_reader_starts() -> None:
    entry = condition("FAIL", check("C", "#{BuildVars.Nothing}", "EQ", "x"))
    stages = [action("Source:Src > S")], [action("Build:B S", namespace="BuildVars")], [action("Test:T S")]
    simulator = Simulator(pipeline(*stages, gates={"S3": {"beforeEntry": entry}}))
    execution = simulator.start()
    assert execution.status is ExecutionStatus.IN_PROGRESS
    simulator.finish("S2/B")
    assert execution.stages["S2"].status is StageStatus.SUCCEEDED
    found = execution.stages["S3"].condition("BEFORE_ENTRY")
    assert found is not None
    assert found.status is ConditionStatus.ERRORED


def test_10_conditions_engage_on_failure_and_failure_conditions_on_success() -> None:
    holds, fails = check("Yes", "a", "EQ", "a"), check("No", "a", "EQ", "b")
    for entry, expected in ((holds, ["Deploy/Ship"]), (fails, [])):
        simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", entry)))
        simulator.start()
        simulator.finish("Build/Compile")
        assert simulator.names() == expected
    for reason, rolls in ((holds, True), (fails, False)):
        simulator = Simulator(gated("Deploy", onFailure=condition("ROLLBACK", reason)))
        simulator.start("t1")
        simulator.finish_all()
        simulator.start("t2")
        simulator.finish("Build/Compile")
        simulator.finish("Deploy/Ship", ok=False)
        latest = simulator.state.latest
        assert latest is not None
        assert (latest.execution_type == "ROLLBACK") is rolls


def test_11_every_start_runs_all_source_actions_again() -> None:
    stages = [action("Source:One > A"), action("Source:Two > B")], [action("Build:C A,B")]
    simulator = Simulator(pipeline(*stages))
    for tree in ("t1", "t2"):
        simulator.start(tree)
        simulator.finish_all()
    assert [simulator.starts.count(f"S1/{name}") for name in ("One", "Two")] == [2, 2]


def test_15_artifacts_are_read_by_name_and_siblings_cannot_feed_each_other() -> None:
    stages = [action("Source:Src > S")], [action("Build:Maker S > M"), action("Build:Reader M")]
    simulator = Simulator(pipeline(*stages))
    execution = simulator.start()
    reader = simulator.at(execution, "S2/Reader")
    assert reader is not None
    assert reader.status is ActionStatus.FAILED
    assert reader.failure is not None
    assert reader.failure.type == "ConfigurationError"
