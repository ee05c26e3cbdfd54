"""The loop, exactly: reuse, early cut-off, effects, approvals, and saves while a run is in flight."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.explain import reasons
from engine.model.status import ActionStatus, ExecutionStatus
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


def through(simulator: Simulator, tree: str, **more: object) -> list[str]:
    """Run to the end, approving all; what was started."""
    before = len(simulator.starts)
    simulator.start(tree, approve=("all",), **more)
    simulator.finish_all()
    return simulator.starts[before:]


def test_an_unchanged_source_reuses_everything() -> None:
    simulator = Simulator(simple())
    through(simulator, "t1")
    assert through(simulator, "t1") == []
    latest = simulator.state.latest
    assert latest is not None
    assert latest.status is ExecutionStatus.SUCCEEDED
    compiled = simulator.at(latest, "Build/Compile")
    assert compiled is not None
    assert reasons(simulator.state, compiled) == ["reused from #1"]


def test_a_pure_action_is_reused_from_any_earlier_success() -> None:
    simulator = Simulator(simple())
    for tree in ("t1", "t2", "t3"):
        through(simulator, tree)
    assert "Build/Compile" not in through(simulator, "t1")


def test_an_effect_runs_again_when_something_else_was_applied_since() -> None:
    simulator = Simulator(simple())
    through(simulator, "A")
    through(simulator, "B")
    assert through(simulator, "A") == ["Approve/Ok", "Deploy/Ship"]


def test_a_failed_effect_leaves_its_target_unknown() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action("Deploy:Ship S")]))
    through(simulator, "A")
    simulator.start("B")
    simulator.finish(ok=False)
    assert through(simulator, "A") == ["S2/Ship"]


def test_a_failure_is_never_reused() -> None:
    simulator = Simulator(simple())
    simulator.start("t1")
    simulator.finish("Build/Lint", ok=False)
    simulator.finish_all()
    simulator.start("t1")
    assert simulator.names() == ["Build/Lint"]


def test_identical_output_cuts_off_everything_after_it() -> None:
    simulator = Simulator(simple(), outputs=lambda declared, inputs: f"constant:{declared.name}")
    through(simulator, "t1")
    assert through(simulator, "t2") == ["Source/Src", "Build/Compile", "Build/Lint"]


def test_a_forced_action_runs_no_matter_what() -> None:
    simulator = Simulator(simple(), outputs=lambda declared, inputs: f"constant:{declared.name}")
    through(simulator, "t1")
    assert through(simulator, "t1", forced=("Build/Lint",)) == ["Build/Lint"]
    assert len(through(simulator, "t1", forced=("*",))) == 5


def test_evicted_results_are_not_reused() -> None:
    simulator = Simulator(simple())
    execution = simulator.start("t1", approve=("all",))
    simulator.finish_all()
    compiled = simulator.at(execution, "Build/Compile")
    assert compiled is not None
    simulator.record([ev.ResultsEvicted((compiled.id,))])
    assert through(simulator, "t1") == ["Build/Compile"]


# -- saves while a run is in flight ---------------------------------------------------------------------------------


def test_a_save_restarts_affected_actions_at_once() -> None:
    simulator = Simulator(simple())
    first = simulator.start("t1", save=True)
    old = simulator.at(first, "Build/Compile")
    second = simulator.start("t2", save=True)
    assert old is not None
    assert old.status is ActionStatus.ABANDONED
    assert first.status is ExecutionStatus.SUPERSEDED
    assert first.superseded_by == second.id
    assert simulator.names() == ["Build/Compile", "Build/Lint"]
    assert {a.execution_id for a in simulator.running()} == {second.id}


def two_sources() -> Simulator:
    return Simulator(
        pipeline(
            [action("Source:App > A"), action("Source:Web > W")],
            [action("Build:BuildApp A > BA"), action("Build:BuildWeb W > BW")],
            [action("Deploy:Ship BA, BW")],
            names=("Source", "Build", "Deploy"),
        )
    )


def save(simulator: Simulator, **trees: str) -> None:
    from engine.model.outcome import Revision

    revisions = {name: Revision(tree, tree, tree) for name, tree in trees.items()}
    assert simulator.ask(rq.Start(trigger="Save", revisions=revisions)).ok


def test_an_unaffected_running_action_is_adopted_and_never_started_twice() -> None:
    simulator = two_sources()
    save(simulator, App="a1", Web="w1")
    app = next(a for a in simulator.running() if a.action == "BuildApp")
    save(simulator, App="a1", Web="w2")
    latest = simulator.state.latest
    assert latest is not None
    assert app.running
    assert app.execution_id == latest.id
    assert simulator.starts.count("Build/BuildApp") == 1
    assert simulator.starts.count("Build/BuildWeb") == 2
    simulator.finish_all()
    assert latest.status is ExecutionStatus.SUCCEEDED
    first = simulator.state.find("#1")
    assert first is not None
    assert first.status is ExecutionStatus.SUPERSEDED


def test_a_running_deploy_finishes_before_the_newer_one_starts() -> None:
    simulator = two_sources()
    save(simulator, App="a1", Web="w1")
    simulator.finish()
    simulator.finish()
    assert simulator.names() == ["Deploy/Ship"]
    save(simulator, App="a2", Web="w1")
    simulator.finish("Build/BuildApp")
    assert simulator.names() == ["Deploy/Ship"]
    assert simulator.running()[0].born_in == next(iter(simulator.state.executions))
    simulator.finish("Deploy/Ship")
    assert simulator.names() == ["Deploy/Ship"]
    simulator.finish("Deploy/Ship")
    latest = simulator.state.latest
    assert latest is not None
    assert latest.status is ExecutionStatus.SUCCEEDED


def test_a_running_deploy_of_the_same_content_is_awaited_not_repeated() -> None:
    simulator = two_sources()
    save(simulator, App="a1", Web="w1")
    simulator.finish()
    simulator.finish()
    save(simulator, App="a1", Web="w1")
    simulator.finish("Deploy/Ship")
    assert simulator.starts.count("Deploy/Ship") == 1
    latest = simulator.state.latest
    assert latest is not None
    assert latest.status is ExecutionStatus.SUCCEEDED


def test_an_outdated_question_is_withdrawn_and_asked_anew() -> None:
    simulator = Simulator(simple())
    simulator.start("t1", save=True)
    simulator.finish_all()
    asked = simulator.state.approvals()[0]
    simulator.start("t2", save=True)
    simulator.finish_all()
    again = simulator.state.approvals()
    assert [a.id for a in again] != [asked.id]
    assert len(again) == 1
    assert asked.status is ActionStatus.ABANDONED


def test_a_question_about_the_same_content_stays_open() -> None:
    simulator = Simulator(simple(), outputs=lambda declared, inputs: f"constant:{declared.name}")
    simulator.start("t1", save=True)
    simulator.finish_all()
    asked = simulator.state.approvals()[0]
    second = simulator.start("t2", save=True)
    simulator.finish_all()
    assert [a.id for a in simulator.state.approvals()] == [asked.id]
    assert asked.execution_id == second.id


def test_an_outdated_action_gives_up_its_slot() -> None:
    simulator = Simulator(pipeline([action("Source:Src > S")], [action("Build:A S > A")], [action("Test:T A")]), jobs=1)
    simulator.start("t1", save=True)
    simulator.finish("S2/A")
    assert simulator.names() == ["S3/T"]
    simulator.start("t2", save=True)
    assert simulator.names() == ["S2/A"]


def test_unchanged_content_that_was_approved_is_not_asked_again() -> None:
    simulator = Simulator(simple(), outputs=lambda declared, inputs: f"constant:{declared.name}")
    simulator.start("t1", save=True)
    simulator.finish_all()
    simulator.ask(rq.Approve("Ok", True, by="ana"))
    simulator.finish_all()
    latest = simulator.start("t2", save=True)
    simulator.finish_all()
    assert latest.status is ExecutionStatus.SUCCEEDED
    stood = simulator.at(latest, "Approve/Ok")
    assert stood is not None
    assert reasons(simulator.state, stood) == ["approved in #1 by ana, content unchanged"]
