"""Actions that wait in the middle: what goes on meanwhile, how they are resumed, and attempts that take one up."""

from __future__ import annotations

import dataclasses

import pytest

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.decide import next_deadline
from engine.execution.explain import reasons, waits_for
from engine.execution.pausing import How, told
from engine.execution.state import ActionExecution, Execution
from engine.model.member import BuildStatus, MemberBuild
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import PAUSE, Simulator

TWO = [action("Source:Src > S")], [action("Build:A S > B", timeoutInMinutes=10), action("Build:C S")]


def run_of(simulator: Simulator, execution: Execution, name: str) -> ActionExecution:
    found = simulator.at(execution, name)
    assert found is not None
    return found


def test_a_paused_action_takes_no_slot_and_no_time_and_says_where_it_stands() -> None:
    simulator = Simulator(pipeline(*TWO), jobs=1)
    execution = simulator.start()
    assert simulator.names() == ["S2/A"]
    simulator.wait(590)
    simulator.pause("S2/A")
    paused = run_of(simulator, execution, "S2/A")
    assert paused.status is ActionStatus.IN_PROGRESS
    assert waits_for(simulator.state, paused) == "paused at BUILD command 2 (exit status 2): make test"
    assert simulator.names() == ["S2/C"]
    assert not simulator.state.waits_for_people(execution)
    simulator.finish("S2/C")
    assert simulator.state.waits_for_people(execution)
    assert [one.run for one in simulator.state.paused()] == [paused]
    simulator.wait(3600)
    assert paused.live
    assert next_deadline(simulator.state) is None
    assert simulator.ask(rq.Resume("", "command", by="ann")).message == "S2/A runs the command again"
    assert not simulator.state.paused()
    simulator.wait(9)
    assert paused.live
    simulator.wait(2)
    assert paused.failure
    assert paused.failure.type == "Timeout"


def test_it_is_resumed_at_once_even_where_every_slot_is_taken() -> None:
    simulator = Simulator(pipeline(*TWO), jobs=1)
    simulator.start()
    simulator.pause("S2/A")
    assert simulator.ask(rq.Resume("A", "phase")).ok
    assert simulator.names() == ["S2/A", "S2/C"]


@pytest.mark.parametrize(
    ("how", "stands"), [("command", False), ("phase", False), ("continue", False), ("start", True), ("fail", True)]
)
def test_a_result_that_somebody_had_a_hand_in_stands_for_no_other(how: How, stands: bool) -> None:
    simulator = Simulator(pipeline(*TWO))
    execution = simulator.start()
    simulator.pause("S2/A")
    simulator.ask(rq.Resume("S2/A", how))
    simulator.finish_all()
    assert execution.status is ExecutionStatus.SUCCEEDED
    found = run_of(simulator, execution, "S2/A")
    assert found.tainted is not stands
    assert (reasons(simulator.state, found)[0].endswith("its result is not reused")) is not stands
    simulator.start()
    assert simulator.names() == ([] if stands else ["S2/A"])


def test_an_effect_that_somebody_had_a_hand_in_is_applied_again() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action("Deploy:Ship S")]))
    simulator.start()
    simulator.pause("S2/Ship")
    simulator.ask(rq.Resume("", "continue"))
    simulator.finish_all()
    simulator.start()
    assert simulator.names() == ["S2/Ship"]


def test_what_cannot_be_resumed_is_refused_in_words() -> None:
    simulator = Simulator(pipeline(*TWO))
    simulator.start()
    assert simulator.ask(rq.Resume("", "command")).message == "no action is paused"
    simulator.pause("S2/A")
    assert simulator.ask(rq.Resume("Nope", "command")).message == "Nope is not paused; paused: S2/A"
    simulator.pause("S2/C")
    answer = simulator.ask(rq.Resume("", "command"))
    assert (answer.exception, answer.message) == (
        "ValidationException",
        "several actions are paused: S2/A, S2/C; name one",
    )
    assert len(simulator.state.paused()) == 2


def test_a_save_does_not_end_it_and_the_newer_run_waits_in_front_of_it() -> None:
    simulator = Simulator(pipeline(*TWO))
    older = simulator.start("t1", save=True)
    simulator.finish("S2/C")
    simulator.pause("S2/A")
    newer = simulator.start("t2", save=True)
    assert run_of(simulator, older, "S2/A").paused
    waiting = run_of(simulator, newer, "S2/A")
    assert waits_for(simulator.state, waiting) == "waiting: the run of #1 is paused; resume it, or stop #1"
    assert simulator.names() == ["S2/C"]
    simulator.finish("S2/C")
    assert all(map(simulator.state.waits_for_people, simulator.state.active))
    simulator.ask(rq.Resume("", "fail"))
    simulator.finish("S2/A", ok=False)
    assert older.status is ExecutionStatus.SUPERSEDED
    simulator.finish("S2/A")
    assert newer.status is ExecutionStatus.SUCCEEDED
    assert not run_of(simulator, newer, "S2/A").tainted


def test_a_save_of_the_same_content_adopts_it_as_it_stands() -> None:
    simulator = Simulator(pipeline(*TWO))
    simulator.start("t1", save=True)
    simulator.pause("S2/A")
    newer = simulator.start("t1", save=True)
    assert run_of(simulator, newer, "S2/A").paused
    assert len(simulator.state.paused()) == 1


def test_who_waits_for_its_stage_is_told_what_to_do() -> None:
    simulator = Simulator(pipeline(*TWO))
    simulator.start()
    simulator.pause("S2/A")
    second = simulator.start("t2")
    assert second.stages["S2"].waiting == "stage S2 is locked by #1, where A is paused: resume it, or stop #1"
    simulator.ask(rq.Resume("", "command"))
    assert second.stages["S2"].waiting == "stage S2 is locked by #1"


@pytest.mark.parametrize("abandon", [True, False])
def test_a_stop_ends_it_and_the_retry_takes_it_up(abandon: bool) -> None:
    simulator = Simulator(pipeline(*TWO))
    execution = simulator.start()
    simulator.finish("S2/C")
    simulator.pause("S2/A")
    first = run_of(simulator, execution, "S2/A")
    simulator.ask(rq.Stop(abandon=abandon))
    assert execution.status is ExecutionStatus.STOPPED
    assert (first.status, first.paused, first.stopped_at) == (ActionStatus.ABANDONED, None, PAUSE)
    assert simulator.ask(rq.Retry(resume="command")).ok
    second = run_of(simulator, execution, "S2/A")
    assert (second.attempt, second.resume, second.resumes) == (2, "command", first.id)
    simulator.finish()
    assert second.tainted
    assert reasons(simulator.state, second)[0] == (
        "took up attempt 1 of #1 at the command where it failed: its result is not reused"
    )


def test_a_crash_tells_the_truth_and_the_next_start_can_take_it_up() -> None:
    simulator = Simulator(pipeline(*TWO))
    execution = simulator.start()
    simulator.pause("S2/A")
    simulator.crash()
    found = run_of(simulator, simulator.state.executions[execution.id], "S2/A")
    assert (found.status, found.summary) == (ActionStatus.ABANDONED, "greenroom ended while it was paused")
    assert found.stopped_at == PAUSE
    answer = simulator.ask(
        rq.Start(revisions=execution.revisions, resume={"A": "phase"}),
    )
    taken = run_of(simulator, simulator.state.executions[answer.execution_id], "S2/A")
    assert (taken.resume, taken.resumes) == ("phase", found.id)


def test_only_what_stopped_at_a_command_is_taken_up() -> None:
    simulator = Simulator(pipeline(*TWO))
    simulator.start()
    simulator.finish("S2/A", ok=False)
    simulator.finish("S2/C")
    answer = simulator.ask(rq.Retry(resume="command"))
    assert answer.message == "no action of stage S2 failed at a command: it can only be retried from the start"
    assert simulator.ask(rq.Retry(resume="command", mode="ALL_ACTIONS")).exception == "ValidationException"
    assert simulator.ask(rq.Retry()).ok


def test_what_is_left_after_a_failure_is_abandoned_where_people_want_that() -> None:
    simulator = Simulator(simple())
    execution = simulator.start(on_failure="stop")
    simulator.finish("Build/Lint", ok=False)
    assert run_of(simulator, execution, "Build/Compile").status is ActionStatus.ABANDONED
    assert execution.stages["Build"].status is StageStatus.FAILED
    assert execution.status is ExecutionStatus.FAILED


def test_a_pause_in_words() -> None:
    assert told(ev.Pause("BUILD", 3, "\n make\nmake test", status=-9)) == "BUILD command 3 (signal 9): make"
    assert told(ev.Pause("INSTALL", 1, "codebuild-breakpoint", "breakpoint")) == (
        "INSTALL command 1 (breakpoint): codebuild-breakpoint"
    )


def test_builds_of_a_batch_pause_one_by_one_and_the_others_go_on() -> None:
    simulator = Simulator(pipeline(*TWO), jobs=2)
    execution = simulator.start()
    batch = run_of(simulator, execution, "S2/A")

    def tell(name: str, status: BuildStatus = "IN_PROGRESS", *after: str) -> None:
        build = MemberBuild(name, status, depends_on=after)
        simulator.record([ev.BatchBuildChanged(batch.id, build)])
        simulator.settle()

    def pause(name: str) -> None:
        simulator.record([ev.ActionPaused(batch.id, dataclasses.replace(PAUSE, build=name))])
        simulator.settle()

    simulator.finish("S2/C")
    for name in ("one", "two"):
        tell(name)
    tell("three", "PENDING", "two")
    pause("one")
    assert (batch.slots, batch.still, batch.builds["one"].paused) == (1, False, True)
    assert not simulator.state.waits_for_people(execution)
    simulator.wait(5)
    pause("two")
    assert (batch.slots, batch.still) == (0, True)
    assert simulator.state.waits_for_people(execution)
    assert [one.place for one in simulator.state.paused()] == ["S2/A/one", "S2/A/two"]
    simulator.wait(3600)
    assert batch.live
    answer = simulator.ask(rq.Resume("A", "command"))
    assert answer.message == "several actions are paused: S2/A/one, S2/A/two; name one"
    assert simulator.ask(rq.Resume("S2/A/two", "fail")).message == "S2/A/two fails"
    assert (batch.slots, batch.still, batch.by_hand) == (1, False, False)
    tell("two", "FAILED")
    assert batch.still  # what depends on it never runs
    assert simulator.ask(rq.Resume("", "command", by="ann")).message == "S2/A/one runs the command again"
    assert (batch.pauses, batch.rested, batch.builds["one"].rested) == ({}, 3605, 3605)
    tell("one", "SUCCEEDED")
    assert batch.by_hand
    pause("three")
    simulator.crash()
    found = run_of(simulator, simulator.state.executions[execution.id], "S2/A")
    assert found.stopped_at == dataclasses.replace(PAUSE, build="three")
    assert (found.builds["three"].status, found.builds["three"].paused) == ("STOPPED", False)
