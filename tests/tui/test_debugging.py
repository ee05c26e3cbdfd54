"""Paused actions on the screen: mark, banner, list, and the keys that have them go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution.requests import Resume, Retry
from engine.model.member import MemberBuild
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from tests.tui.conftest import Open
from tests.tui.plain.test_plain import talk
from tests.tui.script import Script, building, failed, first_run
from tui.screens.standing import in_words

PAUSE = ev.Pause("BUILD", 2, "npm test\n", "failed", 1, "BUILD-2")


def paused(pause: ev.Pause = PAUSE, *names: str) -> Script:
    """The second execution, in whose Build stage some actions are paused."""
    script = first_run(Script()).start(after=60)
    script.enter("Source").run("Source", "App").succeed("App", 0.1).reuse("Source", "Infra", "1-Infra-1", 0.1)
    script.leave("Source").enter("Build").reuse("Build", "Lint", "1-Lint-1")
    script.run("Build", "Unit").run("Build", "Compile")
    for name in names or ("Unit",):
        script.add(ev.ActionPaused(script.id(name), pause), 1)
    return script


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_a_paused_action_is_seen_in_graph_header_banner_and_why(opened: Open, size: tuple[int, int]) -> None:
    async with opened(paused(), size) as stage:
        assert "◫ paused" in stage.lines[0]
        assert "◫ Build/Unit is paused" in stage.text and "r goes on" in stage.text
        assert size == (80, 24) or "r Retry" in stage.lines[-1]
        assert "/".join(stage.app.store.chosen) == "Build/Unit"
        await stage.press("w")
        assert "paused at BUILD command 2 (exit status 1): npm test" in stage.text
        await stage.play(lambda script: script.add(ev.ActionResumed(script.id("Unit"), "command", "ann")))
        assert "is paused" not in stage.text and "◫" not in stage.lines[0]


@pytest.mark.parametrize(("key", "how"), [("enter", "command"), ("c", "continue")])
async def test_r_asks_how_it_goes_on(opened: Open, key: str, how: str) -> None:
    async with opened(paused()) as stage:
        await stage.press("r")
        assert "Build/Unit is paused" in stage.text and "on AWS the build fails here" in stage.text
        await stage.press(key)
        (asked,) = stage.asked
        assert isinstance(asked, Resume)
        assert (asked.target, asked.how) == (paused().id("Unit"), how)


async def test_c_asks_about_a_failure_and_goes_on_from_a_breakpoint(opened: Open) -> None:
    async with opened(paused()) as stage:
        await stage.press("c")
        assert "is paused" in stage.text
        await stage.press("escape")
        assert stage.asked == []
    async with opened(paused(replace(PAUSE, reason="breakpoint", status=0))) as stage:
        await stage.press("c")
        (asked,) = stage.asked
        assert isinstance(asked, Resume) and asked.how == "continue"


async def test_a_newer_run_says_for_what_it_waits(opened: Open) -> None:
    script = paused().succeed("Compile", 1)
    script.start(after=1).add(ev.ExecutionYielded("exec-2", "exec-3"))
    script.enter("Source").reuse("Source", "App", "1-App-1").reuse("Source", "Infra", "1-Infra-1").leave("Source")
    script.enter("Build").reuse("Build", "Lint", "1-Lint-1").reuse("Build", "Compile", "1-Compile-1")
    script.schedule("Build", "Unit")
    async with opened(script, (80, 24)) as stage:
        assert "#3  ◫ paused" in stage.lines[0]
        assert "◫ Build/Unit in #2 is paused" in stage.text and "#2 is paused here: press P" in stage.text
        await stage.press("w")
        assert "waiting: the run of #2 is paused; resume it, or stop #2" in stage.text
        await stage.press("r", "enter")
        (asked,) = stage.asked
        assert isinstance(asked, Resume) and asked.target == "2-Unit-1"


async def test_several_are_a_list_and_never_a_dialog(opened: Open) -> None:
    async with opened(paused(PAUSE, "Unit", "Compile")) as stage:
        assert "◫ Build/Unit is paused and 1 more" in stage.text
        await stage.press("P")
        assert "Build/Unit" in stage.text and "Build/Compile" in stage.text and "exit status 1" in stage.text
        await stage.press("j", "f")
        (asked,) = stage.asked
        assert isinstance(asked, Resume) and (asked.target, asked.how) == (paused().id("Compile"), "fail")
        await stage.until(lambda: len(stage.app.store.paused()) == 1)
        await stage.press("r")
        assert "Build/Unit is paused" in stage.text
        assert "p: its phase, from the first command, with the files of then" in stage.text
        await stage.press("escape", "enter")
        assert stage.chosen == "Build/Unit"
        await stage.press("x")
        assert "Paused: Build/Unit." in stage.text and "Either way it ends" in stage.text
        await stage.press("escape", "q")
        assert "`greenroom retry --from command` takes that up" in stage.text
        await stage.press("escape")
        await stage.press("P")
        await stage.play(lambda script: script.add(ev.ActionResumed(script.id("Unit"), "fail")))
        assert stage.app.on_main


async def test_there_may_be_nothing_to_go_on_with(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("P", "c")
        assert stage.said == ["nothing is paused", "nothing is paused"]


BREAKPOINT = replace(PAUSE, reason="breakpoint")


@pytest.mark.parametrize(
    ("pause", "key", "resume"), [(PAUSE, "p", "phase"), (PAUSE, "s", ""), (BREAKPOINT, "enter", "command")]
)
async def test_r_asks_from_where_a_failed_build_is_retried(
    opened: Open, pause: ev.Pause, key: str, resume: str
) -> None:
    script = failed()
    for at, item in enumerate(script.recorded):
        if isinstance(item.event, ev.ActionEnded) and item.event.status is ActionStatus.FAILED:
            event = replace(item.event, stopped_at=pause, failure=Failure("JobFailed", "exit status 1"))
            script.recorded[at] = replace(item, event=event)
    async with opened(script) as stage:
        await stage.press("r")
        where = "breakpoint" if pause is BREAKPOINT else "exit status 1"
        assert "Retry " in stage.text and f"It stopped at BUILD command 2 ({where}): npm test" in stage.text
        assert ("r: go on behind the breakpoint" in stage.text) == (pause is BREAKPOINT)
        assert "Fail" not in stage.text and "Go on" not in stage.text  # nothing is held alive
        await stage.press(key)
        (asked,) = stage.asked
        assert isinstance(asked, Retry) and asked.resume == resume


def test_the_plain_mode_tells_of_it_and_resumes_it(tmp_path: Path) -> None:
    said, asked = talk(paused(), tmp_path, "status", "resume Nope", "resume Unit phase")
    assert "Unit is paused at BUILD command 2 (exit status 1): npm test" in said
    assert "Name the one that is meant." in said
    (resumed,) = asked
    assert isinstance(resumed, Resume) and resumed.how == "phase"
    assert "Build/Unit runs the phase again." in said


@pytest.mark.parametrize(
    ("pause", "paused_now", "found"),
    [
        (replace(PAUSE, container="kept"), True, "with the files and the container of then"),
        (replace(PAUSE, container="stays"), True, "with the files of then, in the container as it is"),
        (replace(PAUSE, checkpoint=""), True, "with the files as they are"),
        (replace(PAUSE, container="kept"), False, "with the files of then, in a new container"),
    ],
)
def test_the_dialog_says_what_goes_back(pause: ev.Pause, paused_now: bool, found: str) -> None:
    assert in_words("phase", pause, paused=paused_now) == f"p: its phase, from the first command, {found}"


async def test_builds_of_a_batch_are_rows_of_the_list_and_go_on_by_their_names(opened: Open) -> None:
    script = paused(PAUSE, "Unit")
    for name in ("one", "two"):
        script.add(ev.BatchBuildChanged(script.id("Compile"), MemberBuild(name, "IN_PROGRESS")))
        script.add(ev.ActionPaused(script.id("Compile"), replace(PAUSE, build=name)), 1)
    async with opened(script, (80, 24)) as stage:
        assert "2 builds: press P" in stage.text
        await stage.press("H")
        assert "2 runs ·" in stage.text and "◫ paused" in stage.text
        await stage.press("escape", "M")
        assert "Build/Unit  paused" in stage.text
        await stage.press("escape", "P", "j", "j", "enter")
        assert stage.chosen == "Build/Compile/two"
        await stage.press("r", "enter")
        (asked,) = stage.asked
        assert isinstance(asked, Resume) and asked.target == f"{script.id('Compile')}/two"
        await stage.until(lambda: len(stage.app.store.paused()) == 2)
