"""Caps, definitions that change, and what greenroom.yaml adds: `after` and lanes."""

from __future__ import annotations

from engine.execution import requests as rq
from engine.execution.explain import waits_for
from engine.model.outcome import Revision
from engine.model.status import ExecutionStatus, StageStatus
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


def wide(count: int, **more: object) -> Simulator:
    builds = [action(f"Build:B{number} S") for number in range(count)]
    return Simulator(pipeline([action("Source:Src > S")], builds, pipelineType="V2", **more), jobs=99)


# -- caps ----------------------------------------------------------------------------------------------------------


def test_a_fifty_first_execution_is_refused() -> None:
    for mode in ("QUEUED", "PARALLEL"):
        simulator = Simulator(simple(executionMode=mode, pipelineType="V2"), jobs=1)
        for number in range(50):
            simulator.start(f"t{number}")
        refused = simulator.ask(rq.Start(revisions={"Src": Revision("t", "t", "t")}))
        assert refused.exception == "ConcurrentPipelineExecutionsLimitExceededException"
        assert len(simulator.state.active) == 50


def test_a_parallel_execution_runs_five_actions_at_once() -> None:
    simulator = wide(7, executionMode="PARALLEL")
    first, second = simulator.start("t1"), simulator.start("t2")
    assert len(simulator.names()) == 10  # the cap is each execution's own
    sixth = simulator.at(first, "S2/B5")
    assert sixth is not None
    assert waits_for(simulator.state, sixth) == (
        "waiting: 5 actions run already, the most for one execution in mode PARALLEL"
    )
    simulator.finish("S2/B0")
    assert len(simulator.names()) == 10
    assert second.active


def test_other_modes_have_no_such_cap() -> None:
    simulator = wide(7)
    simulator.start()
    assert len(simulator.names()) == 7


# -- a definition that changes under way ---------------------------------------------------------------------------


def test_an_update_cancels_what_runs_once_its_actions_are_done() -> None:
    simulator = Simulator(simple())
    execution = simulator.start()
    simulator.define(simple(executionMode="QUEUED", pipelineType="V2"))
    simulator.settle()
    assert execution.status is ExecutionStatus.IN_PROGRESS
    simulator.finish_all()
    assert execution.status is ExecutionStatus.CANCELLED
    assert execution.stages["Build"].status is StageStatus.CANCELLED
    assert execution.summary == "the definition changed to version 2"


def test_an_update_cancels_what_waits_at_once() -> None:
    simulator = Simulator(simple())
    simulator.start("t1")
    waiting = simulator.start("t2")
    simulator.define(simple(executionMode="PARALLEL", pipelineType="V2"))
    simulator.settle()
    assert waiting.status is ExecutionStatus.CANCELLED
    assert not simulator.state.waiting


def test_parallel_executions_run_on_with_the_definition_they_began_with() -> None:
    simulator = Simulator(simple(executionMode="PARALLEL", pipelineType="V2"))
    execution = simulator.start()
    simulator.define(pipeline([action("Source:Src > S")], [action("Build:Other S")]))
    simulator.settle()
    simulator.finish_all()
    simulator.ask(rq.Approve("", True))
    simulator.finish_all()
    assert execution.status is ExecutionStatus.SUCCEEDED
    assert "Deploy/Ship" in simulator.starts


def test_a_reload_takes_over_what_is_the_same_and_cancels_the_older_run() -> None:
    simulator = Simulator(simple())
    older = simulator.start("t1", save=True)
    simulator.define(simple(executionMode="QUEUED", pipelineType="V2"))
    given = simulator.ask(rq.Start("Reload", revisions=older.revisions))
    newer = simulator.state.executions[given.execution_id]
    assert simulator.starts.count("Build/Compile") == 1
    assert older.status is ExecutionStatus.CANCELLED
    assert older.superseded_by == newer.id


def test_a_cancelled_execution_is_not_retried() -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.define(simple(executionMode="QUEUED", pipelineType="V2"))
    simulator.finish("Build/Compile", ok=False)
    simulator.finish_all()
    assert simulator.ask(rq.Retry("Build")).exception == "StageNotRetryableException"


# -- after ---------------------------------------------------------------------------------------------------------


def test_after_orders_single_actions_whatever_their_run_order() -> None:
    stage = [action("Build:A S"), action("Build:B S"), action("Build:C@2 S"), action("Build:D@3 S")]
    simulator = Simulator(pipeline([action("Source:Src > S")], stage), after={"S2/C": ("A",)})
    simulator.start()
    assert simulator.names() == ["S2/A", "S2/B"]
    simulator.finish("S2/A")
    assert simulator.names() == ["S2/B", "S2/C"]
    simulator.finish("S2/B")
    assert simulator.names() == ["S2/C"]
    simulator.finish("S2/C")
    assert simulator.names() == ["S2/D"]


def test_an_action_after_nothing_starts_at_once() -> None:
    stage = [action("Build:A S"), action("Build:B@9 S")]
    simulator = Simulator(pipeline([action("Source:Src > S")], stage), after={"S2/B": ()})
    simulator.start()
    assert simulator.names() == ["S2/A", "S2/B"]


# -- lanes ---------------------------------------------------------------------------------------------------------


def test_each_lane_has_locks_and_a_waiting_place_of_its_own() -> None:
    simulator = Simulator(simple())
    main, feature = simulator.start("t1", lane="main"), simulator.start("t2", lane="feature")
    assert simulator.state.locks == {"Build (main)": main.id, "Build (feature)": feature.id}
    later = simulator.start("t3", lane="feature")
    assert later.stages["Build"].waiting == "stage Build is locked by #2"
    latest = simulator.start("t4", lane="feature")
    assert (later.status, later.superseded_by) == (ExecutionStatus.SUPERSEDED, latest.id)
    assert main.active


def test_a_save_in_one_lane_leaves_the_others_alone() -> None:
    simulator = Simulator(simple())
    main = simulator.start("t1", lane="main", save=True)
    simulator.start("t2", lane="feature", save=True)
    assert main.yields_to == ""
    assert simulator.names().count("Build/Compile") == 2
