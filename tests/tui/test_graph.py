"""The graph's layouts: everything is there, nothing overlaps, the same pipeline looks the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution.fold import replay
from tests.tui.script import BIG, SHOP, Script, building, failed, first_run, pipeline, waiting
from tui.graph.arrange import LEAST_PANE, arrange
from tui.graph.canvas import Layout
from tui.graph.columns import COMPACT, ROOMY, SLIM, SNUG, TIGHT, Density, columns, fit
from tui.graph.lanes import lanes
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, StageNode, brief, picture
from tui.graph.steer import relatives, step
from tui.graph.text import draw

names = st.text(alphabet="abcdefgXYZ-_0123456789", min_size=1, max_size=40)
marks = st.sampled_from(list(Mark))


@st.composite
def models(draw_: st.DrawFn) -> GraphModel:
    stages = []
    for number in range(draw_(st.integers(1, 6))):
        groups = []
        for order in range(draw_(st.integers(1, 3))):
            group = []
            for row in range(draw_(st.integers(1, 4))):
                name = f"{draw_(names)}{order}{row}"
                note, badges = draw_(st.sampled_from(["", "#12", "1m07s"])), draw_(st.sampled_from(["", "≈", "≠ ×2"]))
                group.append(ActionNode(f"{number}", name, order, draw_(marks), "running", note, badges, draw_(names)))
            groups.append(tuple(group))
        stages.append(StageNode(f"{number}", draw_(marks), tuple(groups), draw_(st.sampled_from(["", "#3"]))))
    return GraphModel(tuple(stages))


def check(layout: Layout, model: GraphModel) -> None:
    assert list(layout.boxes) == [action.key for action in model.actions]
    for row in layout.rows:
        end = 0
        for cell in row:
            assert cell.x >= end, "two cells overlap"
            end = cell.x + len(cell.text)
        assert end <= layout.width
    taken: dict[tuple[int, int], object] = {}
    for key, box in layout.boxes.items():
        for y in range(box.y, box.y + box.height):
            for x in range(box.x, box.x + box.width):
                assert taken.setdefault((x, y), key) == key, "two actions overlap"


@given(models(), st.sampled_from([ROOMY, SNUG, SLIM, COMPACT, TIGHT]))
def test_columns_place_every_action_once(model: GraphModel, density: Density) -> None:
    layout = columns(model, density)
    check(layout, model)
    assert layout.lines() == columns(model, density).lines()


@given(models(), st.sampled_from([SNUG, SLIM, COMPACT, TIGHT]), st.integers(30, 160))
def test_bands_place_every_action_once(model: GraphModel, density: Density, wrap: int) -> None:
    layout = columns(model, density, wrap=wrap)
    check(layout, model)
    widest = max(columns(GraphModel((stage,)), density).width for stage in model.stages)
    assert layout.width <= max(wrap, widest + 6)


@given(models(), st.integers(5, 140))
def test_lanes_place_every_action_once_at_any_width(model: GraphModel, width: int) -> None:
    layout = lanes(model, width)
    check(layout, model)
    assert layout.width <= max(width, 12)


@given(models(), st.integers(1, 300), st.integers(1, 60))
def test_any_screen_gets_an_arrangement_that_leaves_room_for_a_pane(model: GraphModel, width: int, height: int) -> None:
    found = arrange(model, width, height)
    assert 0 < found.width <= width and 0 < found.height <= height
    if found.mode == "stacked":
        assert height - found.height >= LEAST_PANE


@given(models(), st.lists(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]), max_size=8))
def test_steps_stay_on_actions_and_lead_back(model: GraphModel, moves: list[tuple[int, int]]) -> None:
    for layout in (columns(model), columns(model, SLIM, wrap=70), lanes(model, 60)):
        here = model.actions[0].key
        for dx, dy in moves:
            after = step(layout, here, dx, dy)
            assert after in layout.boxes
            if dy and after != here:
                same_band = layout.boxes[after].band == layout.boxes[here].band
                assert not same_band or step(layout, after, 0, -dy) == here
            here = after


def test_what_can_be_shown_whole_is_shown_whole_and_as_roomy_as_can_be() -> None:
    model = picture(SHOP)
    tightest = columns(model, TIGHT).width
    for width in range(tightest, 200):
        assert fit(model, width, 30).width <= width
    assert fit(model, 200, 30).rows == columns(model, ROOMY).rows
    assert fit(model, 200, 6).rows == columns(model, COMPACT).rows


@pytest.mark.parametrize(
    ("width", "height", "mode", "listed"),
    [
        (40, 40, "single", True),
        (80, 18, "single", True),
        (80, 40, "stacked", True),
        (100, 40, "stacked", False),
        (200, 40, "stacked", False),
    ],
)
def test_breakpoints(width: int, height: int, mode: str, listed: bool) -> None:
    found = arrange(picture(SHOP), width, height)
    assert (found.mode, found.listed) == (mode, listed)


def test_a_tall_pipeline_stands_beside_the_panes_on_a_vast_screen() -> None:
    many = pipeline("many", {"Test": [(f"T{number}", "Test", 1, (), ()) for number in range(25)]})
    assert arrange(picture(many), 198, 47).mode == "beside"
    assert arrange(picture(many), 140, 47).mode == "stacked"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: "
            "Error while executing command: make -C x. Reason: exit status 2",
            "exit status 2: make -C x",
        ),
        (
            "Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: YAML_FILE_ERROR, "
            "Message: YAML file does not exist",
            "YAML file does not exist",
        ),
        ("no such folder\nmore", "no such folder"),
    ],
)
def test_a_failure_in_a_few_words(message: str, shown: str) -> None:
    assert brief(message) == shown


def test_the_shop_as_a_list() -> None:
    script = failed()
    state = replay("shop", script.recorded)
    assert "\n".join(draw(state.definition, state, 72)) == (
        "✔ Source ───────────────────────────────────────────────────────────────\n"
        "│ ┌ ✔ App ≠       succeeded 0.1s     a1b2c3d +3 files Greet by name\n"
        "│ └ ↺ Infra ≠     reused #1          9f8e7d6 Greet by name\n"
        "✘ Build ────────────────────────────────────────────────────────────────\n"
        "│ ┌ ↺ Lint ≈      reused #1          all is well\n"
        "│ ├ ✘ Unit ≈      failed 8.0s        `pytest -q` exited with 1\n"
        "│ └ ✔ Compile ≈   succeeded 3.4s     all is well\n"
        "│   ○ Package\n"
        "○ Review ───────────────────────────────────────────────────────────────\n"
        "│   ○ SignOff\n"
        "○ Deploy ───────────────────────────────────────────────────────────────\n"
        "    ○ Site\n"
        "    ○ Smoke"
    )


def test_the_shop_from_left_to_right() -> None:
    assert "\n".join(draw(SHOP, None, 120)) == (
        "╭─ ○ Source ─╮   ╭─ ○ Build ────────────────╮   ╭─ ○ Review ─╮   ╭─ ○ Deploy ──────────╮\n"
        "│ ○ App      ├──▶┤ ○ Lint    ─┬─▶ ○ Package ├──▶┤ ○ SignOff  ├──▶┤ ○ Site ───▶ ○ Smoke │\n"
        "│ ○ Infra    │   │ ○ Unit    ─┤             │   ╰────────────╯   ╰─────────────────────╯\n"
        "╰────────────╯   │ ○ Compile ─┘             │\n"
        "                 ╰──────────────────────────╯"
    )


def test_a_long_pipeline_goes_on_in_a_second_band() -> None:
    assert draw(BIG, None, 110) == [
        "╭─ ○ Source ─╮   ╭─ ○ Build ────────────────╮   ╭─ ○ Verify ─────────────────────────╮",
        "│ ○ App      ├──▶┤ ○ Lint    ─┬─▶ ○ Package ├──▶┤ ○ Integration-1 ─┬─▶ ○ Performance ├──▶",
        "│ ○ Infra    │   │ ○ Unit    ─┤             │   │ ○ Integration-2 ─┤                 │",
        "│ ○ Docs     │   │ ○ Compile ─┘             │   │ ○ Integration-3 ─┤                 │",
        "╰────────────╯   ╰──────────────────────────╯   │ ○ Integration-4 ─┤                 │",
        "                                                │ ○ Integration-5 ─┘                 │",
        "                                                ╰────────────────────────────────────╯",
        "   ╭─ ○ Staging ────────────╮   ╭─ ○ Approve ─╮   ╭─ ○ Production ─╮",
        "──▶┤ ○ Migrate ─┬─▶ ○ Smoke ├──▶┤ ○ SignOff   ├──▶┤ ○ Deploy-EU    │",
        "   │ ○ Deploy  ─┘           │   ╰─────────────╯   │ ○ Deploy-US    │",
        "   ╰────────────────────────╯                     ╰────────────────╯",
    ]


def test_without_a_run_the_graph_is_small_and_narrow_ones_become_a_list() -> None:
    assert draw(SHOP, None, 200)[1].startswith("│ ○ App      ├──▶┤ ○ Lint    ─┬─▶ ○ Package")
    narrow = draw(SHOP, None, 30)
    assert narrow[0].startswith("○ Source ─") and all(len(line) <= 30 for line in narrow)


def marks_of(script: Script) -> dict[str, str]:
    state = replay("shop", script.recorded)
    return {node.name: node.mark for node in picture(state.definition, state, state.latest, script.at).actions}


def test_marks_tell_what_happened() -> None:
    assert marks_of(building()) == {
        "App": "succeeded",
        "Infra": "reused",
        "Lint": "reused",
        "Unit": "running",
        "Compile": "succeeded",
        "Package": "pending",
        "SignOff": "pending",
        "Site": "pending",
        "Smoke": "pending",
    }
    assert marks_of(failed())["Unit"] == "failed"
    assert marks_of(waiting())["SignOff"] == "waiting"


def test_a_stage_that_an_older_run_still_holds_shows_that_run() -> None:
    script = waiting()
    script.start("fresh", after=2).enter("Source")
    state = replay("shop", script.recorded)
    review = next(stage for stage in picture(state.definition, state, state.latest).stages if stage.name == "Review")
    assert (review.mark, review.note) == ("waiting", "#2")


def test_relatives_make_or_read_the_chosen_actions_artifacts() -> None:
    assert relatives(SHOP, ("Build", "Package")) == {
        ("Source", "Infra"): "‹",
        ("Build", "Compile"): "‹",
        ("Deploy", "Site"): "›",
        ("Deploy", "Smoke"): "›",
    }


def test_a_stage_is_reused_when_all_of_it_was() -> None:
    script = first_run(Script()).start(after=60).enter("Source")
    script.reuse("Source", "App", "1-App-1").reuse("Source", "Infra", "1-Infra-1").leave("Source")
    state = replay("shop", script.recorded)
    assert picture(state.definition, state, state.latest).stages[0].mark == Mark.REUSED
