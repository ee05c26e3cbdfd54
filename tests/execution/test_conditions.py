"""Stage conditions: when they are evaluated, what their rules come to, which result engages."""

from __future__ import annotations

import pytest

from engine.execution import requests as rq
from engine.execution.decide import next_deadline
from engine.execution.explain import waits_for
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, StageStatus
from tests.execution.pipelines import action, check, condition, gated, pipeline, rule
from tests.execution.simulator import Simulator

IS_PROD = check("IsProd", "#{variables.ENV}", "EQ", "prod")
SMOKE = rule("Smoke", "Commands", command="make smoke")


def at_deploy(simulator: Simulator) -> None:
    """A first execution has come to the stage that the conditions guard."""
    simulator.start()
    simulator.finish("Build/Compile")


# -- before entry --------------------------------------------------------------------------------------------------


def test_an_entry_condition_that_holds_lets_the_actions_start() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", IS_PROD)))
    execution = simulator.start(variables={"ENV": "prod"})
    simulator.finish("Build/Compile")
    assert simulator.names() == ["Deploy/Ship"]
    found = execution.stages["Deploy"].condition("BEFORE_ENTRY")
    assert found is not None
    assert found.status is ConditionStatus.SUCCEEDED


def test_an_entry_condition_that_fails_fails_the_stage_without_an_action() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", IS_PROD)))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    assert execution.status is ExecutionStatus.FAILED
    assert execution.stages["Deploy"].actions == {}
    assert execution.summary == (
        "stage Deploy failed: its condition beforeEntry failed (rule IsProd: it does not hold that 'dev' EQ 'prod')"
    )
    assert not simulator.state.locks


def test_a_skipped_stage_is_passed_over_and_the_next_one_runs() -> None:
    simulator = Simulator(gated("Build", beforeEntry=condition("SKIP", IS_PROD)))
    execution = simulator.start()
    assert execution.stages["Build"].status is StageStatus.SKIPPED
    shipped = simulator.at(execution, "Deploy/Ship")
    assert shipped is not None
    assert shipped.failure is not None  # what it reads was never made
    assert execution.status is ExecutionStatus.FAILED


def test_a_skipped_last_stage_ends_a_success() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("SKIP", IS_PROD)))
    at_deploy(simulator)
    assert simulator.state.executions["id-1"].status is ExecutionStatus.SUCCEEDED
    assert "Deploy/Ship" not in simulator.starts


def test_the_stage_is_locked_while_its_entry_is_judged() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    second = simulator.start("t2")
    simulator.finish("Build/Compile")
    assert simulator.names() == ["Deploy/beforeEntry:Smoke"]
    assert second.stages["Deploy"].waiting == "stage Deploy is locked by #1"


def test_what_was_not_selected_is_not_asked_for() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", IS_PROD)))
    execution = simulator.start(selected=("Build/Compile",))
    simulator.finish_all()
    assert execution.status is ExecutionStatus.SUCCEEDED
    assert execution.stages["Deploy"].conditions == []


# -- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("EQ", "dev", True),
        ("EQ", "Dev", False),
        ("NE", "prod", True),
        ("NE", "dev", False),
        ("CONTAINS", "ev", True),
        ("CONTAINS", "EV", False),
        ("MATCHES", "d.v", True),
        ("MATCHES", "d", False),
    ],
)
def test_comparisons(operator: str, value: str, holds: bool) -> None:
    entry = condition("FAIL", check("C", "#{variables.ENV}", operator, value))
    simulator = Simulator(gated("Deploy", beforeEntry=entry))
    at_deploy(simulator)
    assert (simulator.names() == ["Deploy/Ship"]) is holds


@pytest.mark.parametrize(
    "broken",
    [
        check("C", "#{Nothing.Here}", "EQ", "x"),
        check("C", "#{variables.ENV}", "LIKE", "x"),
        check("C", "#{variables.ENV}", "MATCHES", "("),
        rule("W", "DeploymentWindow", Cron="every day"),
        rule("W", "DeploymentWindow", Cron="* * * ? * * 1999"),
        rule("A", "CloudWatchAlarm", AlarmName="a", WaitTime="soon"),
        rule("A", "CloudWatchAlarm", AlarmName="a", AlarmStates="RED"),
        rule("A", "CloudWatchAlarm"),
        rule("X", "Horoscope"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_an_error_and_its_result_engages(broken: dict[str, object]) -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", broken)))
    simulator.now = 2_000_000_000.0  # in 2033
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    found = execution.stages["Deploy"].condition("BEFORE_ENTRY")
    assert found is not None
    assert found.status is ConditionStatus.ERRORED
    assert execution.status is ExecutionStatus.FAILED


def test_rules_run_at_the_same_time_and_each_to_its_end() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE, rule("Load", "CodeBuild"), IS_PROD)))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    assert simulator.names() == ["Deploy/beforeEntry:Smoke", "Deploy/beforeEntry:Load"]
    simulator.finish("Deploy/beforeEntry:Smoke")
    assert execution.status is ExecutionStatus.IN_PROGRESS  # IsProd failed long ago
    simulator.finish("Deploy/beforeEntry:Load")
    assert execution.status is ExecutionStatus.FAILED


def test_a_rule_that_something_runs_for_takes_a_slot() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE, rule("Load", "CodeBuild"))), jobs=1)
    at_deploy(simulator)
    assert simulator.names() == ["Deploy/beforeEntry:Smoke"]
    simulator.finish()
    assert simulator.names() == ["Deploy/beforeEntry:Load"]


def test_a_closed_window_waits_until_it_opens() -> None:
    window = rule("Morning", "DeploymentWindow", Cron="0 0 9-17 ? * * *")
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", window)))
    at_deploy(simulator)  # in the night of 1 January 1970
    execution = simulator.state.executions["id-1"]
    waiting = simulator.at(execution, "Deploy/beforeEntry:Morning")
    assert waiting is not None
    assert waits_for(simulator.state, waiting) == (
        "waiting for the deployment window 0 0 9-17 ? * * * to open at 1970-01-01 09:00 UTC"
    )
    assert next_deadline(simulator.state) == 9 * 3600
    simulator.wait(9 * 3600 - simulator.now - 1)
    assert simulator.names() == []
    simulator.wait(1)
    assert simulator.names() == ["Deploy/Ship"]


def test_a_check_that_is_certain_waits_for_nothing() -> None:
    window = rule("Always", "DeploymentWindow", Cron="* * * ? * * *")
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", window, SMOKE)))
    at_deploy(simulator)
    opened = simulator.at(simulator.state.executions["id-1"], "Deploy/beforeEntry:Always")
    assert opened is not None
    assert opened.status is ActionStatus.SUCCEEDED
    opened.step = "running"  # as a screen may see it between two events
    assert waits_for(simulator.state, opened) == ""


def test_a_window_that_stays_closed_longer_than_its_rule_may_take_fails() -> None:
    window = rule("Morning", "DeploymentWindow", Cron="0 0 9-17 ? * * *") | {"timeoutInMinutes": 30}
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", window)))
    at_deploy(simulator)
    simulator.wait(1800)
    assert simulator.state.executions["id-1"].status is ExecutionStatus.FAILED


@pytest.mark.parametrize(
    ("states", "alarm", "holds"),
    [
        ("", "OK", True),
        ("", "INSUFFICIENT_DATA", True),
        ("", "ALARM", False),
        ("ALARM", "ALARM", True),
        ("ALARM, INSUFFICIENT_DATA", "OK", False),
        ('["OK"]', "OK", True),
    ],
)
def test_alarms_are_judged_by_their_state(states: str, alarm: str, holds: bool) -> None:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors", **({"AlarmStates": states} if states else {}))
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", quiet)))
    simulator.ask(rq.SetAlarm("errors", alarm))  # type: ignore[arg-type]
    at_deploy(simulator)
    assert (simulator.names() == ["Deploy/Ship"]) is holds


def test_an_alarm_that_nobody_has_told_anything_has_insufficient_data() -> None:
    known = rule("Known", "CloudWatchAlarm", AlarmName="errors", AlarmStates="OK")
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", known)))
    at_deploy(simulator)
    assert "INSUFFICIENT_DATA, not OK" in simulator.state.executions["id-1"].summary


def test_an_alarm_gets_its_wait_time() -> None:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors", WaitTime="10")
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", quiet)))
    simulator.ask(rq.SetAlarm("errors", "ALARM"))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    simulator.finish("Deploy/Ship")
    assert execution.stages["Deploy"].status is StageStatus.IN_PROGRESS
    simulator.wait(599)
    assert execution.active
    simulator.ask(rq.SetAlarm("errors", "OK"))
    assert execution.status is ExecutionStatus.SUCCEEDED


def test_an_alarm_that_stays_fails_the_rule_when_its_wait_time_is_over() -> None:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors", WaitTime="10")
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", quiet)))
    simulator.ask(rq.SetAlarm("errors", "ALARM"))
    at_deploy(simulator)
    simulator.finish("Deploy/Ship")
    simulator.wait(600)
    assert simulator.state.executions["id-1"].status is ExecutionStatus.FAILED


# -- on success ----------------------------------------------------------------------------------------------------


def test_on_success_is_asked_after_all_actions_and_fails_the_stage() -> None:
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    simulator.finish("Deploy/Ship")
    assert simulator.names() == ["Deploy/onSuccess:Smoke"]
    simulator.finish(ok=False)
    shipped = simulator.at(execution, "Deploy/Ship")
    assert shipped is not None
    assert shipped.status is ActionStatus.SUCCEEDED
    assert (execution.stages["Deploy"].status, execution.status) == (StageStatus.FAILED, ExecutionStatus.FAILED)


def test_a_rule_run_never_stands_for_a_later_one() -> None:
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", SMOKE)))
    for _ in range(2):
        simulator.start("t1")
        simulator.finish_all()
    assert simulator.starts.count("Deploy/onSuccess:Smoke") == 2
    assert simulator.starts.count("Build/Compile") == 1


# -- on failure ----------------------------------------------------------------------------------------------------


def test_a_failure_condition_engages_when_its_rules_succeed() -> None:
    failure = condition("ROLLBACK", rule("Bad", "CloudWatchAlarm", AlarmName="errors"))
    simulator = Simulator(gated("Deploy", onFailure=failure))
    good = simulator.start("t1")
    simulator.finish_all()
    bad = simulator.start("t2")
    simulator.finish("Build/Compile")
    simulator.ask(rq.SetAlarm("errors", "ALARM"))
    simulator.finish("Deploy/Ship", ok=False)
    latest = simulator.state.latest
    assert latest is not None
    assert bad.status is ExecutionStatus.FAILED
    assert (latest.execution_type, latest.rollback_target) == ("ROLLBACK", good.id)


def test_a_failure_condition_whose_rules_fail_changes_nothing() -> None:
    failure = condition("ROLLBACK", rule("Bad", "CloudWatchAlarm", AlarmName="errors"))
    simulator = Simulator(gated("Deploy", onFailure=failure))
    simulator.start("t1")
    simulator.finish_all()
    bad = simulator.start("t2")
    simulator.finish("Build/Compile")
    simulator.finish("Deploy/Ship", ok=False)
    assert bad.status is ExecutionStatus.FAILED
    assert simulator.state.latest is bad


# -- stops, crashes, retries ---------------------------------------------------------------------------------------


def test_stopping_ends_rules_and_what_waits_for_a_window() -> None:
    window = rule("Never", "DeploymentWindow", Cron="0 0 9 ? * * 2199")
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", window, SMOKE)))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    simulator.ask(rq.Stop())
    assert execution.status is ExecutionStatus.STOPPED
    found = execution.stages["Deploy"].conditions[-1]
    assert found.status is ConditionStatus.ABANDONED
    assert simulator.names() == []


def test_a_crash_abandons_rules_and_a_retry_asks_anew() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    simulator.crash()
    assert simulator.state.executions["id-1"].status is ExecutionStatus.STOPPED
    assert simulator.ask(rq.Retry("Deploy")).ok
    simulator.finish("Deploy/beforeEntry:Smoke")
    assert simulator.names() == ["Deploy/Ship"]


def test_a_retry_keeps_an_entry_that_passed_and_a_full_one_asks_anew() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    simulator.finish("Deploy/beforeEntry:Smoke")
    simulator.finish("Deploy/Ship", ok=False)
    simulator.ask(rq.Retry("Deploy"))
    assert simulator.names() == ["Deploy/Ship"]
    simulator.finish("Deploy/Ship", ok=False)
    simulator.ask(rq.Retry("Deploy", mode="ALL_ACTIONS"))
    assert simulator.names() == ["Deploy/beforeEntry:Smoke"]


def test_a_stage_that_its_condition_failed_can_be_retried() -> None:
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    simulator.finish("Deploy/Ship")
    simulator.finish(ok=False)
    assert simulator.ask(rq.Retry("Deploy")).ok
    assert simulator.names() == ["Deploy/onSuccess:Smoke"]  # its actions have succeeded
    simulator.finish()
    assert simulator.state.executions["id-1"].status is ExecutionStatus.SUCCEEDED


def test_a_save_ends_the_rules_of_the_run_that_yields() -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", SMOKE)))
    at_deploy(simulator)
    simulator.start("t2", save=True)
    first = simulator.state.executions["id-1"]
    assert first.status is ExecutionStatus.SUPERSEDED
    assert first.stages["Deploy"].conditions[-1].status is ConditionStatus.CANCELLED
    assert simulator.names() == ["Build/Compile"]


# -- override ------------------------------------------------------------------------------------------------------


def test_an_override_abandons_the_running_rules_and_lets_the_stage_go_on() -> None:
    window = rule("Never", "DeploymentWindow", Cron="0 0 9 ? * * 2199")
    simulator = Simulator(gated("Deploy", beforeEntry=condition("FAIL", window, SMOKE)))
    at_deploy(simulator)
    execution = simulator.state.executions["id-1"]
    assert simulator.ask(rq.OverrideCondition("Deploy", by="ann")).ok
    found = execution.stages["Deploy"].conditions[-1]
    assert (found.status, found.overridden_by) == (ConditionStatus.OVERRIDDEN, "ann")
    rules = [simulator.state.actions[identity] for identity in found.rules.values()]
    assert {run.status for run in rules} == {ActionStatus.ABANDONED}
    assert simulator.names() == ["Deploy/Ship"]


def test_an_override_after_the_failure_takes_the_stage_up_again() -> None:
    simulator = Simulator(gated("Build", onSuccess=condition("FAIL", IS_PROD)))
    execution = simulator.start()
    simulator.finish("Build/Compile")
    assert execution.status is ExecutionStatus.FAILED
    assert simulator.ask(rq.OverrideCondition("Build", "ON_SUCCESS")).ok
    assert execution.stages["Build"].status is StageStatus.SUCCEEDED
    assert simulator.names() == ["Deploy/Ship"]


@pytest.mark.parametrize("result", ["SKIP"])
def test_a_skip_cannot_be_overridden(result: str) -> None:
    simulator = Simulator(gated("Deploy", beforeEntry=condition(result, SMOKE)))
    at_deploy(simulator)
    refused = simulator.ask(rq.OverrideCondition("Deploy"))
    assert refused.exception == "ConditionNotOverridableException"


def test_what_cannot_be_overridden_says_so() -> None:
    simulator = Simulator(gated("Deploy", onFailure=condition("ROLLBACK", SMOKE), onSuccess=condition("FAIL", SMOKE)))
    assert simulator.ask(rq.OverrideCondition("Deploy")).exception == "ConditionNotOverridableException"
    assert simulator.ask(rq.OverrideCondition("Deploi")).exception == "StageNotFoundException"
    at_deploy(simulator)
    assert simulator.ask(rq.OverrideCondition("Deploy")).exception == "ConditionNotOverridableException"
    simulator.finish("Deploy/Ship", ok=False)
    assert simulator.names() == ["Deploy/onFailure:Smoke"]
    refused = simulator.ask(rq.OverrideCondition("Deploy", "ON_FAILURE"))
    assert refused.exception == "ConditionNotOverridableException"
    simulator.finish(ok=False)
    assert simulator.ask(rq.OverrideCondition("Deploy", execution="#9")).exception == (
        "PipelineExecutionNotFoundException"
    )


def test_only_the_latest_execution_of_a_stage_is_overridden() -> None:
    simulator = Simulator(gated("Deploy", onSuccess=condition("FAIL", IS_PROD)))
    simulator.start("t1")
    simulator.finish_all()
    simulator.start("t2")
    simulator.finish_all()
    refused = simulator.ask(rq.OverrideCondition("Deploy", execution="#1"))
    assert refused.exception == "NotLatestPipelineExecutionException"
    assert simulator.ask(rq.OverrideCondition("Deploy")).ok


def test_a_rule_reads_what_actions_of_its_stage_said() -> None:
    declared = pipeline(
        [action("Source:Src > S")],
        [action("Build:B S", namespace="BuildVars")],
        gates={"S2": {"onSuccess": condition("FAIL", check("C", "#{BuildVars.Version}", "EQ", "1"))}},
        pipelineType="V2",
    )
    simulator = Simulator(declared)
    execution = simulator.start()
    built = simulator.at(execution, "S2/B")
    assert built is not None
    simulator.finish("S2/B")
    assert execution.summary.endswith("#{BuildVars.Version} of rule C has no value)")
