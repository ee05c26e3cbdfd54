"""Actions that really stand still in an engine: saves, stops, restarts and edits meanwhile."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.execution import requests as rq
from engine.execution.state import PipelineState
from engine.model.status import ActionStatus, ExecutionStatus
from engine.watching import at_work
from tests.engine.place import Place, Stage, action, commands


@pytest.fixture
def shop(tmp_path: Path) -> Place:
    """A build whose second command needs fix.txt, beside one that takes no time."""
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    lines = ("echo begun >> out", "grep good fix.txt", "cat fix.txt >> out")
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S > B", *lines), commands("Compute:Check S", "true")]),
        ("Deploy", [action("Deploy:Ship B", configuration={"BucketName": "site", "Extract": "true"})]),
    )
    return place


def paused(state: PipelineState) -> bool:
    return bool(state.paused())


def standing(stage: Stage) -> str:
    """Start a run and wait until it stands still."""
    given = stage.ask(rq.Start())
    stage.until(lambda state: paused(state) and not any(a.busy for a in state.actions.values()))
    return given.execution_id


def test_a_failed_command_pauses_and_goes_on_with_what_was_edited(shop: Place) -> None:
    with shop.session(on_failure="pause") as stage:
        identity = standing(stage)
        where = stage.at("Build/Make").paused
        assert where is not None
        assert (where.phase, where.index, where.status, where.checkpoint) == ("BUILD", 2, 2, "BUILD-2")
        shop.write(fix_txt="good\n")
        assert stage.ask(rq.Resume("Make", "command")).ok
        stage.until(lambda state: not state.executions[identity].active)
        assert stage.state.executions[identity].status is ExecutionStatus.SUCCEEDED
        assert stage.at("Build/Make").tainted
        assert (shop.directory / ".greenroom/buckets/site/out").read_text() == "begun\ngood\n"
        assert "Build/Make" in stage.run()  # nothing that somebody had a hand in stands for another run
        assert stage.run() == []


def test_greenroom_yaml_says_what_a_failure_leads_to(shop: Place) -> None:
    shop.project("on-failure: stop\n")
    shop.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S", "false"), commands("Compute:Slow S", "sleep 60")]),
    )
    with shop.session() as stage:
        stage.run()
        assert stage.at("Build/Slow").status is ActionStatus.ABANDONED
        assert stage.at("Build/Slow").summary == "another action failed (on-failure: stop)"


def test_what_was_paused_when_greenroom_was_closed_is_taken_up_by_the_next_one(shop: Place) -> None:
    with shop.session(on_failure="pause") as stage:
        standing(stage)
    with shop.session() as stage:
        execution = stage.state.latest
        assert execution is not None
        assert execution.status is ExecutionStatus.STOPPED
        assert stage.at("Build/Make").stopped_at is not None
        shop.write(fix_txt="good\n")
        assert stage.ask(rq.Retry(resume="command", on_failure="continue")).ok
        stage.until(lambda state: not state.executions[execution.id].active)
        assert stage.at("Build/Make").status is ActionStatus.SUCCEEDED
        assert (shop.directory / ".greenroom/buckets/site/out").read_text() == "begun\ngood\n"


def test_killed_while_it_stands_still_it_is_abandoned_and_can_be_taken_up(shop: Place) -> None:
    shop.project("on-failure: pause\n")
    command = [sys.executable, "-m", "tests.engine.victim", str(shop.directory)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("ActionPaused\n"):
                process.send_signal(signal.SIGKILL)
                break
    shop.project("")
    with shop.session() as stage:
        made = stage.at("Build/Make")
        assert (made.status, made.paused) == (ActionStatus.ABANDONED, None)
        assert made.summary == "greenroom ended while it was paused"
        shop.write(fix_txt="good\n")
        assert stage.ask(rq.Retry(resume="command", on_failure="continue")).ok
        stage.until(lambda state: not state.active)
        assert stage.at("Build/Make").status is ActionStatus.SUCCEEDED
        assert (shop.directory / ".greenroom/buckets/site/out").read_text() == "begun\ngood\n"


def test_a_failure_that_did_not_pause_is_taken_up_too(shop: Place) -> None:
    with shop.session() as stage:
        stage.run()
        made = stage.at("Build/Make")
        assert made.status is ActionStatus.FAILED
        assert made.stopped_at is not None
        shop.write(fix_txt="good\n")
        assert stage.ask(rq.Retry(resume="phase")).ok
        stage.until(lambda state: not state.active)
        assert (shop.directory / ".greenroom/buckets/site/out").read_text() == "begun\nbegun\ngood\n"


def test_a_breakpoint_pauses_where_somebody_looks_and_codebuild_resume_goes_on(shop: Place) -> None:
    shop.project("breakpoints: on\n")
    shop.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S > B", "codebuild-breakpoint", "echo done > out")]),
    )
    with shop.session() as stage:
        standing(stage)
        argv, directory, environment = stage.session.shell(stage.at("Build/Make").id)
        line = [*argv[:-1], argv[-1].rpartition("; ")[0] + "; codebuild-resume"]
        subprocess.run(line, cwd=directory, env=environment, check=True)
        stage.until(lambda state: not state.active)
        assert stage.at("Build/Make").status is ActionStatus.SUCCEEDED
        resumed = [item.event for item in stage.news if item.event.type == "ActionResumed"]
        assert [(event.how, event.by) for event in resumed] == [("continue", "codebuild-resume")]  # type: ignore[union-attr]


def test_a_save_leaves_it_alone_and_the_newer_run_comes_after_it(shop: Place) -> None:
    with shop.session(on_failure="pause", watch=True) as stage:
        standing(stage)
        shop.write(fix_txt="good\n")
        stage.until(
            lambda state: (
                len(state.executions) == 2
                and any(map(state.held_by, state.live()))
                and not any(action.busy for action in state.live())
            )
        )
        assert len(stage.state.paused()) == 1
        assert at_work(stage.state, stage.state.paused()[0].paused_at + 60) == frozenset()  # no loop is suspected in it
        stage.ask(rq.Resume("", "command"))
        stage.until(lambda state: not state.active)
        assert [e.status for e in stage.state.executions.values()] == [
            ExecutionStatus.SUPERSEDED,
            ExecutionStatus.SUCCEEDED,
        ]
        assert not stage.at("Build/Make").tainted
