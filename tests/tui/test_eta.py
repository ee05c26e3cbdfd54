"""Estimates: the median of the last successes, and nothing where nobody can tell."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution.fold import replay
from tests.tui.script import Script, building, first_run, waiting
from tui.eta import SAMPLES, Usual, remaining
from tui.graph.model import picture


def taken(*seconds: float, last: str = "") -> tuple[Usual, Script]:
    """The shop's Unit test took so long, run after run; `last` is how the last of them went."""
    script = Script().define()
    for number, each in enumerate(seconds, 1):
        script.start().enter("Build").run("Build", "Unit")
        if last == "failed" and number == len(seconds):
            script.fail("Unit", each)
        else:
            script.succeed("Unit", each)
    return Usual(replay("shop", script.recorded).actions.values()), script


@given(st.lists(st.floats(0.5, 5000), min_size=1, max_size=9))
def test_the_usual_time_is_the_median_of_the_last_successes(seconds: list[float]) -> None:
    usual, _ = taken(*seconds)
    assert usual.seconds("Build", "Unit") == pytest.approx(median(seconds[-SAMPLES:]), abs=1e-3)


def test_failures_people_and_reuse_teach_nothing() -> None:
    assert taken(8, 2, last="failed")[0].seconds("Build", "Unit") == pytest.approx(8)
    assert taken(8)[0].seconds("Build", "Lint") is None
    usual = Usual(replay("shop", building().recorded).actions.values())
    assert usual.seconds("Review", "SignOff") is None and usual.seconds("Build", "Lint") == pytest.approx(4)


def test_what_a_run_has_not_come_to_is_as_of_an_earlier_one() -> None:
    state = replay("shop", building().recorded)
    usual = Usual(state.actions.values())
    assert usual.last("Deploy", "Site") == 1 and usual.last("Source", "Infra") == 2 and usual.last("Build", "No") == 0
    nodes = {node.name: node for node in picture(state.definition, state, state.latest, 0.0, usual).actions}
    assert nodes["Site"].detail == "still as of #1" and nodes["Lint"].detail != "still as of #1"
    first = picture(state.definition, state, state.executions["exec-1"], 0.0, usual)
    assert not any("still" in node.detail for node in first.actions)


def test_a_run_is_compared_with_the_others() -> None:
    usual, script = taken(8, 30)
    assert usual.seconds("Build", "Unit", without=script.id("Unit")) == pytest.approx(8)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (building(), 5 + 1 + 9),  # Unit usually takes 13 s and runs for 7, Package 9; then a person is asked
        (first_run(Script()), None),
        (waiting(), None),
        (first_run(Script()).define(), None),
    ],
    ids=["building", "over", "waiting", "nothing"],
)
def test_what_is_left_until_the_end_or_the_next_approval(script: Script, expected: float | None) -> None:
    state = replay("shop", script.recorded)
    assert state.latest is not None
    left = remaining(state, state.latest, script.at, Usual(state.actions.values()))
    assert left == (pytest.approx(expected) if expected else None)
