"""Keys that ask something of the engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.execution.events import ActionPrepared, Event, ExecutionStarted, WatchChanged
from engine.execution.requests import Approve, Retry, SetWatch, Start, Stop
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus
from tests.tui.conftest import Open
from tests.tui.script import Script, building, failed, first_run, revision, waiting

SIZES = [(80, 24), (200, 50)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))


def unkept(evidence: tuple[str, ...] | None = None) -> Script:
    """`waiting`, with a source that nobody has any more: what was noted when the approval began is all there is."""
    script = waiting()
    for at, recorded in enumerate(script.recorded):
        event: Event = recorded.event
        if isinstance(event, ExecutionStarted) and event.number == 2:
            event = replace(event, revisions={"App": revision(tree="t-gone")})
        if isinstance(event, ActionPrepared) and evidence is not None and event.evidence:
            event = replace(event, evidence=evidence)
        script.recorded[at] = replace(recorded, event=event)
    return script


@sizes
async def test_a_and_then_enter_approves(opened: Open, size: tuple[int, int]) -> None:
    async with opened(waiting(), size) as stage:
        assert "Review/SignOff waits for you" in stage.text
        await stage.press("a", "a", "x", "a")
        assert stage.asked == [] and "Enter approves" in stage.text, "a key pressed twice by accident decides nothing"
        await stage.press("enter")
        (asked,) = stage.asked
        assert isinstance(asked, Approve) and asked.approved and asked.target == "2-SignOff-1"
        await stage.until(lambda: "approved Review/SignOff" in stage.said)
        assert "waits for you" not in stage.lines[1]


async def test_the_enter_that_chose_it_in_the_palette_does_not_approve(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("colon", *"approve or reject")
        await stage.until(lambda: "Approve or reject what waits" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: "Enter leaves" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.app.on_main)
        assert stage.asked == []


@sizes
async def test_the_approval_dialog_shows_what_is_approved(opened: Open, size: tuple[int, int]) -> None:
    async with opened(unkept(), size) as stage:
        await stage.press("a")
        for part in ("Approve Review/SignOff?", "a1b2c3d +3 files", "#1 by ada", "expires in 59m55s"):
            assert part in stage.text
        assert "a Approve" in stage.text and "esc Later" in stage.text
        await stage.press("pagedown")
        await stage.until(lambda: "Unit: 48 tests passed" in stage.text and "src/greet.py" in stage.text)
        await stage.press("escape")
        assert stage.asked == []


async def test_rejecting_takes_two_keys(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("x", "x")
        assert stage.asked == [] and "Enter rejects" in stage.text
        await stage.press("enter")
        (asked,) = stage.asked
        assert isinstance(asked, Approve) and not asked.approved


async def test_x_on_the_approval_asks_about_rejecting(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("x")
        assert "Reject Review/SignOff?" in stage.text and "Enter rejects" in stage.text


async def test_a_comment_goes_with_the_decision(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("a", "c", "o", "k", "enter")
        assert stage.asked == [], "Enter in the comment must not decide"
        await stage.press("enter")
        (asked,) = stage.asked
        assert isinstance(asked, Approve) and asked.summary == "ok" and asked.approved


async def test_an_approval_works_from_anywhere(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("left", "left", "2", "a", "enter")
        assert isinstance(stage.asked[0], Approve)
    async with opened(waiting()) as stage:
        await stage.press("H", "a", "enter")
        assert isinstance(stage.asked[0], Approve)


async def test_a_first_approval_has_nothing_to_compare_with(opened: Open) -> None:
    async with opened(Script().define().start().enter("Review").run("Review", "SignOff")) as stage:
        await stage.press("a")
        assert "never here: all of it is new" in stage.text


async def test_a_run_that_fails_is_told_once(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.play(lambda script: script.fail("Unit").leave("Build", StageStatus.FAILED))
        await stage.play(lambda script: script.finish(ExecutionStatus.FAILED))
        await stage.play(lambda script: script.add(WatchChanged(True, "by you")))
        assert stage.said == ["#2 failed in Build/Unit"]


async def test_without_an_approval_a_says_so(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("a")
        assert stage.said == ["nothing waits for an approval"]


async def test_the_bell_rings_once_for_each_approval(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(building()) as stage:
        rings: list[int] = []
        monkeypatch.setattr(stage.app, "bell", lambda: rings.append(1))
        await stage.play(
            lambda script: (
                script.succeed("Unit")
                .run("Build", "Package")
                .succeed("Package")
                .leave("Build")
                .enter("Review")
                .run("Review", "SignOff")
            )
        )
        await stage.play(lambda script: script.add(script.prepared("Review", "SignOff")))
        assert rings == [1]


@sizes
@pytest.mark.parametrize(("key", "mode"), [("r", "FAILED_ACTIONS"), ("R", "ALL_ACTIONS")])
async def test_retry(opened: Open, size: tuple[int, int], key: str, mode: str) -> None:
    async with opened(failed(), size) as stage:
        await stage.press(key)
        assert stage.asked == [Retry("Build", "exec-2", mode)]  # type: ignore[arg-type]


async def test_nothing_to_retry(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await stage.press("r")
        assert stage.asked == [] and "no stage of #1 has failed" in stage.said[0]


async def test_start_and_force(opened: Open) -> None:
    async with opened(failed()) as stage:
        await stage.press("S", "F")
        assert stage.asked == [Start(), Start(forced=("Build/Unit",))]
        await stage.until(lambda: "started #3" in stage.said)


@pytest.mark.parametrize(("key", "abandon"), [("w", False), ("enter", False), ("b", True)])
async def test_stop(opened: Open, key: str, abandon: bool) -> None:
    async with opened(building(), (80, 24)) as stage:
        await stage.press("x")
        assert "Stop run #2?" in stage.text and "Build/Unit" in stage.text
        await stage.press(key)
        assert stage.asked == [Stop("exec-2", abandon)]


async def test_stop_can_be_left(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("x", "escape")
        assert stage.asked == []
    async with opened(failed()) as stage:
        await stage.press("x")
        assert stage.said == ["nothing is running"]


async def test_pause_watching_and_resume(opened: Open) -> None:
    async with opened(building()) as stage:
        assert "● watching" in stage.lines[0] and "p Unwatch" in stage.lines[-1]
        await stage.press("p")
        await stage.until(lambda: "‖ not watching  by you" in stage.lines[0])
        assert "p Watch" in stage.lines[-1]
        await stage.press("p")
        await stage.until(lambda: "● watching" in stage.lines[0])
        assert [type(request) for request in stage.asked] == [SetWatch, SetWatch]


async def test_a_pause_that_nobody_asked_for_says_why(opened: Open) -> None:
    async with opened(building(), (80, 24)) as stage:
        await stage.play(lambda script: script.add(WatchChanged(True, "Build/Unit writes app.txt into its source")))
        assert "‖ Build/Unit writes app.txt into its source" in stage.text and "p watches again" in stage.text
        await stage.press("p")
        await stage.until(lambda: "writes app.txt" not in stage.text)


async def test_long_evidence_is_scrolled_by_keys(opened: Open) -> None:
    script = unkept(tuple(f"file-{n:03}.py" for n in range(200)))
    async with opened(script, (80, 24)) as stage:
        await stage.press("a")
        assert "PgDn scrolls" in stage.text and "file-030.py" not in stage.text
        await stage.press("pagedown", "pagedown")
        await stage.until(lambda: "file-030.py" in stage.text)
        assert "a Approve" in stage.text


async def test_the_dialog_leaves_when_its_approval_is_gone(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("a")
        await stage.play(lambda script: script.end("SignOff", ActionStatus.ABANDONED))
        await stage.until(lambda: stage.app.on_main)
        assert stage.said == ["Review/SignOff waits for no approval any more"] and stage.asked == []


async def test_a_refusal_is_told_in_the_engines_words(opened: Open) -> None:
    async with opened(waiting()) as stage:
        await stage.press("a")
        stage.link.play(lambda script: script.end("SignOff", ActionStatus.ABANDONED))
        await stage.press("enter")
        await stage.until(lambda: stage.said)
        assert "SignOff" in stage.said[-1] or "approval" in stage.said[-1]


async def test_text_of_users_is_never_markup(opened: Open) -> None:
    async with opened(unkept(("src/[bold]x.py", "[/tmp/y]")), (120, 40)) as stage:
        await stage.press("a")
        assert "src/[bold]x.py" in stage.text and "[/tmp/y]" in stage.text
