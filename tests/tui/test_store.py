"""A screen that is left open for days stays small."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution import trim
from engine.upkeep import CROWDED as TIMES
from tests.tui.script import Script
from tests.tui.test_panes import store_of
from tui import store as stores


def day(script: Script, runs: int) -> Script:
    """That many runs of one action."""
    for _ in range(runs):
        script.start().enter("Build").run("Build", "Unit").succeed("Unit").leave("Build").finish()
    return script


def test_what_a_long_day_piles_up_is_forgotten_at_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "KEPT", 5)
    script = day(Script().define(), 3)
    store = store_of(script, "Build", "Unit", tmp_path)
    assert store.state is not None
    store.crowded = 10
    day(script, 30)
    script.start().enter("Build").run("Build", "Lint")
    store.apply(script.recorded)
    assert len(store.state.executions) == 34, "nothing is dropped while something runs"
    before = store.picture()
    script.succeed("Lint").leave("Build").finish()
    store.apply(script.recorded)
    assert [run.number for run in store.state.executions.values()] == [30, 31, 32, 33, 34]
    assert len(store.state.actions) <= 40 < store.crowded
    assert [stage.name for stage in store.picture().stages] == [stage.name for stage in before.stages]
    day(script, 2)
    store.apply(script.recorded)  # what follows still fits
    assert store.execution is not None and store.execution.number == 36


def test_the_screen_keeps_more_than_the_engine() -> None:
    assert stores.KEPT > TIMES * trim.EXECUTIONS
    assert stores.CROWDED > TIMES * (trim.RUNS + trim.RESULTS)
