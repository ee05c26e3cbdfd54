"""Functions in pipelines: as actions, as rules, stopped half-way."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from engine.execution import requests as rq
from tests.engine.place import Place, commands
from tests.execution.pipelines import action
from tests.providers.lambda_kit import RAW, SUCCEED

FAIL = """
def main(job, context):
    call("PutJobFailureResult", jobId=job["id"], failureDetails={"type": "JobFailed", "message": "not healthy"})
"""
RULE = {
    "name": "Healthy",
    "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
    "configuration": {"FunctionName": "check", "UserParameters": "deep"},
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    place.project("functions:\n  check: {directory: fn, timeout-seconds: 60}\n")
    return place


def function(place: Place, main: str) -> None:
    place.write(**{"fn__index.py": RAW + main})


def with_rule(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S", "grep a a.txt")]),
    )
    file = place.directory / "pipeline.json"
    condition = f'"beforeEntry": {{"conditions": [{{"result": "FAIL", "rules": [{json.dumps(RULE)}]}}]}}'
    file.write_text(file.read_text().replace('{"name": "Build",', f'{{"name": "Build", {condition},'))


def test_an_action_s_variables_reach_later_ones(place: Place) -> None:
    function(place, 'def main(job, context): done(job, outputVariables={"Answer": "42"})')
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Ask", [action("Invoke:Ask S", configuration={"FunctionName": "check"}, namespace="Ask")]),
        ("Use", [commands("Compute:Use S", "echo answer=#{Ask.Answer}")]),
    )
    with place.session() as stage:
        stage.run()
        assert stage.state.latest and stage.state.latest.status == "Succeeded"
        assert "answer=42" in stage.log("Use/Use").splitlines()
        assert stage.run() == []  # nothing changed: it is not invoked again
        function(place, 'def main(job, context): done(job, outputVariables={"Answer": "43"})')
        assert stage.run() == ["Source/Src", "Ask/Ask", "Use/Use"]


@pytest.mark.parametrize(("main", "status"), [(SUCCEED, "Succeeded"), (FAIL, "Failed")])
def test_a_rule_lets_the_stage_pass_or_not(place: Place, main: str, status: str) -> None:
    function(place, main)
    with_rule(place)
    with place.session() as stage:
        stage.run()
        assert stage.state.latest and stage.state.latest.status == status
        assert ("Build/Make" in stage.started) is (status == "Succeeded")


def test_a_function_that_is_stopped_is_gone(place: Place) -> None:
    function(place, "import time\ndef main(job, context): time.sleep(60)")
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Ask", [action("Invoke:Ask S", configuration={"FunctionName": "check"})]),
    )
    with place.session() as stage:
        given = stage.ask(rq.Start())
        stage.until(lambda state: any(one.processes for one in state.actions.values()))
        [pid] = stage.at("Ask/Ask").processes
        stage.ask(rq.Stop(given.execution_id, abandon=True))
        stage.until(lambda state: not state.active)
        assert stage.at("Ask/Ask").status == "Abandoned"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
