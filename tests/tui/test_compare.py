"""Two runs compared, and the history's filter."""

from __future__ import annotations

import dataclasses

from engine.execution.fold import replay
from engine.model.outcome import Part
from tests.tui.conftest import Open
from tests.tui.script import Script, building, failed
from tui.compare import compare


def told(script: Script, old: str = "exec-1", new: str = "exec-2") -> str:
    state = replay(script.declaration.name, script.recorded)
    return compare(state, state.executions[old], state.executions[new]).plain


def second(*, took: float, part: str) -> Script:
    """Two runs of Unit: the second with another environment, and of another speed."""
    script = Script().define()
    for number, (seconds, value) in enumerate(((2.0, "dev"), (took, part)), 1):
        script.start(f"revision{number}").enter("Build")
        prepared = script.prepared("Build", "Unit")
        parts = (Part("type", "", "x"), Part("env", "STAGE", value))
        prepared = dataclasses.replace(prepared, parts=parts, fingerprint=f"{value:0<64}")
        script.run("Build", "Unit", prepared=prepared).succeed("Unit", seconds).leave("Build").finish()
    return script


def test_what_differs_is_told_and_what_does_not_is_counted() -> None:
    text = told(second(took=9.0, part="prod"))
    assert "env STAGE dev -> prod" in text
    assert "2.0s → 9.0s (4.5× slower)" in text
    assert "revision1 → revision2" not in text and "the same: revision2" in text  # the same tree by another label
    text = told(second(took=2.1, part="dev"))
    assert "1 is the same in both" in text and "slower" not in text


def test_a_failure_is_told_as_a_change() -> None:
    text = told(failed())
    assert "succeeded → failed" in text and "Build/Unit" in text


def test_what_did_not_begin_is_told() -> None:
    assert "succeeded → did not begin" in told(building())


async def test_c_compares_with_the_run_before_and_with_a_marked_one(opened: Open) -> None:
    async with opened(failed()) as stage:
        await stage.press("H", "c")
        assert "Compare  #2 with #1" in stage.text
        await stage.press("escape", "j", "space", "k", "c")
        assert "Compare  #2 with #1" in stage.text
        await stage.press("escape", "j", "c")
        await stage.until(lambda: "there is no other run to compare it with" in stage.said)


async def test_slash_filters_the_history(opened: Open) -> None:
    async with opened(failed()) as stage:
        await stage.press("H", "slash", *"fail")
        rows = [line for line in stage.lines if "#1" in line or "#2" in line]
        assert len(rows) == 1 and "#2" in rows[0]
        await stage.press("enter", "escape")
        assert any("#1" in line for line in stage.lines)
        await stage.press("escape")
        assert stage.app.on_main
