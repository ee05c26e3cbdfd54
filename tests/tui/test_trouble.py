"""When things go wrong: broken definitions, failing engines, defects of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.model.diagnostics import Diagnostic, Severity
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import building, failed
from tui.actions.outside import editor_arguments
from tui.app import MOST_DEFECTS, GreenroomApp, run
from tui.attached import GONE
from tui.widgets.graph import PipelineGraph


def wrong(root: Path) -> Diagnostic:
    return Diagnostic(
        "GR301", "no action makes the artifact [Binry]", "did you mean Binary?", Severity.ERROR,
        root / "pipeline.yaml", 12, 15, 5, "      - name: Binry", "InvalidActionDeclarationException",
    )  # fmt: skip


async def test_a_broken_reload_shows_a_banner_and_the_whole_story(opened: Open, tmp_path: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        stage.link.diagnose(wrong(tmp_path))
        await stage.until(lambda: "pipeline.yaml:12: no action makes the artifact [Binry]" in stage.text)
        assert "the last good one goes on" in stage.text
        await stage.press("D")
        assert "GR301" in stage.text and "^^^^^" in stage.text and "did you mean Binary?" in stage.text
        await stage.press("escape")
        stage.link.diagnose()
        await stage.until(lambda: "the definition loads again" in stage.said)
        assert "Binry" not in stage.text


async def test_a_greenroom_elsewhere_that_has_ended_is_no_trouble_of_the_definition(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        stage.link.diagnose(GONE)
        await stage.until(lambda: "✘ the greenroom that ran here has ended" in stage.text)
        assert "the last good one goes on" not in stage.text
        stage.link.diagnose()
        await stage.until(lambda: "all is well again" in stage.said)


async def test_news_are_said_and_leave_the_definition_s_troubles_alone(opened: Open, tmp_path: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        stage.link.diagnose(wrong(tmp_path))
        await stage.until(lambda: "no action makes the artifact" in stage.text)
        stage.link.diagnose(Diagnostic("GR010", "events.hook: it ended with 1", severity=Severity.WARNING))
        await stage.until(lambda: "events.hook: it ended with 1" in stage.said)
        assert [found.code for found in stage.app.store.diagnostics] == ["GR301"]


async def test_a_defect_in_an_action_is_shown_and_the_app_goes_on(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(failed()) as stage:

        def broken() -> None:
            secret = "hunter2"  # noqa: F841
            raise RuntimeError("a defect [of ours]")

        monkeypatch.setattr(stage.app, "action_history", broken)
        await stage.press("H")
        assert "a defect [of ours]" in stage.said[0]
        await stage.press("D")
        assert "RuntimeError" in stage.text and "hunter2" not in stage.text
        await stage.press("escape", "2")
        assert "What decides it" in stage.text


async def test_an_impossible_event_does_not_end_the_app(opened: Open) -> None:
    from engine.execution.events import StageEntered

    async with opened(failed()) as stage:
        stage.link.play(lambda script: script.add(StageEntered("nobody", "Build")))
        await stage.until(lambda: stage.app.store.problems)
        assert "ImpossibleEvent" in stage.app.store.problems[0]


class NoEngine(Exception):
    pass


def test_what_opening_raises_is_raised_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def opener() -> FakeLink:
        raise NoEngine("greenroom runs here already")

    original = GreenroomApp.run_async
    monkeypatch.setattr(GreenroomApp, "run_async", lambda app, **how: original(app, headless=True, **how))
    with pytest.raises(NoEngine):
        run(opener)


async def test_without_a_workspace_the_shell_says_why(opened: Open) -> None:
    async with opened(failed()) as stage:
        await stage.press("s")
        assert stage.said == ["the workspace is gone"]


async def test_a_terminal_that_cannot_be_handed_over_is_no_crash(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "work" / "2-Unit-1").mkdir(parents=True)
    async with opened(failed()) as stage:
        await stage.press("s")
        assert "cannot be handed over" in stage.said[0]


async def test_programs_that_are_not_there(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")
    async with opened(failed()) as stage:
        await stage.press("o", "L")
        assert stage.said == ["no-such-editor is not installed here", "this action has no log yet"]


def test_editors_are_told_the_line_in_their_own_way() -> None:
    file = Path("p.yaml")
    assert editor_arguments("/usr/bin/vim", file, 12) == ["+12", "p.yaml"]
    assert editor_arguments("code", file, 12) == ["--goto", "p.yaml:12"]
    assert editor_arguments("hx", file, 12) == ["p.yaml:12"]
    assert editor_arguments("vi", file, 0) == ["p.yaml"]


def test_the_first_frame_waits_for_neither_engine_nor_pydantic() -> None:
    code = "import sys, tui.app; print([m for m in ('pydantic', 'yaml', 'engine.model', 'docker') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.defect
@pytest.mark.parametrize("part", ["render_line", "update", "on_resize"])
async def test_a_defect_of_one_part_leaves_the_others_usable(
    opened: Open, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"a defect in {part}")

    async with opened(failed()) as stage:
        monkeypatch.setattr(PipelineGraph, part, broken)
        await stage.pilot.resize_terminal(100, 30)
        await stage.press("w")
        stage.app.refresh_views()
        stage.app.screen.refresh(layout=True)
        await stage.until(lambda: any(f"a defect in {part}" in said for said in stage.said))
        assert "What decides it" in stage.text
        await stage.press("D")
        assert "Traceback" in stage.text
        assert any(f"RuntimeError: a defect in {part}" in problem for problem in stage.app.store.problems)
        monkeypatch.undo()
        await stage.press("escape", "escape")
        assert stage.app.return_code is None


@pytest.mark.defect
async def test_too_many_defects_end_the_app(tmp_path: Path) -> None:
    script = failed()
    app = GreenroomApp(lambda: FakeLink(script, tmp_path), clock=lambda: script.at, lively=False)
    with pytest.raises(RuntimeError, match="the same again"):
        async with app.run_test() as pilot:
            for _ in range(MOST_DEFECTS + 1):
                app.call_later(_fail)
                await pilot.pause()


def _fail() -> None:
    raise RuntimeError("the same again")
