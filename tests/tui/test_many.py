"""Marks, runs of a part, restart and undo."""

from __future__ import annotations

import pytest

from engine.execution.events import AlarmSet
from engine.execution.requests import DisableTransition, EnableTransition, Retry, SetAlarm, SetWatch, Start, Stop
from engine.execution.state import PipelineState
from tests.tui.conftest import Open
from tests.tui.script import Script, building, failed, first_run, waiting
from tests.tui.stage import Stage
from tui.actions.undoing import inverse


async def mark(stage: Stage, *names: str) -> None:
    for name in names:
        where, _, action = name.partition("/")
        stage.app.go_to((where, action))
        await stage.press("space")


async def test_marks_are_shown_kept_in_order_and_taken_away(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await mark(stage, "Deploy/Site", "Build/Lint")
        assert "2 marked" in stage.text and "Build/Lint" in stage.text
        assert "▌✔ Lint" in stage.text and "▌✔ Site" in stage.text and "▌✔ Unit" not in stage.text
        assert stage.app.store.marked == [("Build", "Lint"), ("Deploy", "Site")]
        await stage.press("space")
        assert stage.app.store.marked == [("Deploy", "Site")]
        await stage.press("escape")
        assert stage.app.store.marked == [] and "marked" not in stage.text


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_force_is_about_all_the_marked(opened: Open, size: tuple[int, int]) -> None:
    async with opened(first_run(Script()), size) as stage:
        await mark(stage, "Build/Unit", "Build/Lint")
        await stage.press("F")
        assert stage.asked == [Start(forced=("Build/Lint", "Build/Unit"))]
        assert stage.app.store.marked == []


async def test_only_these_and_what_they_need(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await mark(stage, "Build/Unit", "Build/Compile")
        await stage.press("=")
        assert stage.asked == [Start(selected=("Source/App", "Build/Unit", "Build/Compile"))]


async def test_from_here_and_until_here(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        stage.app.go_to(("Build", "Compile"))
        await stage.press("<")
        stage.app.go_to(("Review", "SignOff"))
        await stage.press(">")
        until, start = stage.asked
        assert isinstance(until, Start) and isinstance(start, Start)
        assert until.selected == ("Source/App", "Source/Infra", "Build/Lint", "Build/Unit", "Build/Compile")
        # From the approval on; what that needs comes along and is reused.
        assert start.selected[-3:] == ("Review/SignOff", "Deploy/Site", "Deploy/Smoke")
        assert "Build/Lint" not in start.selected and "Build/Package" in start.selected


async def test_retry_is_about_the_stages_of_the_marked(opened: Open) -> None:
    async with opened(failed()) as stage:
        await mark(stage, "Build/Unit", "Source/App")
        await stage.press("R")
        assert stage.asked == [Retry("Build", "exec-2", "ALL_ACTIONS")]


async def test_marked_stages_that_did_not_fail_are_not_retried(opened: Open) -> None:
    async with opened(failed()) as stage:
        await mark(stage, "Source/App")
        await stage.press("R")
        assert stage.asked == [] and "no stage of the marked actions has failed" in stage.said[-1]


async def test_transitions_of_several_stages(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await mark(stage, "Build/Unit", "Deploy/Site")
        await stage.press("T", *"freeze", "enter")
        assert [(one.stage, one.reason) for one in stage.asked if isinstance(one, DisableTransition)] == [
            ("Build", "freeze"),
            ("Deploy", "freeze"),
        ]


async def test_restart_ends_the_run_and_starts_anew(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("X")
        assert stage.asked == [Stop("exec-2", abandon=True, reason="restarted"), Start()]


async def test_restart_asks_where_a_deployment_would_be_cut_off(opened: Open) -> None:
    script = waiting().succeed("SignOff").leave("Review").enter("Deploy").run("Deploy", "Site")
    async with opened(script) as stage:
        await stage.press("X")
        assert "Deploy/Site runs now and would be ended half-way" in stage.text and stage.asked == []
        await stage.press("escape")
        assert stage.asked == []
        await stage.press("X", "enter")
        assert [type(one).__name__ for one in stage.asked] == ["Stop", "Start"]


async def test_restart_at_rest_is_a_start(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await stage.press("X")
        assert stage.asked == [Start()]


async def test_undo_takes_back_a_pause_and_a_transition(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await stage.press("u")
        assert "nothing to undo" in stage.said[-1]
        stage.app.go_to(("Deploy", "Site"))
        await stage.press("T", *"why", "enter")
        await stage.until(lambda: stage.app.store.state and stage.app.store.state.disabled("Deploy"))
        await stage.press("p")
        await stage.until(lambda: stage.app.store.state and stage.app.store.state.watch_paused)
        await stage.press("u")
        await stage.until(lambda: stage.app.store.state and not stage.app.store.state.watch_paused)
        await stage.press("u")
        await stage.until(lambda: stage.app.store.state and not stage.app.store.state.disabled("Deploy"))
        assert "Deploy may be entered again" in stage.said
        await stage.press("u")
        assert "nothing to undo" in stage.said[-1], "what undoes is not itself undone: u would go round in circles"


def state_of(script: Script) -> PipelineState:
    from engine.execution.fold import replay

    return replay("shop", script.recorded)


def test_what_takes_a_request_back() -> None:
    script = first_run(Script()).add(AlarmSet("High", "ALARM", "drill"))
    state = state_of(script)
    assert inverse(SetAlarm("High", "OK"), state, "ada") == (
        SetAlarm("High", "ALARM", "drill", "ada"),
        "alarm High is ALARM again",
    )
    assert inverse(SetAlarm("High", "ALARM"), state) is None, "it changes nothing"
    assert inverse(EnableTransition("Deploy"), state) is None, "it is open"
    assert inverse(SetWatch(paused=False), state) is None, "it is not paused"
    assert inverse(Start(), state) is None and inverse(Stop(), state) is None
