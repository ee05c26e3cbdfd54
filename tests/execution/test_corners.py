"""Corners of the core where one thing meets another: saves, stops, retries, long histories."""

from __future__ import annotations

import json

from engine.execution import requests as rq
from engine.execution.codec import decode
from engine.execution.events import Recorded
from engine.execution.fold import replay
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


def test_a_journal_of_an_older_greenroom_loads() -> None:
    """Events as they were written before there were conditions, rollbacks and lanes."""
    declared = simple().model_dump_json(exclude_defaults=True)
    written = [
        {"type": "PipelineDefined", "version": 1, "declaration": declared, "file": "pipeline.json"},
        {
            "type": "ExecutionStarted",
            "execution_id": "a",
            "number": 1,
            "version": 1,
            "trigger": "Save",
            "revisions": {"Src": {"tree": "t", "id": "t", "label": "t"}},
        },
        {"type": "StageEntered", "execution_id": "a", "stage": "Source"},
        {
            "type": "ActionScheduled",
            "execution_id": "a",
            "stage": "Source",
            "action": "Src",
            "action_execution_id": "b",
            "attempt": 1,
        },
        {"type": "ActionPrepared", "action_execution_id": "b", "fingerprint": "f", "kind": "source"},
        {"type": "ActionStarted", "action_execution_id": "b"},
        {"type": "ActionEnded", "action_execution_id": "b", "status": "Failed"},
        {"type": "StageEnded", "execution_id": "a", "stage": "Source", "status": "Failed"},
        {"type": "StageReleased", "execution_id": "a", "stage": "Source"},
        {"type": "ExecutionEnded", "execution_id": "a", "status": "Failed"},
        {"type": "StageRetried", "execution_id": "a", "stage": "Source", "mode": "FAILED_ACTIONS"},
    ]
    story = [Recorded(seq, 1.0 * seq, "demo", decode(json.dumps(one))) for seq, one in enumerate(written, 1)]
    execution = replay("demo", story).executions["a"]
    assert (execution.status, execution.execution_type) == (ExecutionStatus.IN_PROGRESS, "STANDARD")
    assert execution.stages["Source"].retries == 1
