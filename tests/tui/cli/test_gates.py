"""Transitions, conditions, alarms and rollbacks from the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Command


def rule(name: str, provider: str, **configuration: str) -> dict[str, object]:
    kind = {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "ruleTypeId": kind, "configuration": configuration}


def define(place: Path, **gates: object) -> None:
    """Source, and a Deploy stage with these conditions that copies the source into a folder."""
    source = {
        "name": "Src",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
        "configuration": {"RepositoryName": "demo", "BranchName": "main"},
        "outputArtifacts": [{"name": "S"}],
    }
    ship = {
        "name": "Ship",
        "actionTypeId": {"category": "Deploy", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"BucketName": "site", "Extract": "true"},
        "inputArtifacts": [{"name": "S"}],
    }
    stages = [{"name": "Source", "actions": [source]}, {"name": "Deploy", "actions": [ship], **gates}]
    variables = [{"name": "ENV", "defaultValue": "dev"}]
    body = {"name": "demo", "pipelineType": "V2", "variables": variables, "stages": stages}
    (place / "pipeline.json").write_text(json.dumps({"pipeline": body}))


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    place = tmp_path / "guarded"
    place.mkdir()
    (place / "a.txt").write_text("a\n")
    (place / ".gitignore").write_text("out/\n")
    (place / "greenroom.yaml").write_text("buckets: {site: out}\n")
    define(place)
    return place


def test_a_disabled_stage_pauses_a_run_and_an_enabled_one_lets_the_next_in(guarded: Path, greenroom: Command) -> None:
    done = greenroom("disable", "Deploy", "-m", "code freeze", "-C", guarded)
    assert (done.code, done.err) == (0, "greenroom: nothing enters Deploy until its transition is enabled\n")
    done = greenroom("run", "-C", guarded, "--json")
    assert done.code == 77
    waiting = next(event for event in done.events if event["event"] == "stage-waiting")
    assert "is disabled by" in str(waiting["reason"])
    assert "greenroom enable Deploy" in done.err
    status = greenroom("status", "-C", guarded).out
    assert "disabled: the transition into Deploy" in status
    assert "code freeze" in status
    assert greenroom("enable", "Deploy", "-C", guarded).code == 0
    assert greenroom("run", "-C", guarded).code == 0


def test_refusals_have_the_names_that_aws_gives_them(guarded: Path, greenroom: Command) -> None:
    assert "StageNotFoundException" in greenroom("disable", "Deplyo", "-C", guarded).err
    assert "ValidationException" in greenroom("disable", "Deploy", "-m", "no, thanks", "-C", guarded).err
    assert "UnableToRollbackStageException" in greenroom("rollback", "Deploy", "-C", guarded).err
    assert "ConditionNotOverridableException" in greenroom("override", "Deploy", "-C", guarded).err
    assert greenroom("alarm", "errors", "RED", "-C", guarded).code == 2


def test_a_condition_is_told_everywhere(guarded: Path, greenroom: Command) -> None:
    check = rule("IsProd", "VariableCheck", Variable="#{variables.ENV}", Operator="EQ", Value="prod")
    define(guarded, beforeEntry={"conditions": [{"result": "FAIL", "rules": [check]}]})
    done = greenroom("run", "-C", guarded, "--json")
    assert done.code == 1
    kinds = [str(event["event"]) for event in done.events]
    assert kinds[-8:] == [
        "stage-started",
        "condition-started",
        "rule-started",
        "rule-ended",
        "condition-ended",
        "stage-ended",
        "run-ended",
        "summary",
    ]
    ended = next(event for event in done.events if event["event"] == "rule-ended")
    assert (ended["rule"], ended["condition"], ended["status"]) == ("IsProd", "beforeEntry", "Failed")
    assert "its condition beforeEntry failed (rule IsProd" in done.err
    assert "'dev' EQ 'prod'" in greenroom("why", "Deploy/beforeEntry:IsProd", "-C", guarded).out
    assert "condition beforeEntry failed" in greenroom("why", "Ship", "-C", guarded).err
    assert "Deploy/beforeEntry:IsProd" in greenroom("status", "-C", guarded).out
    history = json.loads(greenroom("history", "--json", "-C", guarded).out)
    expected = {"stage": "Deploy", "condition": "BEFORE_ENTRY", "result": "FAIL", "status": "Failed"}
    assert history[0]["conditions"] == [expected]
    assert greenroom("plan", "-C", guarded).code == 0


def test_an_override_takes_a_failed_stage_up_again(guarded: Path, greenroom: Command) -> None:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors")
    define(guarded, beforeEntry={"conditions": [{"result": "FAIL", "rules": [quiet]}]})
    assert greenroom("alarm", "errors", "alarm", "-C", guarded).code == 0
    assert "ALARM" in greenroom("alarm", "-C", guarded).out
    assert greenroom("run", "-C", guarded).code == 1
    assert greenroom("override", "Deploy", "-C", guarded).code == 0
    assert (guarded / "out/a.txt").exists()
    stages = json.loads(greenroom("status", "--json", "-C", guarded).out)["stages"]
    assert stages[1]["conditions"][0]["status"] == "Overridden"
    assert json.loads(greenroom("alarm", "--json", "-C", guarded).out)["errors"]["state"] == "ALARM"


def test_a_rollback_runs_here_and_a_failed_run_that_rolls_back_has_failed(guarded: Path, greenroom: Command) -> None:
    define(guarded, onFailure={"result": "ROLLBACK"})
    assert greenroom("run", "-C", guarded).code == 0
    (guarded / "a.txt").write_text("b\n")
    assert greenroom("run", "-C", guarded).code == 0
    assert greenroom("rollback", "Deploy", "#1", "-C", guarded).code == 0
    assert (guarded / "out/a.txt").read_text() == "a\n"
    assert "ManualRollback of Deploy to #1" in greenroom("history", "-C", guarded).out


def test_a_run_takes_a_source_at_a_commit(guarded: Path, greenroom: Command) -> None:
    git = ["git", "-C", str(guarded), "-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    (guarded / "a.txt").write_text("later\n")
    assert greenroom("run", "-C", guarded, "--source-revision", "Src=HEAD").code == 0
    assert (guarded / "out/a.txt").read_text() == "a\n"
    assert "has no commit" in greenroom("run", "-C", guarded, "--source-revision", "Src=0000000").err


def test_a_retry_is_counted(guarded: Path, greenroom: Command) -> None:
    quiet = rule("Quiet", "CloudWatchAlarm", AlarmName="errors", AlarmStates="OK")
    define(guarded, beforeEntry={"conditions": [{"result": "FAIL", "rules": [quiet]}]})
    assert greenroom("run", "-C", guarded).code == 1
    assert greenroom("retry", "-C", guarded).code == 1
    assert "retried: Deploy, 1 by hand" in greenroom("status", "-C", guarded).out
