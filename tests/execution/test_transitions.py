"""Disabled transitions: nothing enters; what waits in front supersedes or queues as ever."""

from __future__ import annotations

import pytest

from engine.execution import requests as rq
from engine.execution.explain import stage_waits
from engine.execution.initial import initial_alarms, initial_transitions
from engine.model.status import ExecutionStatus, StageStatus
from tests.execution.pipelines import simple
from tests.execution.simulator import Simulator

FREEZE = rq.DisableTransition("Deploy", "code freeze until Monday!", "ann")


def come_to_deploy(simulator: Simulator, tree: str) -> None:
    simulator.start(tree, approve=("all",))
    simulator.finish("Build/Compile")
    simulator.finish("Build/Lint")


def test_nothing_enters_until_the_transition_is_enabled() -> None:
    simulator = Simulator(simple())
    assert simulator.ask(FREEZE).ok
    come_to_deploy(simulator, "t1")
    execution = simulator.state.executions["id-1"]
    assert execution.status is ExecutionStatus.IN_PROGRESS
    assert stage_waits(execution, "Deploy") == (
        "waiting: the transition into Deploy is disabled by ann: code freeze until Monday!"
    )
    assert simulator.state.waits_for_people(execution)
    assert simulator.ask(rq.EnableTransition("Deploy", "bob")).ok
    assert simulator.names() == ["Deploy/Ship"]
    transition = simulator.state.transitions["Deploy"]
    assert (transition.enabled, transition.reason, transition.by) == (True, "", "bob")


def test_what_is_inside_is_not_affected() -> None:
    simulator = Simulator(simple())
    come_to_deploy(simulator, "t1")
    simulator.ask(FREEZE)
    simulator.finish("Deploy/Ship")
    assert simulator.state.executions["id-1"].status is ExecutionStatus.SUCCEEDED


def test_newer_executions_supersede_older_ones_in_front_of_a_closed_stage() -> None:
    simulator = Simulator(simple())
    simulator.ask(FREEZE)
    for tree in ("t1", "t2", "t3"):
        come_to_deploy(simulator, tree)
    statuses = [execution.status for execution in simulator.state.executions.values()]
    assert statuses == [ExecutionStatus.SUPERSEDED, ExecutionStatus.SUPERSEDED, ExecutionStatus.IN_PROGRESS]
    simulator.ask(rq.EnableTransition("Deploy"))
    assert simulator.names() == ["Deploy/Ship"]


def test_queued_executions_enter_in_order_once_the_stage_is_open() -> None:
    simulator = Simulator(simple(executionMode="QUEUED", pipelineType="V2"))
    simulator.ask(FREEZE)
    for tree in ("t1", "t2"):
        come_to_deploy(simulator, tree)
    first, second = simulator.state.executions.values()
    assert simulator.state.waiting["Deploy"] == [first.id, second.id]
    simulator.ask(rq.EnableTransition("Deploy"))
    assert first.stages["Deploy"].status is StageStatus.IN_PROGRESS
    assert second.stages["Deploy"].waiting == "stage Deploy is locked by #1"


def test_a_parallel_execution_waits_too() -> None:
    simulator = Simulator(simple(executionMode="PARALLEL", pipelineType="V2"))
    simulator.ask(FREEZE)
    come_to_deploy(simulator, "t1")
    assert simulator.names() == []
    simulator.ask(rq.EnableTransition("Deploy"))
    assert simulator.names() == ["Deploy/Ship"]


def test_a_transition_stays_disabled_across_a_restart_and_a_new_definition() -> None:
    simulator = Simulator(simple())
    simulator.ask(FREEZE)
    simulator.crash()
    simulator.define(simple(executionMode="QUEUED", pipelineType="V2"))
    come_to_deploy(simulator, "t1")
    assert simulator.names() == []
    disabled = simulator.state.disabled("Deploy")
    assert disabled is not None
    assert (disabled.reason, disabled.by, disabled.at) == ("code freeze until Monday!", "ann", 1000.0)


def test_an_execution_that_waits_can_be_stopped_and_never_comes_back() -> None:
    simulator = Simulator(simple())
    simulator.ask(FREEZE)
    come_to_deploy(simulator, "t1")
    execution = simulator.state.executions["id-1"]
    simulator.ask(rq.Stop())
    assert execution.status is ExecutionStatus.STOPPED
    assert simulator.ask(rq.Retry("Deploy")).exception == "StageNotRetryableException"
    simulator.ask(rq.EnableTransition("Deploy"))
    assert simulator.names() == []


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ("", "length greater than or equal to 1"),
        ("x" * 301, "length less than or equal to 300"),
        ("no, thanks", "regular expression pattern"),
    ],
)
def test_a_reason_is_checked_as_aws_does(reason: str, complaint: str) -> None:
    refused = Simulator(simple()).ask(rq.DisableTransition("Deploy", reason))
    assert refused.exception == "ValidationException"
    assert complaint in refused.message


def test_a_stage_that_does_not_exist_has_no_transition() -> None:
    simulator = Simulator(simple())
    refused = simulator.ask(rq.DisableTransition("Deplyo", "freeze"))
    assert refused.exception == "StageNotFoundException"
    assert refused.message.endswith("did you mean Deploy?")
    assert simulator.ask(rq.EnableTransition("Nowhere")).exception == "StageNotFoundException"
    assert simulator.ask(rq.EnableTransition("Deploy")).ok  # it is open: nothing to do


def test_a_definition_may_begin_with_disabled_transitions() -> None:
    simulator = Simulator(simple())
    simulator.record(initial_transitions(simulator.state, {"Deploy": "not yet"}))
    disabled = simulator.state.disabled("Deploy")
    assert disabled is not None
    assert disabled.reason == "not yet"
    assert initial_transitions(simulator.state, {"Deploy": "not yet"}) == []
    simulator.ask(rq.EnableTransition("Deploy", "ann"))
    assert initial_transitions(simulator.state, {"Deploy": "not yet"}) == []  # what somebody said since stands


def test_a_transition_that_the_definition_does_not_disable_any_more_is_open() -> None:
    simulator = Simulator(simple())
    simulator.record(initial_transitions(simulator.state, {"Deploy": "not yet"}))
    simulator.record(initial_transitions(simulator.state, {}))
    assert simulator.state.disabled("Deploy") is None
    simulator.ask(FREEZE)
    assert initial_transitions(simulator.state, {}) == []


def test_an_alarm_begins_as_the_file_says_until_the_file_says_otherwise() -> None:
    simulator = Simulator(simple())
    simulator.record(initial_alarms(simulator.state, {"errors": "ALARM"}))
    simulator.ask(rq.SetAlarm("errors", "OK"))
    assert initial_alarms(simulator.state, {"errors": "ALARM"}) == []
    simulator.record(initial_alarms(simulator.state, {"errors": "INSUFFICIENT_DATA"}))
    assert simulator.state.alarms["errors"].state == "INSUFFICIENT_DATA"
