"""The graph on the screen: levels, turns, the strip, the mouse; nothing pulls a view away that somebody chose."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Offset

from tests.tui.conftest import Open
from tests.tui.script import Script, Spec, big, building, failed, pipeline
from tests.tui.stage import Stage
from tui.widgets.graph import PipelineGraph
from tui.widgets.strip import StageStrip


def wide() -> Script:
    """Twenty stages of four tests, the eleventh of which runs."""
    stages: dict[str, list[Spec]] = {"Source": [("App", "Source", 1, (), ("AppSource",))]}
    stages |= {f"Stage-{n:02}": [(f"Test-{n}-{i}", "Test", 1, ("AppSource",), ()) for i in range(4)] for n in range(20)}
    script = Script(pipeline("wide", stages)).define().start().enter("Source").run("Source", "App").succeed("App")
    script.leave("Source")
    for number in range(11):
        script.enter(f"Stage-{number:02}")
        for test in range(4):
            script.run(f"Stage-{number:02}", f"Test-{number}-{test}")
            if number < 10:
                script.succeed(f"Test-{number}-{test}", 0.5)
        if number < 10:
            script.leave(f"Stage-{number:02}")
    script.at += 7
    return script


def graph(stage: Stage) -> PipelineGraph:
    return stage.app.query_one(PipelineGraph)


def near(stage: Stage) -> float:
    assert stage.app.main is not None
    return stage.app.main.near


async def wheel(stage: Stage, way: int, *, ctrl: bool = False) -> None:
    kind = events.MouseScrollDown if way > 0 else events.MouseScrollUp
    widget = graph(stage)
    await stage.pilot._post_mouse_events([kind], widget, offset=(10, 2), control=ctrl)
    await stage.pilot.pause()


async def test_plus_and_minus_go_through_the_levels_until_nought(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        assert near(stage) == 1.5 and "reused #1" in stage.text
        await stage.press("minus")
        assert near(stage) == 1 and "reused" not in stage.text and "#1 ─┬─▶" in stage.text
        await stage.press("minus")
        assert near(stage) == 0 and "1◐ 1✔ 1↺ 1○" in stage.text and "Compile" not in stage.text
        await stage.press("minus")
        assert "further away is not possible" in stage.said
        await stage.press("plus", "plus")
        assert near(stage) == 2 and "a1b2c3d +3 files…" in stage.text
        await stage.press("0")
        assert near(stage) == 1.5


async def test_the_graph_turns(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("vertical_line")
        assert "goes from left to right" in stage.said[-1] and "╭─" in stage.text
        await stage.press("vertical_line")
        assert "goes from top to bottom" in stage.said[-1] and graph(stage).plan.lanes
        await stage.press("vertical_line")
        assert not graph(stage).plan.lanes
    async with opened(building(), (80, 24)) as stage:
        await stage.press("vertical_line")
        assert "╭─ ✔ Source" in stage.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)], ids=lambda size: "x".join(map(str, size)))
async def test_a_chosen_dot_moves_and_opens_like_an_action(opened: Open, size: tuple[int, int]) -> None:
    async with opened(big(), size) as stage:
        await stage.press("minus", "minus", "minus")
        assert near(stage) == 0 and stage.chosen == "Verify/Integration-2"
        await stage.press("right")
        assert stage.chosen == "Verify/Integration-3"
        assert all(len(line) <= size[0] for line in stage.lines)
        await stage.press("enter")
        assert "1 Log" in stage.text


async def test_what_does_not_fit_tells_where_one_is(opened: Open) -> None:
    async with opened(wide(), (120, 40)) as stage:
        assert near(stage) < 1 and "of 21" not in stage.text
        await stage.press("plus")
        assert "of 21" in stage.text and "Stage-10" in stage.text, "what runs is in view"
        before = graph(stage).scroll_offset
        assert before.x > 0
        await stage.press("g")
        assert " 1-" in stage.text and graph(stage).scroll_offset.x == 0
        await stage.press("full_stop")
        assert stage.chosen == "Stage-10/Test-10-0"
        window, box = graph(stage).window, graph(stage).plan.boxes["Stage-10", "Test-10-0"]
        assert abs(window.x + window.width // 2 - (box.x + box.width // 2)) <= 1
        await stage.press("full_stop")
        assert "of 21" not in stage.text
        await stage.press("full_stop")
        strip = stage.app.query_one(StageStrip)
        assert "of 21" in stage.text
        await stage.pilot.click(strip, offset=(3, 0))
        assert stage.chosen == "Source/App"


async def test_news_do_not_pull_away_what_somebody_looks_at(opened: Open) -> None:
    async with opened(wide(), (120, 40)) as stage:
        await stage.press("plus")
        here = graph(stage).scroll_offset
        await wheel(stage, -1)
        await wheel(stage, -1)
        moved = graph(stage).scroll_offset
        assert moved.x < here.x, "a wheel goes sideways where there is nothing below"
        await stage.play(lambda script: script.succeed("Test-10-0", 1))
        assert graph(stage).scroll_offset == moved
        await stage.press("escape")
        await stage.until(lambda: graph(stage).scroll_offset != moved)


async def test_a_drag_pans_and_does_not_choose(opened: Open) -> None:
    async with opened(wide(), (120, 40)) as stage:
        await stage.press("plus", "g")
        chosen, widget = stage.chosen, graph(stage)
        await stage.pilot.mouse_down(widget, offset=(60, 2))
        await stage.pilot.hover(widget, offset=(20, 2))
        await stage.pilot.mouse_up(widget, offset=(20, 2))
        assert widget.scroll_offset == Offset(40, 0) and stage.chosen == chosen and widget.loose
        box = widget.plan.boxes["Stage-02", "Test-2-1"]
        await stage.pilot.click(widget, offset=(box.x - 40 + 4, box.y))
        assert stage.chosen == "Stage-02/Test-2-1" and not widget.loose, "a click where nothing is dragged chooses"


async def test_the_wheel_zooms_with_ctrl(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        await wheel(stage, -1, ctrl=True)
        assert near(stage) == 2
        await wheel(stage, 1, ctrl=True)
        assert near(stage) == 1


async def test_a_click_on_a_stage_chooses_its_first_action(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        left, _, top, _ = graph(stage).plan.stages["Review"]
        await stage.pilot.click(graph(stage), offset=(left + 4, top))
        assert stage.chosen == "Review/SignOff"


async def test_only_the_rows_that_change_are_painted(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        painted: list[int] = []
        widget = graph(stage)
        real = widget.render_line
        widget.render_line = lambda y: painted.append(y) or real(y)  # type: ignore[method-assign, func-returns-value]
        widget.spin()
        await stage.pilot.pause()
        rows = {box.y for key, box in widget.plan.boxes.items() if key == ("Build", "Unit")}
        assert set(painted) == {0} | rows, "the stage's title and the action that runs"
        painted.clear()
        widget.update()
        await stage.pilot.pause()
        assert not painted, "nothing has changed"


async def test_at_the_nearest_level_it_says_what_is_being_done(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        log = stage.link.log(stage.link.script.id("Unit"))
        log.parent.mkdir(exist_ok=True)
        log.write_bytes(
            b"[Container] 2026/09/21 14:15:11 Running command make\n[Container] 1 Running command pytest -q\n.\x1b"
        )
        await stage.press("plus")
        await stage.until(lambda: "pytest -q" in "\n".join(stage.lines[:14]))


async def test_resizing_keeps_what_was_asked_for(opened: Open) -> None:
    async with opened(failed(), (200, 50)) as stage:
        await stage.press("minus", "minus")
        assert near(stage) == 0
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: graph(stage).plan.lanes)
        assert near(stage) == 0 and stage.chosen == "Build/Unit"
