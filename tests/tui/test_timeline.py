"""The timeline: bars where the actions were, the critical path, hints that are true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.execution.fold import replay
from engine.model.status import ActionStatus
from tests.tui.conftest import Open
from tests.tui.script import Script, big, building, failed, first_run
from tui.graph.marks import Mark
from tui.graph.model import ActionNode
from tui.graph.timeline import CRITICAL, Bar, Timeline, draw, timeline

seconds = st.floats(0, 100_000, allow_nan=False)


def told(script: Script) -> Timeline:
    state = replay(script.declaration.name, script.recorded)
    assert state.latest is not None
    return timeline(state, state.latest, script.at)


def text(found: Timeline, width: int = 100) -> list[str]:
    return ["".join(part for part, _ in line) for line in draw(found, width)]


def test_the_critical_path_is_what_everything_waited_for() -> None:
    found = told(first_run(Script()))
    names = [bar.node.name for bar in found.critical]
    assert names == ["Infra", "Unit", "Package", "SignOff", "Site", "Smoke"]
    slack = {bar.node.name: bar.slack for bar in found.bars}
    assert slack["Lint"] == pytest.approx(9.0) and slack["Compile"] == pytest.approx(6.0) and slack["Unit"] == 0


def test_it_says_what_could_start_sooner() -> None:
    assert [(key, round(waited)) for key, waited in told(first_run(Script())).early] == [(("Build", "Package"), 6)]
    assert "Build/Package could start 6.0s sooner" in "\n".join(text(told(first_run(Script()))))


def test_a_test_after_a_deployment_waits_for_good_reason() -> None:
    keys = [key for key, _ in told(first_run(Script())).early]
    assert ("Deploy", "Smoke") not in keys


def test_what_runs_grows_and_what_was_reused_is_a_point() -> None:
    bars = {bar.node.name: bar for bar in told(building()).bars}
    assert bars["Lint"].start == bars["Lint"].end and not bars["Lint"].critical
    assert bars["Unit"].critical and bars["Unit"].end == told(building()).length
    line = next(line for line in text(told(building())) if "Lint" in line)
    assert line.rstrip().endswith("#1") and "↺" in line


def test_what_never_began_or_was_left_out_has_no_bar() -> None:
    assert "Site" not in [bar.node.name for bar in told(failed()).bars]
    script = Script().define().start().enter("Source")
    script.schedule("Source", "App").end("App", ActionStatus.SKIPPED)
    assert text(told(script)) == ["nothing has begun yet"]


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
    lines = text(found, width)[: len(bars) + 1 + len({bar.node.stage for bar in bars})]
    assert all(cell_len(line) <= max(width, 30) for line in lines)
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


async def test_v_before_the_first_run_says_so(opened: Open) -> None:
    async with opened(Script().define()) as stage:
        await stage.press("v")
        assert "nothing has run yet" in stage.said
