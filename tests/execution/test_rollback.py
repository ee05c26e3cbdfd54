"""Rollback and automatic retry: who may, to what, and what they run with."""

from __future__ import annotations

import pytest

from engine.execution import requests as rq
from engine.execution.variables import Values
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus
from tests.execution.pipelines import action, check, condition, gated, pipeline, rule, simple
from tests.execution.simulator import Simulator

BACK = {"result": "ROLLBACK"}
RETRY = {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}}


def run(simulator: Simulator, tree: str, **more: object) -> None:
    """A whole execution that succeeds."""
    simulator.start(tree, **more)
    simulator.finish_all()


# -- by hand -------------------------------------------------------------------------------------------------------


def test_a_rollback_is_a_new_execution_of_one_stage_with_everything_the_target_had() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1", variables={"ENV": "one"})
    run(simulator, "t2", variables={"ENV": "two"})
    first = simulator.state.executions["id-1"]
    given = simulator.ask(rq.Rollback("Deploy", "#1", "ann"))
    back = simulator.state.executions[given.execution_id]
    assert (back.number, back.execution_type, back.rollback_target) == (3, "ROLLBACK", first.id)
    assert (back.trigger, back.detail) == ("ManualRollback", "ann")
    assert back.revisions == first.revisions
    assert Values(simulator.state, back).resolve("#{variables.ENV}") == "one"
    assert simulator.names() == ["Deploy/Ship"]
    shipped, before = simulator.at(back, "Deploy/Ship"), simulator.at(first, "Deploy/Ship")
    assert shipped is not None
    assert before is not None
    assert shipped.prepared is not None
    assert before.prepared is not None
    assert shipped.prepared.inputs == before.prepared.inputs
    simulator.finish_all()
    assert back.status is ExecutionStatus.SUCCEEDED
    assert back.stages["Build"].status is None


def test_without_a_name_the_newest_success_is_the_target() -> None:
    simulator = Simulator(simple())
    run(simulator, "t1", approve=("all",))
    run(simulator, "t2", approve=("all",))
    given = simulator.ask(rq.Rollback("Deploy"))
    target = simulator.state.executions[given.execution_id].rollback_target
    assert simulator.state.executions[target].number == 2


def test_a_rollback_does_not_go_on_into_the_next_stage() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1")
    given = simulator.ask(rq.Rollback("Build", "1"))
    assert simulator.state.executions[given.execution_id].status is ExecutionStatus.SUCCEEDED  # Compile is reused
    assert simulator.names() == []


def test_a_rollback_passes_a_disabled_transition_and_leaves_who_waits_there() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1")
    run(simulator, "t2")
    simulator.ask(rq.DisableTransition("Deploy", "freeze"))
    waiting = simulator.start("t3")
    simulator.finish("Build/Compile")
    simulator.ask(rq.Rollback("Deploy", "#1"))
    assert simulator.names() == ["Deploy/Ship"]
    assert waiting.status is ExecutionStatus.IN_PROGRESS


def test_what_cannot_be_rolled_back_is_refused_as_aws_does() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("SKIP", check("C", "#{variables.ENV}", "EQ", "prod"))))
    run(simulator, "t1")  # its Deploy is skipped
    refusals = {
        ("Source", "#1"): "UnableToRollbackStageException",
        ("Deploy", "#1"): "UnableToRollbackStageException",
        ("Deploy", ""): "UnableToRollbackStageException",
        ("Deploy", "#7"): "PipelineExecutionNotFoundException",
        ("Nowhere", "#1"): "StageNotFoundException",
    }
    for (stage, target), exception in refusals.items():
        assert simulator.ask(rq.Rollback(stage, target)).exception == exception, (stage, target)


def test_a_stage_that_is_running_is_not_rolled_back() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1")
    simulator.start("t2")
    simulator.finish("Build/Compile")
    assert simulator.ask(rq.Rollback("Deploy", "1")).exception == "UnableToRollbackStageException"


def test_a_rollback_is_no_target() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1")
    run(simulator, "t2")
    simulator.ask(rq.Rollback("Deploy", "1"))
    simulator.finish_all()
    refused = simulator.ask(rq.Rollback("Deploy", "3"))
    assert refused.exception == "UnableToRollbackStageException"
    assert refused.message.startswith("#3 is a rollback itself")


def test_there_is_no_rollback_in_mode_parallel() -> None:
    simulator = Simulator(simple(executionMode="PARALLEL", pipelineType="V2"))
    run(simulator, "t1", approve=("all",))
    assert simulator.ask(rq.Rollback("Deploy", "1")).exception == "UnableToRollbackStageException"


def test_a_changed_definition_destroys_every_target() -> None:
    simulator = Simulator(gated("Build"))
    run(simulator, "t1")
    simulator.define(gated("Deploy", onFailure=BACK))
    assert simulator.ask(rq.Rollback("Deploy", "1")).exception == "PipelineExecutionOutdatedException"
    bad = simulator.start("t2")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship", ok=False)
    assert simulator.state.latest is bad  # nothing to go back to: it stays failed
    assert bad.status is ExecutionStatus.FAILED


# -- by itself -----------------------------------------------------------------------------------------------------


def test_a_failed_stage_goes_back_to_its_latest_success() -> None:
    simulator = Simulator(gated("Deploy", onFailure=BACK))
    run(simulator, "t1")
    run(simulator, "t2")
    bad = simulator.start("t3")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship", ok=False)
    back = simulator.state.latest
    assert back is not None
    assert (bad.status, bad.summary) == (ExecutionStatus.FAILED, "stage Deploy failed; rolled back to #2")
    assert (back.trigger, back.detail, back.execution_type) == ("AutomatedRollback", bad.id, "ROLLBACK")
    assert simulator.state.locks["Deploy"] == back.id
    simulator.finish("Deploy/Ship", ok=False)
    assert back.status is ExecutionStatus.FAILED  # and no further rollback follows
    assert simulator.state.latest is back


def test_a_rollback_enters_before_who_waits_in_front() -> None:
    simulator = Simulator(gated("Deploy", onFailure=BACK))
    run(simulator, "t1")
    simulator.start("t2")
    simulator.finish("Build/Compile")
    waiting = simulator.start("t3")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship", ok=False)
    assert waiting.stages["Deploy"].waiting == "stage Deploy is locked by #4"
    simulator.finish("Deploy/Ship")
    assert waiting.stages["Deploy"].status is StageStatus.IN_PROGRESS


def test_an_on_success_condition_can_roll_back() -> None:
    smoke = rule("Smoke", "Commands", command="make smoke")
    simulator = Simulator(gated("Deploy", onSuccess=condition("ROLLBACK", smoke)))
    run(simulator, "t1")
    bad = simulator.start("t2")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship")
    simulator.finish("Deploy/onSuccess:Smoke", ok=False)
    back = simulator.state.latest
    assert back is not None
    assert back.rollback_target == "id-1"
    assert bad.status is ExecutionStatus.FAILED
    assert simulator.names() == ["Deploy/Ship"]


def test_a_stage_retries_itself_exactly_once() -> None:
    simulator = Simulator(gated("Build", onFailure=RETRY))
    execution = simulator.start()
    simulator.finish("Build/Compile", ok=False)
    stage = execution.stages["Build"]
    assert simulator.names() == ["Build/Compile"]
    assert (stage.auto_retries, stage.retries, stage.retry_trigger) == (1, 0, "AutomatedStageRetry")
    simulator.finish("Build/Compile", ok=False)
    assert execution.status is ExecutionStatus.FAILED
    assert simulator.ask(rq.Retry()).ok
    assert (stage.auto_retries, stage.retries, stage.retry_trigger) == (1, 1, "ManualStageRetry")
    simulator.finish("Build/Compile", ok=False)
    assert execution.status is ExecutionStatus.FAILED  # and not again by itself


@pytest.mark.parametrize(("mode", "again"), [("FAILED_ACTIONS", ["S2/Bad"]), ("ALL_ACTIONS", ["S2/Good", "S2/Bad"])])
def test_an_automatic_retry_runs_what_its_mode_says(mode: str, again: list[str]) -> None:
    failure = {"result": "RETRY", "retryConfiguration": {"retryMode": mode}}
    stages = [action("Source:Src > S")], [action("Build:Good S"), action("Build:Bad S")]
    simulator = Simulator(pipeline(*stages, gates={"S2": {"onFailure": failure}}, pipelineType="V2"))
    simulator.start()
    simulator.finish("S2/Good")
    simulator.finish("S2/Bad", ok=False)
    assert simulator.names() == again


def test_a_retry_comes_before_the_conditions_of_a_failure() -> None:
    failure = {**RETRY, **condition("ROLLBACK", rule("Bad", "CloudWatchAlarm", AlarmName="a", AlarmStates="OK"))}
    simulator = Simulator(gated("Deploy", onFailure=failure))
    simulator.ask(rq.SetAlarm("a", "OK"))
    run(simulator, "t1")
    bad = simulator.start("t2")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship", ok=False)
    assert bad.stages["Deploy"].auto_retries == 1
    simulator.finish("Deploy/Ship", ok=False)
    latest = simulator.state.latest
    assert latest is not None
    assert latest.execution_type == "ROLLBACK"


def test_a_retry_makes_new_runs_in_the_same_execution() -> None:
    simulator = Simulator(gated("Build"))
    execution = simulator.start()
    simulator.finish("Build/Compile", ok=False)
    simulator.ask(rq.Retry())
    ids = execution.stages["Build"].actions["Compile"]
    assert len(set(ids)) == 2
    assert simulator.state.actions[ids[0]].status is ActionStatus.FAILED
