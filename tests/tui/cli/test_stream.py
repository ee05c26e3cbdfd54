"""What programs read; the page of the events is its contract."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution.fold import apply
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.member import MemberBuild
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus
from tests.tui.script import Script, building, failed, first_run, waiting
from tui.cli.reports.report import Result, Tally
from tui.cli.reports.stream import Stream

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text()


def told(script: Script) -> list[dict[str, object]]:
    """The events of a story."""
    out = io.StringIO()
    stream = Stream(out, lambda identity, build: Path("/logs") / identity / build)
    state = PipelineState(script.declaration.name)
    for recorded in script.recorded:
        apply(state, recorded)
        stream.saw(state, recorded)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def everything() -> list[dict[str, object]]:
    """At least one of each event."""
    script = failed()
    script.add(ev.StageRetried("exec-2", "Build", "FAILED_ACTIONS"))
    script.run("Build", "Unit", attempt=2)
    script.add(ev.ActionReported(script.id("Unit", 2), "build:1", "BUILD"))
    script.add(ev.BatchBuildChanged(script.id("Unit", 2), MemberBuild("lint", "IN_PROGRESS")))
    script.add(ev.ActionPaused(script.id("Unit", 2), ev.Pause("BUILD", 1, "make", "failed", 2)))
    script.add(ev.ActionResumed(script.id("Unit", 2), "command", "ada"))
    script.add(ev.ReuseChecked(script.id("Unit", 2), script.id("Unit"), False, "it reads README.md after all"))
    script.add(ev.ActionCancelling(script.id("Unit", 2), "stopped"))
    script.add(ev.StageWaiting("exec-2", "Deploy", "stage Deploy is locked by #3"))
    script.add(ev.StopRequested("exec-2", True, "enough")).add(ev.ExecutionYielded("exec-2", "exec-1"))
    return told(script.add(ev.WatchChanged(True, "loop"))) + told(waiting()) + told(skipped()) + told(gated())


def gated() -> Script:
    script = Script().define().start().enter("Build")
    script.add(ev.ConditionStarted("exec-1", "Build", "BEFORE_ENTRY", "FAIL"))
    script.add(ev.ActionScheduled("exec-1", "Build", "beforeEntry:Smoke", "rule-1", 1, "BEFORE_ENTRY"))
    script.add(ev.ActionPrepared("rule-1", "", "rule")).add(ev.ActionStarted("rule-1"))
    script.add(ev.ActionEnded("rule-1", ActionStatus.SUCCEEDED))
    script.add(ev.ConditionEnded("exec-1", "Build", "BEFORE_ENTRY", ConditionStatus.FAILED, "rule Smoke: no"))
    script.add(ev.ConditionOverridden("exec-1", "Build", "BEFORE_ENTRY", "ann"))
    script.add(ev.TransitionDisabled("Deploy", "freeze", "ann")).add(ev.TransitionEnabled("Deploy", "ann"))
    return script.add(ev.AlarmSet("errors", "ALARM", "drill", "ann"))


def skipped() -> Script:
    script = Script().define().start().enter("Build")
    script.add(ev.ActionScheduled("exec-1", "Build", "Unit", "1-Unit-1", 1))
    return script.end("Unit", ActionStatus.SKIPPED)


def of(events: list[dict[str, object]], name: str) -> dict[str, object]:
    return next(event for event in events if event["event"] == name)


def test_every_event_and_field_is_documented() -> None:
    seen: dict[str, set[str]] = {}
    for event in everything():
        seen.setdefault(str(event["event"]), set()).update(event)
    assert set(seen) | {"diagnostics"} == set(re.findall(r"^### `([a-z-]+)`", PAGE, re.MULTILINE))
    shared = PAGE.partition("## Actions")[2].partition("### ")[0] + PAGE.partition("## Runs")[0]
    for name, fields in seen.items():
        section = re.split(r"\n##", PAGE.partition(f"### `{name}`")[2])[0] + shared
        assert {field for field in fields if f"`{field}`" not in section} == set(), name


def test_every_line_carries_version_time_and_pipeline() -> None:
    for event in everything():
        assert list(event)[:4] == ["v", "event", "at", "pipeline"]
        assert event["v"] == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(event["at"]))


def test_a_decision_says_why() -> None:
    event = of(told(first_run(Script())), "action-decided")
    assert event["decision"] == "run"
    assert event["why"] == ["input AppSource changed: src/app.py, src/greet.py, +2", "env STAGE dev -> prod"]
    assert event["log"] == "/logs/1-App-1"


def test_a_reused_action_is_decided_and_ended() -> None:
    lint = [event for event in told(building()) if event.get("action") == "Lint" and event["execution"] == 2]
    assert [event["event"] for event in lint] == ["action-decided", "action-ended"]
    assert (lint[0]["decision"], lint[0]["reused_from"], lint[0]["saved_seconds"]) == ("reuse", 1, 4.0)
    assert (lint[1]["status"], lint[1]["reused"], lint[1]["log"]) == ("Succeeded", True, None)


def test_a_failure_carries_type_message_and_hint() -> None:
    ended = next(event for event in told(failed()) if event.get("status") == "Failed" and "failure" in event)
    assert ended["failure"] == {
        "type": "JobFailed",
        "message": "`pytest -q` exited with 1",
        "hint": "press s for a shell where it ran",
    }


def test_an_approval() -> None:
    names = [event["event"] for event in told(first_run(Script())) if event.get("action") == "SignOff"]
    assert names == ["action-decided", "approval-waiting", "approval-decided", "action-ended"]
    decided = of(told(first_run(Script())), "approval-decided")
    assert (decided["approved"], decided["by"], decided["summary"]) == (True, "ada", "looks fine")


def test_the_end_of_a_run_counts() -> None:
    ended = [event for event in told(failed()) if event["event"] == "run-ended"]
    assert [(e["status"], e["ran"], e["reused"], e["failed"]) for e in ended] == [
        ("Succeeded", 9, 0, 0),
        ("Failed", 3, 2, 1),
    ]


def test_the_last_line_has_exactly_these_keys() -> None:
    out = io.StringIO()
    Stream(out, Path).finished(PipelineState("shop"), Result("Succeeded", Tally(2, 5, 0, 1, 1.20449)))
    assert out.getvalue() == (
        '{"event": "summary", "status": "Succeeded", "ran": 2, "reused": 5, "failed": 0, "stubbed": 1,'
        ' "seconds": 1.204}\n'
    )


def test_diagnostics() -> None:
    out = io.StringIO()
    Stream(out, Path).noticed([Diagnostic("GR301", "two stages", "add one", line=3, column=2)])
    assert json.loads(out.getvalue()) == {
        "v": 1,
        "event": "diagnostics",
        "diagnostics": [
            {"code": "GR301", "severity": "error", "line": 3, "column": 2, "message": "two stages", "hint": "add one"}
        ],
    }


class Gone(io.StringIO):
    """A pipe that nobody reads."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_goes_away_ends_the_writing_only() -> None:
    stream = Stream(Gone(), Path)
    stream.finished(PipelineState("shop"), Result("Succeeded", Tally()))
    stream.noticed([])


@pytest.mark.parametrize("status", list(ExecutionStatus))
def test_every_end_is_told(status: ExecutionStatus) -> None:
    assert of(told(Script().define().start().finish(status)), "run-ended")["status"] == status
