"""Corners of the core where one thing meets another: saves, stops, retries, long histories."""

from __future__ import annotations

from engine.execution import requests as rq
from engine.execution.trim import trim
from engine.model.status import ActionStatus, ExecutionStatus
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


def test_a_stopping_execution_cannot_be_retried() -> None:
    simulator = Simulator(simple())
    first = simulator.start()
    simulator.finish("Build/Compile", ok=False)
    simulator.ask(rq.Stop())
    refused = simulator.ask(rq.Retry())
    assert refused.exception == "ConflictException"
    simulator.finish("Build/Lint")
    assert first.status is ExecutionStatus.STOPPED


def test_what_gave_way_to_a_save_that_came_to_nothing_can_be_retried() -> None:
    simulator = Simulator(simple(), policy={"Build/Compile": "finish", "Build/Lint": "finish"})
    first = simulator.start()
    simulator.start("t2", save=True)
    simulator.ask(rq.Stop("#2", abandon=True))
    simulator.ask(rq.Stop("#1", abandon=True))
    assert first.status is ExecutionStatus.STOPPED
    assert simulator.ask(rq.Retry(execution="#1")).ok
    assert simulator.names() == ["Build/Compile", "Build/Lint"]


def test_a_save_takes_over_in_a_parallel_pipeline_too() -> None:
    stages = [action("Source:Src > S")], [action("Build:Slow S > B"), action("Test:Same")]
    simulator = Simulator(pipeline(*stages, executionMode="PARALLEL", pipelineType="V2"))
    simulator.start("t1", save=True)
    assert simulator.names() == ["S2/Slow", "S2/Same"]
    simulator.start("t2", save=True)
    assert sorted(simulator.names()) == ["S2/Same", "S2/Slow"]
    assert simulator.starts.count("S2/Same") == 1
    assert simulator.starts.count("S2/Slow") == 2


def test_runs_that_people_start_in_a_parallel_pipeline_stay_apart() -> None:
    stages = [action("Source:Src > S")], [action("Build:Slow S > B")]
    simulator = Simulator(pipeline(*stages, executionMode="PARALLEL", pipelineType="V2"))
    simulator.start("t1")
    simulator.start("t1")
    assert simulator.names() == ["S2/Slow", "S2/Slow"]


def test_a_run_that_an_undone_save_does_not_need_any_more_is_ended() -> None:
    simulator = Simulator(simple())
    simulator.start("t1")
    simulator.finish_all()
    second = simulator.start("t2", save=True)
    assert simulator.names() == ["Build/Compile", "Build/Lint"]
    third = simulator.start("t1", save=True)  # undone: all of it is known
    assert simulator.names() == []
    assert third.active  # the approval waits
    assert second.status is ExecutionStatus.SUPERSEDED


def test_an_action_that_a_save_does_not_reach_yet_runs_on() -> None:
    simulator = Simulator(
        pipeline([action("Source:Src > S")], [action("Build:A S > B")], [action("Test:Same")]),
    )
    simulator.start("t1")
    simulator.finish("S2/A")
    simulator.start("t2", save=True)
    assert simulator.names() == ["S3/Same", "S2/A"]
    simulator.finish("S2/A")
    simulator.finish("S3/Same")
    assert simulator.starts.count("S3/Same") == 1


def test_what_is_reused_all_the_time_is_not_trimmed_as_old() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action("Test:Same"), action("Build:A S > B")]))
    for number in range(6):
        simulator.start(f"t{number}")
        simulator.finish_all()
    trim(simulator.state, executions=2, results=3)
    latest = simulator.start("t9")
    same = simulator.at(latest, "S2/Same")
    assert same is not None
    assert same.reused
    assert same.status is ActionStatus.SUCCEEDED
