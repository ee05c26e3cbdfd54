"""Conditions, transitions and rollbacks with real processes, files and restarts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine.execution import requests as rq
from engine.journal.processes import leftovers
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus
from engine.opening import OpenError
from engine.recovery import marker
from tests.engine.place import Place, action, commands
from tests.execution.pipelines import condition, rule


def command_rule(name: str, *lines: str) -> dict[str, object]:
    made = rule(name, "Commands")
    return made | {"commands": list(lines), "inputArtifacts": [{"name": "S"}], "configuration": {}}


def gate(place: Place, **gates: object) -> Place:
    """Source, and a deployment into `out` that these conditions guard."""
    place.write(a_txt="a\n")
    (place.directory / ".gitignore").write_text("out/\n")
    place.project("buckets: {site: out}\nalarms: {errors: ALARM}\n")
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Deploy", [action("Deploy:Ship S", configuration={"BucketName": "site", "Extract": "true"})]),
        gates={"Deploy": gates},
    )
    return place


@pytest.fixture
def empty(tmp_path: Path) -> Place:
    return Place(tmp_path / "project")


def test_a_commands_rule_runs_in_its_artifact_and_has_a_log(empty: Place) -> None:
    place = gate(empty, beforeEntry=condition("FAIL", command_rule("Looks", "cat a.txt", "echo looked")))
    with place.session() as stage:
        assert stage.run() == ["Source/Src", "Deploy/beforeEntry:Looks", "Deploy/Ship"]
        assert "looked" in stage.log("Deploy/beforeEntry:Looks")
        assert (place.directory / "out/a.txt").read_text() == "a\n"
        assert stage.run() == ["Deploy/beforeEntry:Looks"]  # asked anew, while all else is reused


def test_a_commands_rule_that_fails_keeps_the_stage_closed(empty: Place) -> None:
    place = gate(empty, beforeEntry=condition("FAIL", command_rule("No", "exit 3")))
    with place.session() as stage:
        stage.run()
        latest = stage.state.latest
        assert latest is not None
        assert latest.status is ExecutionStatus.FAILED
        assert "rule No" in latest.summary
        assert not (place.directory / "out").exists()


def test_an_override_ends_the_processes_of_the_rule(empty: Place) -> None:
    place = gate(empty, beforeEntry=condition("FAIL", command_rule("Slow", "echo slow", "sleep 600")))
    with place.session() as stage:
        given = stage.ask(rq.Start())
        name = "beforeEntry:Slow"
        stage.until(
            lambda state: (
                (found := state.current(state.executions[given.execution_id], "Deploy", name)) and found.processes
            )
        )
        slow = stage.at(f"Deploy/{name}")
        assert stage.ask(rq.OverrideCondition("Deploy")).ok
        stage.until(lambda state: not state.executions[given.execution_id].active and not slow.live)
        assert slow.status is ActionStatus.ABANDONED
        assert not leftovers(marker(slow.id))
        execution = stage.state.executions[given.execution_id]
        assert execution.status is ExecutionStatus.SUCCEEDED
        assert execution.stages["Deploy"].conditions[-1].status is ConditionStatus.OVERRIDDEN
        assert execution.stages["Deploy"].conditions[-1].overridden_by  # who asked is known


def test_an_alarm_begins_as_the_project_file_says_and_can_be_set(empty: Place) -> None:
    place = gate(empty, beforeEntry=condition("FAIL", rule("Quiet", "CloudWatchAlarm", AlarmName="errors")))
    with place.session() as stage:
        stage.run()
        assert "alarm errors is ALARM" in stage.state.executions[next(iter(stage.state.executions))].summary
        assert stage.ask(rq.SetAlarm("errors", "OK", "mended")).ok
        assert stage.run() == ["Deploy/beforeEntry:Quiet", "Deploy/Ship"]
    with place.session() as stage:  # what somebody has set outlives the session, whatever the file says
        assert stage.state.alarms["errors"].state == "OK"


def test_a_disabled_transition_outlives_the_session(empty: Place) -> None:
    place = gate(empty)
    with place.session() as stage:
        assert stage.ask(rq.DisableTransition("Deploy", "freeze")).ok
    with place.session() as stage:
        given = stage.ask(rq.Start())
        stage.until(lambda state: state.executions[given.execution_id].stages["Deploy"].waiting)
        assert stage.state.disabled("Deploy")
        assert stage.ask(rq.EnableTransition("Deploy")).ok
        stage.until(lambda state: not state.executions[given.execution_id].active)
        assert (place.directory / "out/a.txt").exists()


def test_a_rollback_brings_back_the_files_of_the_target(empty: Place) -> None:
    place = gate(empty)
    deployed = place.directory / "out/a.txt"
    with place.session() as stage:
        stage.run()
        place.write(a_txt="broken\n")
        stage.run()
        assert deployed.read_text() == "broken\n"
        given = stage.ask(rq.Rollback("Deploy", "1"))
        stage.until(lambda state: not state.executions[given.execution_id].active)
        assert deployed.read_text() == "a\n"
        assert stage.started[-1] == "Deploy/Ship"


def test_after_in_the_project_file_lets_an_action_start_early(empty: Place) -> None:
    place = empty
    place.write(a_txt="a\n")
    place.define(
        ("Source", [action("Source:Src > S")]),
        (
            "Build",
            [
                commands("Compute:Slow S", f"cd {place.directory.parent}", "until test -e seen; do sleep 0.02; done"),
                commands("Compute:Quick@2 S", f"touch {place.directory.parent}/seen"),
            ],
        ),
    )
    place.project("actions: {Build/Quick: {after: []}}\n")
    with place.session(jobs=4) as stage:
        stage.run()
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED


def git(place: Place, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(place.directory), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_start_can_name_a_commit_of_a_source(empty: Place) -> None:
    place = gate(empty)
    git(place, "init", "-q", "-b", "main")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "first")
    first = git(place, "rev-parse", "HEAD")
    place.write(a_txt="second\n")
    with place.session() as stage:
        stage.run()
        stage.run(source_revisions={"Src": first[:8]})
        assert (place.directory / "out/a.txt").read_text() == "a\n"
        source = stage.at("Source/Src")
        assert (source.external_id, source.variables["CommitMessage"]) == (first, "first")
        refused = stage.ask(rq.Start(source_revisions={"Src": "0" * 40}))
        assert (refused.exception, refused.ok) == ("ValidationException", False)
        assert "has no commit" in refused.message
        assert stage.ask(rq.Start(source_revisions={"Sorc": first})).message.endswith("did you mean Src?")


def test_after_that_makes_no_sense_is_refused(empty: Place) -> None:
    place = gate(empty)
    place.project("actions: {Deploy/Ship: {after: [Gone]}}\n")
    with pytest.raises(OpenError, match="Gone, no action of stage Deploy"):
        place.open()
    place.project("actions: {Deploy/Ship: {after: [Ship]}}\n")
    with pytest.raises(OpenError, match="wait for each other"):
        place.open()


def test_a_branch_has_a_lane_of_its_own(empty: Place) -> None:
    place = empty
    place.write(a_txt="a\n")
    wait = "until test -e ../../../../../../seen; do sleep 0.02; done"
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Slow S", wait)]))
    place.project("lanes: branch\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "first"]):
        git(place, *arguments)
    with place.session(jobs=4) as stage:
        main = stage.ask(rq.Start("Save")).execution_id
        stage.until(lambda state: "Build/Slow" in stage.started)
        git(place, "checkout", "-qb", "feature")
        place.write(a_txt="b\n")
        feature = stage.ask(rq.Start("Save")).execution_id
        stage.until(lambda state: stage.started.count("Build/Slow") == 2)
        assert stage.state.locks == {"Build (main)": main, "Build (feature)": feature}
        assert stage.state.executions[main].yields_to == ""


def test_a_new_definition_cancels_what_runs_where_no_save_starts_anything(empty: Place) -> None:
    place = empty
    place.write(a_txt="a\n")
    wait = f"until test -e {place.directory.parent}/seen; do sleep 0.02; done"
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Slow S", wait)]))
    place.project("trigger: manual\n")
    with place.session(watch=True) as stage:
        given = stage.ask(rq.Start())
        stage.until(lambda state: "Build/Slow" in stage.started)
        place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Other S", "true")]))
        stage.until(lambda state: state.version == 2)
        (place.directory.parent / "seen").touch()
        stage.until(lambda state: state.executions[given.execution_id].status is ExecutionStatus.CANCELLED)
        assert stage.at("Build/Slow").status is ActionStatus.SUCCEEDED
