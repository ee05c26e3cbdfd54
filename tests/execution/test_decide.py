"""How executions move: stages, groups, locks, failure, retry, stop, approval, timeouts."""

from __future__ import annotations

import pytest

from engine.execution import requests as rq
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


def approve(simulator: Simulator, *, yes: bool = True) -> rq.Answer:
    return simulator.ask(rq.Approve("", yes))


def test_a_run_goes_through_its_stages_in_order() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    assert simulator.names() == ["Build/Compile", "Build/Lint"]
    simulator.finish_all()
    assert [a.action for a in simulator.state.approvals()] == ["Ok"]
    approve(simulator)
    simulator.finish("Deploy/Ship")
    assert execution.status is ExecutionStatus.SUCCEEDED
    assert all(stage.status is StageStatus.SUCCEEDED for stage in execution.stages.values())
    assert not simulator.state.locks


def test_run_order_groups_wait_for_each_other_and_gaps_are_fine() -> None:
    simulator = Simulator(
        pipeline([action("Source:Src > S")], [action("Build:A@1 S"), action("Build:B@5 S"), action("Build:C@5 S")])
    )
    simulator.start()
    assert simulator.names() == ["S2/A"]
    simulator.finish()
    assert simulator.names() == ["S2/B", "S2/C"]


def test_no_more_than_jobs_actions_run_at_once() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action(f"Build:B{n} S") for n in range(6)]), jobs=2)
    execution = simulator.start()
    for left in (6, 5, 4, 3, 2, 1):
        assert len(simulator.names()) == min(2, left)
        simulator.finish()
    assert execution.status is ExecutionStatus.SUCCEEDED


def test_a_failed_action_fails_its_stage_while_siblings_finish() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.finish("Build/Lint", ok=False)
    assert execution.stages["Build"].status is StageStatus.FAILED
    assert execution.status is ExecutionStatus.IN_PROGRESS
    assert simulator.names() == ["Build/Compile"]
    assert simulator.state.locks["Build"] == execution.id
    simulator.finish("Build/Compile")
    assert execution.status is ExecutionStatus.FAILED
    assert not simulator.state.locks


def test_retry_of_failed_actions_keeps_what_succeeded() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.finish("Build/Compile")
    simulator.finish("Build/Lint", ok=False)
    assert simulator.ask(rq.Retry("Build")).ok
    assert simulator.names() == ["Build/Lint"]
    assert execution.status is ExecutionStatus.IN_PROGRESS
    simulator.finish()
    assert execution.stages["Build"].status is StageStatus.SUCCEEDED
    assert execution.stages["Build"].attempt == 2
    lint = simulator.at(execution, "Build/Lint")
    assert lint is not None
    assert lint.attempt == 2


def test_retry_of_all_actions_runs_every_one_of_them_again() -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.finish("Build/Compile")
    simulator.finish("Build/Lint", ok=False)
    assert simulator.ask(rq.Retry("Build", mode="ALL_ACTIONS")).ok
    assert simulator.names() == ["Build/Compile", "Build/Lint"]


def test_retry_of_all_actions_is_refused_while_one_is_in_progress() -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.finish("Build/Lint", ok=False)
    assert simulator.ask(rq.Retry("Build", mode="ALL_ACTIONS")).exception == "ConflictException"
    assert simulator.ask(rq.Retry("Build")).ok
    assert simulator.names() == ["Build/Compile", "Build/Lint"]


def test_a_stage_that_did_not_fail_cannot_be_retried() -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.finish_all()
    assert simulator.ask(rq.Retry("Build")).exception == "StageNotRetryableException"
    assert simulator.ask(rq.Retry("Biuld")).exception == "StageNotFoundException"


def test_a_failed_stage_cannot_be_retried_once_a_newer_execution_entered_it() -> None:
    simulator = Simulator(simple())
    simulator.start("t1")
    simulator.finish("Build/Compile")
    simulator.finish("Build/Lint", ok=False)
    simulator.start("t2")
    refused = simulator.ask(rq.Retry("Build", execution="#1"))
    assert refused.exception == "NotLatestPipelineExecutionException"


def test_stop_and_wait_lets_running_actions_finish_and_starts_nothing_more() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    assert simulator.ask(rq.Stop()).ok
    assert execution.status is ExecutionStatus.STOPPING
    assert execution.stages["Build"].status is StageStatus.STOPPING
    simulator.finish_all()
    assert execution.status is ExecutionStatus.STOPPED
    assert simulator.names() == []
    assert execution.stages["Deploy"].status is None


def test_stop_and_abandon_ends_running_actions_at_once() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.ask(rq.Stop(abandon=True, reason="enough"))
    compiled = simulator.at(execution, "Build/Compile")
    assert compiled is not None
    assert compiled.status is ActionStatus.ABANDONED
    assert (execution.status, execution.summary) == (ExecutionStatus.STOPPED, "enough")
    assert simulator.ask(rq.Retry("Build")).ok
    assert simulator.names() == ["Build/Compile", "Build/Lint"]


def test_stopping_twice_is_a_duplicate_unless_the_second_abandons() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.ask(rq.Stop())
    assert simulator.ask(rq.Stop()).exception == "DuplicatedStopRequestException"
    assert simulator.ask(rq.Stop(abandon=True)).ok
    assert execution.status is ExecutionStatus.STOPPED
    assert simulator.ask(rq.Stop("1")).exception == "PipelineExecutionNotStoppableException"


def test_a_rejected_approval_fails_its_stage_and_can_be_retried() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.finish_all()
    approve(simulator, yes=False)
    assert execution.status is ExecutionStatus.FAILED
    simulator.ask(rq.Retry())
    assert len(simulator.state.approvals()) == 1
    approve(simulator)
    assert simulator.names() == ["Deploy/Ship"]


def test_an_unanswered_approval_fails_at_its_timeout() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.finish_all()
    simulator.wait(599)
    assert execution.status is ExecutionStatus.IN_PROGRESS
    simulator.wait(1)
    assert execution.status is ExecutionStatus.FAILED
    asked = simulator.at(execution, "Approve/Ok")
    assert asked is not None
    assert asked.failure is not None
    assert asked.failure.type == "Timeout"


def test_an_approval_given_in_advance_is_not_asked() -> None:
    simulator = Simulator(simple())
    simulator.start(approve=("Approve/Ok",))
    simulator.finish_all()
    assert simulator.state.approvals() == []
    assert simulator.starts[-1] == "Deploy/Ship"


@pytest.mark.parametrize("target", ["Approve/Ok", "Ok", "Approve", ""])
def test_an_approval_is_found_by_any_of_its_names(target: str) -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.finish_all()
    assert simulator.ask(rq.Approve(target, True)).ok


def test_approving_what_does_not_wait_is_refused() -> None:
    simulator = Simulator(simple())
    simulator.start()
    assert simulator.ask(rq.Approve("Ok", True)).exception == "InvalidApprovalTokenException"
    simulator.finish_all()
    waiting = simulator.state.approvals()[0].id
    simulator.ask(rq.Approve(waiting, True))
    assert simulator.ask(rq.Approve(waiting, True)).exception == "ApprovalAlreadyCompletedException"


def test_an_action_that_runs_too_long_is_ended_and_fails() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action("Build:B S", timeoutInMinutes=5)]))
    execution = simulator.start()
    simulator.wait(300)
    built = simulator.at(execution, "S2/B")
    assert built is not None
    assert built.status is ActionStatus.FAILED
    assert execution.status is ExecutionStatus.FAILED


# -- locks ---------------------------------------------------------------------------------------------------------


def test_a_waiting_execution_is_superseded_only_in_front_of_a_locked_stage() -> None:
    simulator = Simulator(simple())
    first, second, third = (simulator.start(tree) for tree in ("t1", "t2", "t3"))
    assert simulator.state.locks["Build"] == first.id
    assert second.status is ExecutionStatus.SUPERSEDED
    assert second.superseded_by == third.id
    assert third.stages["Build"].waiting == "stage Build is locked by #1"
    assert first.status is ExecutionStatus.IN_PROGRESS
    simulator.finish_all()
    assert third.stages["Build"].status is not None


def test_a_pending_approval_holds_the_stage() -> None:
    simulator = Simulator(simple())
    first = simulator.start("t1")
    simulator.finish_all()
    second = simulator.start("t2")
    simulator.finish_all()
    assert simulator.state.locks["Approve"] == first.id
    assert second.stages["Approve"].waiting == "stage Approve is locked by #1"
    approve(simulator)
    assert simulator.state.locks["Approve"] == second.id


def test_queued_executions_keep_their_order() -> None:
    simulator = Simulator(simple(executionMode="QUEUED", pipelineType="V2"))
    runs = [simulator.start(f"t{number}") for number in range(4)]
    assert simulator.state.waiting["Build"] == [run.id for run in runs[1:]]
    simulator.finish_all()
    for run in runs:
        assert run.active
        approve(simulator)
        simulator.finish_all()
    assert [run.status for run in runs] == [ExecutionStatus.SUCCEEDED] * 4


def test_parallel_executions_share_no_locks() -> None:
    simulator = Simulator(simple(executionMode="PARALLEL", pipelineType="V2"), jobs=99)
    for number in range(3):
        simulator.start(f"t{number}")
    assert simulator.names() == ["Build/Compile", "Build/Lint"] * 3
    assert not simulator.state.locks


# -- variables and selection ---------------------------------------------------------------------------------------


def test_a_required_variable_without_a_value_refuses_the_start() -> None:
    simulator = Simulator(simple(pipelineType="V2", variables=[{"name": "REGION"}]))
    refused = simulator.ask(rq.Start())
    assert refused.exception == "ValidationException"
    assert "REGION" in refused.message
    assert simulator.ask(rq.Start(variables={"REGIONS": "x"})).message.endswith("did you mean REGION?")


def test_a_selection_runs_what_it_needs_and_skips_the_rest() -> None:
    simulator = Simulator(simple())
    execution = simulator.start(selected=("Deploy/Ship",))
    assert simulator.names() == ["Build/Compile"]
    simulator.finish_all()
    assert simulator.starts == ["Source/Src", "Build/Compile", "Deploy/Ship"]
    assert execution.stages["Approve"].status is StageStatus.SKIPPED
    assert execution.status is ExecutionStatus.SUCCEEDED


def test_a_selection_of_nothing_that_exists_is_refused() -> None:
    simulator = Simulator(simple())
    assert simulator.ask(rq.Start(selected=("Build/Gone",))).exception == "ActionNotFoundException"
