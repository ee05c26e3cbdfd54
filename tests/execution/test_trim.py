"""A trimmed state decides what the whole one would."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution.trim import FEWEST, trim
from tests.execution.pipelines import simple
from tests.execution.simulator import Simulator


def lived(trees: list[int], *, cut: int | None) -> Simulator:
    simulator = Simulator(simple())
    for index, tree in enumerate(trees):
        if index == cut:
            trim(simulator.state, executions=1)
        simulator.start(f"t{tree}", approve=("all",))
        simulator.finish_all()
    return simulator


@given(st.lists(st.integers(0, 3), min_size=2, max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_decisions_stay_the_same(trees: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(trees) - 1))
    assert lived(trees, cut=cut).starts == lived(trees, cut=None).starts


def test_older_executions_are_gone_from_sight() -> None:
    simulator = lived([0, 1, 2, 3] * 3, cut=None)
    numbers = [found.number for found in simulator.state.executions.values()]
    trim(simulator.state, runs=0)  # some stay, however much they are
    assert [found.number for found in simulator.state.executions.values()] == numbers[-FEWEST:]
    trim(simulator.state, executions=1)
    assert [found.number for found in simulator.state.executions.values()] == [12]
    assert simulator.state.latest is not None
    assert simulator.start("t9").number == 13
