"""The graph's layouts: everything is there, nothing overlaps, the same pipeline looks the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.execution.events import StageRetried, StageWaiting, TransitionDisabled
from engine.execution.fold import replay
from tests.tui.script import BIG, SHOP, Script, Spec, building, failed, first_run, pipeline, waiting
from tui.graph.across import COMPACT, FULL, ROOMY, SLIM, SNUG, TIGHT, Density, plan_across, size_across
from tui.graph.arrange import LEAST_PANE, arrange
from tui.graph.brush import scene_of
from tui.graph.down import plan_down
from tui.graph.fit import across, down
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, StageNode, brief, picture
from tui.graph.paint import painted
from tui.graph.plan import Plan, Slot
from tui.graph.shape import Shape, shape_of
from tui.graph.steer import Steer, at, relatives, step
from tui.graph.text import draw
from tui.graph.zoom import AUTO, Level, Turn, Zoom

few = settings(max_examples=30, deadline=None)  # models are large: more of them cost seconds and find nothing more

names = st.text(alphabet="abcdefgXYZ-_0123456789", min_size=1, max_size=40)
marks = st.sampled_from(list(Mark))


@st.composite
def nodes(draw_: st.DrawFn, stage: str, name: str, order: int, children: int = 0) -> ActionNode:
    return ActionNode(
        stage,
        name,
        order,
        draw_(marks),
        draw_(st.sampled_from(["", "running", "does not hold"])),
        draw_(st.sampled_from(["", "#12", "1m07s", "12s ⇤#3"])),
        draw_(st.sampled_from(["", "≈", "≠ ×2", "≈ ×2 47/48"])),
        draw_(st.sampled_from(["", "what went wrong in a few words"])),
        children=tuple(draw_(nodes(stage, f"{name}/{number}", order)) for number in range(children)),
        seconds=draw_(st.sampled_from([0.0, 12.0])),
        usual=draw_(st.sampled_from([0.0, 9.0, 41.0])),
        critical=draw_(st.booleans()),
    )


@st.composite
def stages(draw_: st.DrawFn, shape: tuple[str, list[list[tuple[str, int]]]]) -> StageNode:
    name, groups = shape
    return StageNode(
        name,
        draw_(marks),
        tuple(
            tuple(draw_(nodes(name, action, order, children)) for action, children in group)
            for order, group in enumerate(groups)
        ),
        draw_(st.sampled_from(["", "#3", "rollback to #1 · 2 wait"])),
        draw_(st.booleans()),
        draw_(st.sampled_from([0, 2, 120])),
        draw_(st.sampled_from([0.0, 28.0])),
        draw_(st.sampled_from([None, 40.0])),
    )


@st.composite
def skeletons(draw_: st.DrawFn) -> list[tuple[str, list[list[tuple[str, int]]]]]:
    """Names, order and child rows: what a definition says."""
    return [
        (
            f"{draw_(names)}{number}",
            [
                [(f"{draw_(names)}{order}{row}", draw_(st.sampled_from([0, 0, 0, 2]))) for row in range(rows)]
                for order, rows in enumerate(draw_(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
            ],
        )
        for number in range(draw_(st.integers(1, 6)))
    ]


@st.composite
def models(draw_: st.DrawFn) -> GraphModel:
    return GraphModel(tuple(draw_(stages(shape)) for shape in draw_(skeletons())))


@st.composite
def moments(draw_: st.DrawFn) -> tuple[GraphModel, GraphModel]:
    """The same definition at two moments."""
    shapes = draw_(skeletons())
    one, other = (GraphModel(tuple(draw_(stages(shape)) for shape in shapes)) for _ in range(2))
    return one, other


levels = st.sampled_from(["auto", "stages", "actions", "detail"])
turns = st.sampled_from(["auto", "across", "down"])


def check(plan: Plan, model: GraphModel) -> None:
    folded = {key[0] for key, box in plan.boxes.items() if box.width == 1}
    for node in model.actions:
        assert node.key in plan.boxes, "an action is not to be seen"
        assert node.stage in folded or all(child.key in plan.boxes for child in node.children)
    for row in plan.rows:
        end = 0
        for piece in row:
            assert piece.x >= end, "two pieces overlap"
            end = piece.x + (piece.width if isinstance(piece, Slot) else len(piece.text))
        assert end <= plan.width
    taken: dict[tuple[int, int], object] = {}
    for key, box in plan.boxes.items():
        for y in range(box.y, box.y + box.height):
            for x in range(box.x, box.x + box.width):
                assert taken.setdefault((x, y), key) == key, "two actions overlap"
    exact(plan, model)


def exact(plan: Plan, model: GraphModel) -> None:
    """What is painted fills every slot and nothing else."""
    sheet = painted(plan, scene_of(model))
    for pieces, row in zip(plan.rows, sheet.rows, strict=True):
        x = pieces[0].x if pieces else 0
        gaps = {piece.x for piece in pieces}
        for cell in row:
            assert cell.x == x or cell.x in gaps, (cell, x)
            x = cell.x + cell_len(cell.text)
            assert x <= plan.width
    for key, box in plan.boxes.items():
        shown = sum(cell_len(cell.text) for cell in sheet.rows[box.y] if cell.owner == key)
        assert shown == box.width, "a selection would have holes"


@few
@given(models(), st.sampled_from([FULL, ROOMY, SNUG, SLIM, COMPACT, TIGHT]), st.data())
def test_from_left_to_right_every_action_has_one_place(
    model: GraphModel, density: Density, data: st.DataObject
) -> None:
    shape = shape_of(model)
    folded = data.draw(st.sets(st.sampled_from([stage.name for stage in shape])))
    wrap = data.draw(st.sampled_from([0, 30, 90, 160]))
    plan = plan_across(shape, density, wrap=wrap, folded=folded)
    check(plan, model)
    assert (plan.width, plan.height) == size_across(shape, density, wrap=wrap, folded=folded)
    widest = max(plan_across((stage,), density, folded=folded).width for stage in shape)
    assert not wrap or plan.width <= max(wrap, widest + 6)


@few
@given(models(), st.integers(5, 140), st.booleans(), st.data())
def test_from_top_to_bottom_every_action_has_one_place(
    model: GraphModel, width: int, detail: bool, data: st.DataObject
) -> None:
    shape = shape_of(model)
    folded = data.draw(st.sets(st.sampled_from([stage.name for stage in shape])))
    plan = plan_down(shape, width, detail=detail, folded=folded)
    check(plan, model)
    assert plan.width <= max(width, 12)


@few
@given(models(), st.integers(1, 300), st.integers(1, 60), levels, turns, st.booleans())
def test_any_screen_gets_an_arrangement_that_leaves_room_for_a_pane(
    model: GraphModel, width: int, height: int, level: Level, turn: Turn, alone: bool
) -> None:
    shape, zoom = shape_of(model), Zoom(level, turn)
    found = arrange(shape, width, height, zoom, alone=alone)
    assert 0 < found.width <= width and 0 < found.height <= height
    if found.mode == "stacked":
        assert height - found.height >= LEAST_PANE
    if zoom == AUTO and width > 20:
        seen = found.height - found.strip
        fits = found.view.plan.width <= found.width - 2 and found.view.plan.height <= seen
        assert fits or found.view.near == 0 or height < 20 or width < 60, "it could have been folded"


@few
@given(moments(), st.integers(20, 220), st.integers(10, 60), levels, turns)
def test_nothing_moves_while_a_run_goes_on(
    two: tuple[GraphModel, GraphModel], width: int, height: int, level: Level, turn: Turn
) -> None:
    one, other = (arrange(shape_of(model), width, height, Zoom(level, turn)) for model in two)
    assert one.view.plan is other.view.plan and one == other


def eventful() -> Script:
    """The shop's run: a failure, a retry, a run that waits in front of a stage, a shut transition."""
    script = failed()
    script.add(StageRetried(script.execution, "Build", "FAILED_ACTIONS")).run("Build", "Unit", attempt=2)
    script.start(after=2).enter("Source")
    script.add(StageWaiting(script.execution, "Build", "stage Build is locked by #2"))
    return script.add(TransitionDisabled("Deploy", "freeze", "ada"))


@few
@given(st.integers(30, 220), st.integers(12, 60), levels)
def test_nothing_moves_over_a_sequence_of_events(width: int, height: int, level: Level) -> None:
    script = eventful()
    plans, state = set(), replay("shop", script.recorded[:1])
    for recorded in script.recorded[1:]:
        state.apply(recorded)
        if recorded.seq % 3:
            continue
        model = picture(state.definition, state, state.latest, recorded.at)
        plan = arrange(shape_of(model), width, height, Zoom(level)).view.plan
        exact(plan, model)
        plans.add(id(plan))
    assert len(plans) == 1


@few
@given(models(), st.lists(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]), max_size=8), st.booleans())
def test_steps_stay_on_actions_and_lead_back(model: GraphModel, moves: list[tuple[int, int]], fold: bool) -> None:
    shape = shape_of(model)
    folded = {stage.name for stage in shape[::2]} if fold else set()
    for plan in (
        plan_across(shape, folded=folded),
        plan_across(shape, SLIM, wrap=70, folded=folded),
        plan_down(shape, 60, folded=folded),
    ):
        here, steer = model.actions[0].key, Steer()
        for dx, dy in moves:
            after = steer.step(plan, here, dx, dy)
            assert after in plan.boxes
            if dy and after != here and not plan.lanes:
                same_band = plan.boxes[after].band == plan.boxes[here].band
                assert not same_band or step(plan, after, 0, -dy) == here
            here = after


def test_a_way_across_keeps_its_row() -> None:
    shape = shape_of(picture(BIG))
    for plan in (plan_across(shape, COMPACT), plan_down(shape, 60)):
        steer, here = Steer(), ("Build", "Compile")
        way = []
        for _ in range(4):
            here = steer.step(plan, here, 1, 0)
            way.append(here[1])
        assert "Integration-3" in way, "the third row, although Package is alone in its column"
        assert steer.step(plan, here, -1, 0) != here


def test_every_cell_of_a_stage_leads_to_an_action() -> None:
    plan = plan_across(shape_of(picture(SHOP)), ROOMY)
    assert at(plan, plan.boxes["Build", "Compile"].x + 2, plan.boxes["Build", "Compile"].y + 1) == ("Build", "Compile")
    assert at(plan, plan.stages["Build"][0] + 1, 0) == ("Build", "Lint")
    assert at(plan, plan.stages["Build"][1] + 1, 0) is None


def fits(shape: Shape, width: int, height: int) -> Plan:
    found = across(shape, width, height)
    assert found is not None
    return found.plan


def test_what_can_be_shown_whole_is_shown_whole_and_as_roomy_as_can_be() -> None:
    shape = shape_of(picture(SHOP))
    tightest = plan_across(shape, TIGHT).width
    for width in range(tightest, 200):
        assert fits(shape, width, 30).width <= width
    assert fits(shape, 200, 30).rows == plan_across(shape, FULL).rows
    assert fits(shape, 200, 12).rows == plan_across(shape, ROOMY).rows
    assert fits(shape, 200, 6).rows == plan_across(shape, COMPACT).rows
    assert {box.height for box in fits(shape, 200, 4).boxes.values()} == {1}


def test_a_crowded_stage_is_folded_before_others_and_counted() -> None:
    many = pipeline(
        "many",
        {
            "Source": [("App", "Source", 1, (), ("AppSource",))],
            "Test": [(f"T{number}", "Test", 1 + number // 20, (), ()) for number in range(25)],
        },
    )
    model = picture(many)
    sheet = painted(fits(shape_of(model), 118, 17), scene_of(model)).lines()
    assert "○ App" in sheet[1] and "▸" in sheet[2] and "25○" in sheet[3]
    listed = down(shape_of(model), 78, 22)
    assert listed.near == 0.5 and listed.plan.height == 3
    listed = down(shape_of(picture(SHOP)), 78, 12)
    assert listed.plan.height == 12 and listed.plan.boxes["Review", "SignOff"].width == 1, "as few as may be"


def test_levels_lead_from_stages_to_detail_and_back() -> None:
    zoom, near = AUTO, 1.5
    assert zoom.step(near, 1).level == "detail" and zoom.step(near, -1).level == "actions"
    assert Zoom("detail").step(2, 1) == Zoom("detail") and Zoom("stages").step(0, -1) == Zoom("stages")
    heights = [plan_down(shape_of(picture(SHOP)), 78, folded=("Source", "Build", "Review", "Deploy")).height]
    heights += [down(shape_of(picture(SHOP)), 78, 60, level).plan.height for level in ("actions", "detail")]
    assert heights == [4, 13, 22]


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
    found = arrange(shape_of(picture(SHOP)), width, height)
    assert (found.mode, found.listed) == (mode, listed)


def test_a_tall_pipeline_stands_beside_the_panes_on_a_vast_screen() -> None:
    many = pipeline("many", {"Test": [(f"T{number}", "Test", 1, (), ()) for number in range(25)]})
    shape = shape_of(picture(many))
    assert arrange(shape, 198, 47).mode == "beside"
    assert arrange(shape, 140, 47).mode == "stacked"


def test_five_hundred_actions_are_seen_at_a_glance() -> None:
    stages_: dict[str, list[Spec]] = {
        f"Stage-{n:02}": [(f"{n}-{i}", "Test", 1 + i // 20, (), ()) for i in range(25)] for n in range(20)
    }
    shape = shape_of(picture(pipeline("grid", stages_)))
    for width, height in ((198, 48), (298, 70), (118, 48), (80, 22), (98, 60)):
        found = arrange(shape, width, height)
        assert not found.strip and len(found.view.plan.boxes) == 500, (width, height)
        assert found.mode != "single" or found.view.plan.height > height - LEAST_PANE, "no empty rows without panes"
    assert arrange(shape, 198, 48, Zoom("actions")).strip, "it does not fit: the strip tells where one is"


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
    assert draw(state.definition, state, 72) == [
        "✔ Source ──────────────────────────────────────────────────── 1✔ 1↺ 0.1s",
        "│ ┌ ✔ App ≠          succeeded 0.1s a1b2c3d +3 files Greet by name",
        "│ └ ↺ Infra ≠        reused #1      9f8e7d6 Greet by name",
        "✘ Build ─────────────────────────────────────────────── 1✘ 1✔ 1↺ 1○ 8.0s",
        "│ ┌ ↺ Lint ≈         reused #1      all is well",
        "│ ├━✘ Unit ≈         failed 8.0s    `pytest -q` exited with 1",
        "│ └ ✔ Compile ≈      succeeded 3.4s usually 7.0s · all is well",
        "│   ○ Package                       still as of #1",
        "○ Review ──────────────────────────────────────────────────────────── 1○",
        "│   ○ SignOff                       still as of #1",
        "○ Deploy ──────────────────────────────────────────────────────────── 2○",
        "    ○ Site                          still as of #1",
        "    ○ Smoke                         still as of #1",
    ]


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
