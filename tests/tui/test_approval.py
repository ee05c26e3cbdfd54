"""The approval dialog and its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution import events as ev
from engine.execution.requests import Approve
from tests.tui.conftest import Open
from tests.tui.real_story import RealScript, shopping
from tests.tui.stage import Stage
from tui.screens.approval import ApprovalDialog
from tui.widgets.choice import Choice

SIZES = [(80, 24), (200, 50)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))


def dialog(stage: Stage) -> ApprovalDialog:
    found = stage.app.screen
    assert isinstance(found, ApprovalDialog)
    return found


async def test_every_page_of_the_evidence(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (80, 24)) as stage:
        await stage.press("a")
        await stage.until(lambda: "1 added, 1 removed, 2 changed" in stage.text)
        for part in ("Look at the page", "#1 by ada", "new failures: tests.test_app.test_greet", "stack shop"):
            assert part in stage.text
        for part in ("2 Source 5", "3 Artifacts 3", "4 Tests 1 new", "5 Deploys 2"):
            assert part in stage.text
        await stage.press("4")
        await stage.until(lambda: "test_names" in stage.text)
        assert "new failure" in stage.text and "fixed" in stage.text and "2 passed, 1 failed" in stage.text
        await stage.press("5")
        await stage.until(lambda: "s3://shop-site/1.4.2/site" in stage.text)
        assert "+ assets/app.js" in stage.text
        await stage.press("pagedown")
        await stage.until(lambda: "Queue" in stage.text and "AWS::SQS::Queue" in stage.text)
        assert stage.asked == [] and "a Approve" in stage.text


@sizes
async def test_a_file_opens_into_its_difference_and_escape_goes_back(
    opened: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with opened(shopping(tmp_path), size) as stage:
        await stage.press("a", "2", "j", "enter")
        await stage.until(lambda: '+ def greet(name: str = "you")' in stage.text)
        assert "- def greet() -> str:" in stage.text
        await stage.press("escape")
        assert "src/names.py" in stage.text and "Source 5" in stage.text
        await stage.press("escape", "escape")
        await stage.until(lambda: stage.app.on_main)
        assert stage.asked == []


async def test_files_of_artifacts_are_compared_with_sizes(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("a", "3")
        await stage.until(lambda: "function.zip" in stage.text)
        assert "Site" in stage.text and "made by" not in stage.text and "65 B" in stage.text
        await stage.press("G")
        await stage.until(lambda: "1.4.2</p>" in stage.text)
        await stage.press("y")
        assert "copied index.html" in stage.said and stage.asked == []


async def test_the_mouse_turns_pages_and_approves(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (120, 40)) as stage:
        await stage.press("a")
        await stage.pilot.click(offset=(stage.lines[2].index("5 Deploys"), 2))
        await stage.until(lambda: "s3://shop-site" in stage.text and "target" in stage.text)
        await stage.pilot.click("#approve")
        await stage.until(lambda: stage.asked)
        assert isinstance(stage.asked[0], Approve)


async def test_several_wait_in_a_queue(opened: Open, tmp_path: Path) -> None:
    async with opened(two(tmp_path)) as stage:
        await stage.press("a")
        await stage.until(lambda: "(1 of 2)" in stage.text and "] and [ show the others" in stage.text)
        await stage.press("2", "right_square_bracket")
        await stage.until(lambda: "(2 of 2)" in stage.text and "Approve Review/Legal?" in stage.text)
        await stage.press("left_square_bracket")
        await stage.until(lambda: "Approve Review/SignOff?" in stage.text)
        await stage.press("right_square_bracket", "2", "a", "enter")
        (asked,) = stage.asked
        assert isinstance(asked, Approve) and asked.target == "1-Legal-1"


def two(root: Path) -> RealScript:
    """Two people are asked at a time."""
    from tests.tui.script import SHOP

    script = RealScript(root)
    body = SHOP.model_dump(exclude_none=True, mode="json")
    review = next(stage for stage in body["stages"] if stage["name"] == "Review")
    review["actions"].append({**review["actions"][0], "name": "Legal"})
    script.declaration = type(SHOP).model_validate(body)
    script.define().start().enter("Source").run("Source", "App").succeed("App").leave("Source")
    script.enter("Review").run("Review", "SignOff").run("Review", "Legal")
    return script


async def test_it_counts_down_to_its_end(opened: Open, tmp_path: Path) -> None:
    script = shopping(tmp_path)
    async with opened(script) as stage:
        await stage.press("a")
        assert "expires in 59m55s" in stage.text
        script.at += 1_800
        dialog(stage).update()
        await stage.until(lambda: "expires in 29m55s" in stage.text)
        script.at += 10_000
        dialog(stage).update()
        await stage.until(lambda: "has expired" in stage.text)


async def test_news_that_have_nothing_to_do_with_it_leave_it_open(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("a", "2")
        await stage.play(lambda script: script.add(ev.WatchChanged(True, "by you")))
        assert "src/names.py" in stage.text


async def test_an_approval_can_be_given_from_every_screen(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (120, 40)) as stage:
        for key in ("H", "v", "b", "V", "i", "comma"):
            await stage.press(key)
            row = next(y for y, line in enumerate(stage.lines) if "Review/SignOff waits for you" in line)
            await stage.pilot.click(offset=(10, row))
            assert isinstance(stage.app.screen, ApprovalDialog), key
            await stage.press("escape", "a")
            assert isinstance(stage.app.screen, ApprovalDialog), key
            await stage.press("escape")
        await stage.press("escape", "question_mark", "a", "enter")
        await stage.until(lambda: stage.asked)
        assert isinstance(stage.asked[0], Approve) and stage.asked[0].approved


async def test_screens_take_each_others_place(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (120, 40)) as stage:
        for key in ("H", "v", "b", "V", "i", "comma", "H", "V", "v"):
            await stage.press(key)
            assert len(stage.app.screen_stack) in (2, 3), key
        await stage.press("v")
        await stage.until(lambda: stage.app.on_main)


async def test_enter_pressed_twice_decides_once(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (80, 24)) as stage:
        await stage.press("a")
        approval = dialog(stage)
        approval._decide(True)
        approval._decide(True)
        approval.action_cancel()
        await stage.until(lambda: stage.app.on_main)
        assert len(stage.asked) == 1 and stage.app.store.problems == []


async def test_a_comment_stays_with_its_approval(opened: Open, tmp_path: Path) -> None:
    async with opened(two(tmp_path), (80, 24)) as stage:
        await stage.press("a", "c", *"mine", "enter", "right_square_bracket")
        assert "mine" not in stage.text
        await stage.press("left_square_bracket")
        assert "mine" in stage.text


async def test_a_dialog_under_the_help_is_not_left(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (80, 24)) as stage:
        await stage.press("a")
        approval = dialog(stage)
        await stage.press("question_mark")
        approval.query_one("#approve", Choice).action_take()
        await stage.press("escape")
        assert stage.app.screen is approval and stage.asked == []
