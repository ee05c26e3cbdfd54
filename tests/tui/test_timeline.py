"""The timeline: bars where the actions were, the critical path, hints that are true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.execution.events import ActionStarted, StageWaiting
from engine.execution.fold import replay
from engine.model.status import ActionStatus
from tests.tui.conftest import Open
from tests.tui.script import Script, big, building, failed, first_run
from tui.eta import Usual
from tui.graph.gantt import CRITICAL, PEOPLE, TURN, USUAL, Window, axis, columns_of, paint, rows_of
from tui.graph.gantt_words import about
from tui.graph.gantt_words import told as words
from tui.graph.marks import Mark
from tui.graph.model import ActionNode
from tui.graph.parallel import Parallel
from tui.graph.timeline import Bar, Timeline, timeline
from tui.widgets.gantt import GanttView

seconds = st.floats(0, 100_000, allow_nan=False)


def told(script: Script) -> Timeline:
    state = replay(script.declaration.name, script.recorded)
    assert state.latest is not None
    return timeline(state, state.latest, script.at, Usual(state.actions.values()))


def text(found: Timeline, width: int = 100) -> list[str]:
    columns, window = columns_of(found, width), Window(0, found.horizon)
    rows = [axis(window, columns), *(paint(row, window, columns) for row in rows_of(found))]
    lines = ["".join(cell.text for cell in row) for row in rows]
    return [*lines, *("".join(part for part, _ in line) for line in words(found))]


def test_the_critical_path_is_what_everything_waited_for() -> None:
    found = told(first_run(Script()))
    names = [bar.node.name for bar in found.critical]
    assert names == ["Infra", "Unit", "Package", "SignOff", "Site", "Smoke"]
    slack = {bar.node.name: bar.slack for bar in found.bars}
    assert slack["Lint"] == pytest.approx(9.0) and slack["Compile"] == pytest.approx(6.0) and slack["Unit"] == 0


def test_it_says_what_could_start_sooner() -> None:
    assert [(key, round(waited)) for key, waited in told(first_run(Script())).parallel.early] == [
        (("Build", "Package"), 6)
    ]
    assert "Build/Package could start 6.0s sooner" in "\n".join(text(told(first_run(Script()))))


def test_a_test_after_a_deployment_waits_for_good_reason() -> None:
    keys = [key for key, _ in told(first_run(Script())).parallel.early]
    assert ("Deploy", "Smoke") not in keys


def test_of_many_that_could_start_sooner_the_first_are_named() -> None:
    late = Parallel(tuple((("Build", f"Late-{n}"), float(n)) for n in range(1, 9)), 4.0)
    lines = ["".join(part for part, _ in line) for line in words(replace(told(building()), parallel=late))]
    assert [line.split()[0] for line in lines[-3:]] == ["Build/Late-8", "Build/Late-7", "Build/Late-6"]
    assert lines[-1].endswith("(and 5 more)")


def test_it_says_how_much_that_would_save() -> None:
    found = told(first_run(Script())).parallel
    assert found.saved == pytest.approx(6), "Package would have begun with Compile's end"
    assert "a lower runOrder would have saved 6.0s" in "\n".join(text(told(first_run(Script()))))
    assert told(building()).parallel.saved == 0


def test_what_runs_grows_and_what_was_reused_is_a_point() -> None:
    bars = {bar.node.name: bar for bar in told(building()).bars}
    assert bars["Lint"].start == bars["Lint"].end and not bars["Lint"].critical
    assert bars["Unit"].critical and bars["Unit"].end == told(building()).length
    line = next(line for line in text(told(building())) if "Lint" in line)
    assert line.rstrip().endswith("#1") and "↺" in line


def test_the_axis_reaches_as_far_as_what_runs_usually_does() -> None:
    found = told(building())
    unit = next(bar for bar in found.bars if bar.node.name == "Unit")
    package = next(bar for bar in found.bars if bar.node.name == "Package")
    assert package.ahead and package.start == pytest.approx(unit.start + 13), "it begins when Unit usually ends"
    assert found.horizon == pytest.approx(unit.start + 13 + 9), "then a person is asked: nobody can tell"
    assert [bar.node.name for bar in found.bars if bar.ahead] == ["Package"] and package not in found.critical
    assert "foreseen until 22s" in "\n".join(text(found)) and "usually takes 9.0s" in about(package)[1][0]
    assert told(first_run(Script())).horizon == told(first_run(Script())).length


def test_people_turns_and_work_are_told_apart() -> None:
    found = told(first_run(Script()))
    assert found.people == pytest.approx(20)
    lines = text(found)
    assert PEOPLE in next(line for line in lines if "SignOff" in line) and PEOPLE not in "".join(lines[:9])
    assert "20s for people" in "\n".join(lines)
    script = building()
    script.schedule("Build", "Package").at += 4
    script.add(ActionStarted(script.id("Package"))).at += 2
    queued = told(script)
    package = next(bar for bar in queued.bars if bar.node.name == "Package")
    assert package.queued == pytest.approx(4) and TURN in next(line for line in text(queued) if "Package" in line)
    assert "waited its turn for 4.0s" in "".join(part for part, _ in about(package))


def test_waits_in_front_of_a_stage_are_told() -> None:
    script = Script().define().start().enter("Source").run("Source", "App").succeed("App", 1).leave("Source")
    script.add(StageWaiting(script.execution, "Build", "stage Build is locked by #1"))
    script.at += 9
    script.enter("Build").run("Build", "Unit").succeed("Unit", 3)
    found = told(script)
    assert found.in_front == pytest.approx(9)
    assert "waited 9.0s" in next(line for line in text(found) if line.startswith("Build"))
    assert "9.0s in front of stages" in "\n".join(text(found))


def test_a_run_is_compared_with_what_is_usual() -> None:
    script = building().succeed("Unit", 1)
    unit = next(bar for bar in told(script).bars if bar.node.name == "Unit")
    assert unit.over == pytest.approx(8 - 13)
    line = next(line for line in text(told(script)) if "Unit" in line)
    assert line.rstrip().endswith("-5.0s")
    running = next(line for line in text(told(building())) if "Unit" in line)
    assert USUAL in running and running.rstrip().endswith("~13s")
    assert "usually 13s, 5.0s more than this time" in "".join(part for part, _ in about(unit))


@given(st.floats(0.01, 1), st.floats(0.1, 4), st.floats(-2, 2), st.floats(0, 1))
def test_windows_stay_within_the_whole(length: float, factor: float, way: float, around: float) -> None:
    window = Window(0, 100.0 * length).moved(way * 50, 100).zoomed(factor, around * 100, 100)
    assert window.start >= -1e-9 and window.start + window.length <= 100 + 1e-6 and window.length > 0


def test_what_never_began_or_was_left_out_has_no_bar() -> None:
    assert "Site" not in [bar.node.name for bar in told(failed()).bars]
    script = Script().define().start().enter("Source")
    script.schedule("Source", "App").end("App", ActionStatus.SKIPPED)
    assert text(told(script))[1:] == ["nothing has begun yet"]


def test_a_path_names_one_of_those_that_ran_beside_each_other() -> None:
    assert [bar.node.stage for bar in told(big()).critical].count("Verify") == 1


@given(
    st.lists(st.tuples(seconds, seconds, st.sampled_from(list(Mark)), st.text("abcXYZ-", min_size=1, max_size=60))),
    st.integers(24, 240),
)
def test_every_line_fits_and_every_bar_shows(rows: list[tuple[float, float, Mark, str]], width: int) -> None:
    bars = [
        Bar(ActionNode(f"Stage{i // 3}", f"{name}{i}", 1, mark), min(a, b), max(a, b), group=i)
        for i, (a, b, mark, name) in enumerate(rows)
    ]
    found = Timeline(tuple(bars), max([bar.end for bar in bars], default=0.0) + 0.001)
    lines = text(found, width)[: 1 + len(rows_of(found))]
    assert all(cell_len(line) == max(width, 26) for line in lines[1:])
    for bar in bars:
        assert not bar.critical or any(CRITICAL in line or bar.node.mark is Mark.REUSED for line in lines)


async def test_v_shows_it_and_it_goes_on_with_the_run(opened: Open) -> None:
    script = building()
    async with opened(script, (120, 40)) as stage:
        await stage.press("v")
        assert "critical path" in stage.text and "Source/App → Build/Unit" in stage.text
        await stage.play(lambda story: story.succeed("Unit", 60).run("Build", "Package"))
        await stage.until(lambda: "Build/Unit → Build/Package" in stage.text or "Package" in stage.text)
        await stage.press("escape")
        assert "critical path" not in stage.text


async def test_figures_stand_beside_the_scrollbar(opened: Open) -> None:
    async with opened(big(), (40, 12)) as stage:
        await stage.press("v")
        bars = stage.app.screen.query_one(GanttView)
        assert bars.show_vertical_scrollbar and any("Package" in line and "5.0s" in line for line in stage.lines)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
async def test_the_timeline_is_steered_by_keys_and_mouse(opened: Open, size: tuple[int, int]) -> None:
    async with opened(big(), size) as stage:
        await stage.press("v")
        bars = stage.app.screen.query_one(GanttView)
        assert stage.chosen.startswith("Verify/") and f"{stage.chosen} runs" in stage.text
        assert all(len(line) <= size[0] for line in stage.lines)
        await stage.press("g")
        assert "Source/App ran" in stage.text
        await stage.press("G", "k", "plus", "plus")
        assert bars.seen.length == pytest.approx(bars.found.horizon / 4)
        before = bars.seen.start
        await stage.press("h")
        assert bars.seen.start < before
        await stage.press("l", "minus", "minus")
        assert bars.seen.length == bars.found.horizon
        await stage.press("plus", "0", "pageup", "pagedown")
        assert bars.seen.length == bars.found.horizon and bars.chosen is not None
        rows = {row.node.name: y for y, row in enumerate(bars.rows, 1) if isinstance(row, Bar)}
        await stage.press("g")
        await stage.pilot.click(bars, offset=(4, rows["Docs"]))
        assert "Source/Docs ran" in stage.text
        await stage.press("enter")
        await stage.until(lambda: stage.chosen == "Source/Docs" and "1 Log" in stage.text)


async def test_v_before_the_first_run_says_so(opened: Open) -> None:
    async with opened(Script().define()) as stage:
        await stage.press("v")
        assert "nothing has run yet" in stage.said
