"""Conditions, transitions, rollbacks and alarms on the screen, and the keys about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ConditionStatus, ExecutionStatus, StageStatus
from tests.tui.conftest import Open
from tests.tui.script import SHOP, Script
from tests.tui.test_panes import store_of
from tui.graph.text import layout
from tui.widgets.header import started_by
from tui.widgets.panes.config import config
from tui.widgets.panes.variables import variables
from tui.widgets.panes.why import why

PERSON = "ada"


def rule(name: str, provider: str, **configuration: str) -> dict[str, object]:
    kind = {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "ruleTypeId": kind, "configuration": configuration}


def guarded() -> PipelineDeclaration:
    """The shop, with an entry and a success condition at Deploy, and one on failure."""
    plain = SHOP.model_dump(exclude_none=True)
    on_main = rule("OnMain", "VariableCheck", Variable="#{App.BranchName}", Value="main", Operator="EQ")
    deploy = plain["stages"][3]
    deploy["beforeEntry"] = {"conditions": [{"result": "FAIL", "rules": [on_main]}]}
    deploy["onSuccess"] = {
        "conditions": [{"result": "ROLLBACK", "rules": [rule("Quiet", "CloudWatchAlarm", AlarmName="errors")]}]
    }
    deploy["onFailure"] = {"conditions": [{"result": "ROLLBACK", "rules": [rule("Loud", "LambdaInvoke")]}]}
    return PipelineDeclaration.model_validate(plain)


def before_deploy(script: Script) -> Script:
    script.start().enter("Source").run("Source", "App").succeed("App", 0.2).leave("Source").enter("Build")
    script.run("Build", "Package").succeed("Package", 3)
    return script.leave("Build").enter("Review").leave("Review")


def judged(script: Script) -> Script:
    """The entry condition of Deploy is being judged."""
    before_deploy(script).enter("Deploy")
    script.add(ev.ConditionStarted(script.execution, "Deploy", "BEFORE_ENTRY", "FAIL"))
    identity = script.id("OnMain")
    script.add(ev.ActionScheduled(script.execution, "Deploy", "beforeEntry:OnMain", identity, 1, "BEFORE_ENTRY"))
    script.add(ev.ActionPrepared(identity, "f", "rule", configuration={"Variable": "main", "Value": "main"}))
    return script.add(ev.ActionStarted(identity))


def entering() -> Script:
    return judged(Script(guarded()).define())


def drawn(script: Script, tmp_path: Path) -> str:
    return "\n".join(layout(store_of(script, "Deploy", "Site", tmp_path).picture(), 200).lines())


def test_rules_stand_around_the_actions(tmp_path: Path) -> None:
    store = store_of(entering(), "Deploy", "Site", tmp_path)
    deploy = store.picture().stages[3]
    assert [[node.text for node in group] for group in deploy.groups] == [
        ["if OnMain"], ["Site"], ["Smoke"], ["then Quiet", "else Loud"],
    ]  # fmt: skip
    assert deploy.groups[0][0].state.startswith("judging")
    listed = "\n".join(layout(store.picture(), 78).lines())
    assert "if OnMain" in listed and "else Loud" in listed


async def test_a_rule_is_chosen_like_an_action_and_has_its_panes(opened: Open, tmp_path: Path) -> None:
    async with opened(entering(), (160, 50)) as stage:
        assert stage.chosen == "Deploy/beforeEntry:OnMain"
        await stage.press("right", "right", "right")
        assert stage.chosen == "Deploy/onSuccess:Quiet"
    store = store_of(entering(), "Deploy", "beforeEntry:OnMain", tmp_path)
    assert "VariableCheck" in config(store).plain and "#{App.BranchName}" in config(store).plain
    assert "App.BranchName" in variables(store).plain
    assert "condition beforeEntry InProgress" in why(store).plain and "its result is FAIL" in why(store).plain


def test_a_condition_that_failed_says_so(tmp_path: Path) -> None:
    script = entering()
    summary = "rule OnMain: main is not dev"
    script.add(ev.ConditionEnded(script.execution, "Deploy", "BEFORE_ENTRY", ConditionStatus.FAILED, summary))
    text = why(store_of(script, "Deploy", "Site", tmp_path)).plain
    assert "condition beforeEntry Failed" in text and summary in text
    script.add(ev.ConditionOverridden(script.execution, "Deploy", "BEFORE_ENTRY", PERSON))
    text = why(store_of(script, "Deploy", "Site", tmp_path)).plain
    assert "condition beforeEntry Overridden by ada" in text
    assert "overridden" in drawn(script, tmp_path)


def test_a_disabled_transition_is_cut_and_waiting_runs_are_told(tmp_path: Path) -> None:
    script = entering()
    script.add(ev.TransitionDisabled("Deploy", "release freeze", PERSON))
    script.start().enter("Source")
    script.add(ev.StageWaiting(script.execution, "Deploy", "stage Deploy is locked by #1"))
    text = drawn(script, tmp_path)
    assert "─╳─" in text and "#1 · #2 waits" in text
    told = why(store_of(script, "Deploy", "Site", tmp_path)).plain
    assert "its inbound transition is disabled by ada: release freeze" in told


def test_a_stage_tells_who_waits_in_front_of_it(tmp_path: Path) -> None:
    script = entering()
    for _ in range(2):
        script.start()
        script.add(ev.StageWaiting(script.execution, "Deploy", "stage Deploy is locked by #1"))
    store = store_of(script, "Deploy", "Site", tmp_path)
    store.view("exec-1")
    assert store.picture().stages[3].note == "2 wait"


def succeeded() -> Script:
    script = before_deploy(Script(guarded()).define()).enter("Deploy").run("Deploy", "Site").succeed("Site", 2)
    return script.leave("Deploy").finish(ExecutionStatus.SUCCEEDED)


def test_a_rollback_shows_its_own_stage_and_the_rest_as_it_was(tmp_path: Path) -> None:
    script = succeeded()
    script.number += 1
    script.add(
        ev.ExecutionStarted(
            script.execution, 2, 1, "ManualRollback", PERSON,
            execution_type="ROLLBACK", rollback_target="exec-1", rollback_stage="Deploy",
        )
    )  # fmt: skip
    script.enter("Deploy").run("Deploy", "Site")
    store = store_of(script, "Deploy", "Site", tmp_path)
    notes = [stage.note for stage in store.picture().stages]
    assert notes == ["#1", "#1", "#1", "rollback to #1"]
    assert store.picture().stages[0].mark == "succeeded"
    assert store.state is not None and store.execution is not None
    assert started_by(store.state, store.execution) == "rollback: Deploy to #1"


def test_a_stage_that_was_retried_by_itself_says_so(tmp_path: Path) -> None:
    script = before_deploy(Script(guarded()).define()).enter("Deploy").run("Deploy", "Site").fail("Site", 1)
    script.leave("Deploy", StageStatus.FAILED)
    retried = ev.StageRetried(script.execution, "Deploy", "FAILED_ACTIONS", trigger="AutomatedStageRetry")
    script.add(retried)
    assert "retried by itself" in drawn(script, tmp_path)
    assert "it was retried by itself" in why(store_of(script, "Deploy", "Site", tmp_path)).plain


@pytest.fixture(autouse=True)
def me(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.actions.gates.person", lambda: PERSON)


async def test_what_is_not_known_to_watch_does_not_say_so(opened: Open) -> None:
    async with opened(succeeded()) as stage:
        assert "● watching" in stage.lines[0]
        stage.link.watches = False
        stage.app.refresh_views()
        await stage.until(lambda: "watching" not in stage.lines[0])


async def test_t_disables_the_transition_for_a_reason_and_enables_it(opened: Open) -> None:
    async with opened(entering()) as stage:
        await stage.press("T", "enter")
        assert stage.asked == [] and "a reason, please" in stage.text
        await stage.press(*"freeze", "enter")
        assert stage.asked == [rq.DisableTransition("Deploy", "freeze", PERSON)]
        await stage.until(lambda: stage.app.store.state and stage.app.store.state.disabled("Deploy"))
        await stage.press("T")
        assert stage.asked[-1] == rq.EnableTransition("Deploy", PERSON)


async def test_b_rolls_the_stage_back_to_a_run_of_the_list(opened: Open) -> None:
    async with opened(succeeded()) as stage:
        stage.app.go_to(("Deploy", "Site"))
        await stage.press("B")
        assert "Roll Deploy back to" in stage.text and "#1" in stage.text
        await stage.press("enter")
        assert stage.asked == [rq.Rollback("Deploy", "exec-1", PERSON)]


async def test_b_says_why_there_is_nothing_to_go_back_to(opened: Open) -> None:
    async with opened(entering()) as stage:
        await stage.press("B")
        await stage.until(lambda: any("no execution has succeeded in Deploy" in said for said in stage.said))


async def test_o_overrides_after_a_question(opened: Open) -> None:
    async with opened(entering()) as stage:
        await stage.press("O", "escape")
        assert stage.asked == []
        await stage.press("O", "enter")
        assert stage.asked == [rq.OverrideCondition("Deploy", execution="exec-1", by=PERSON)]


async def test_o_says_where_no_condition_holds_anything(opened: Open) -> None:
    async with opened(succeeded()) as stage:
        await stage.press("O")
        assert stage.asked == [] and any("no condition holds" in said for said in stage.said)


async def test_a_gives_an_alarm_another_state(opened: Open) -> None:
    async with opened(entering()) as stage:
        await stage.press("A", "j", "enter")
        assert stage.asked == [rq.SetAlarm("errors", "ALARM", by=PERSON)]
        await stage.until(lambda: "alarm errors is ALARM" in stage.said)
