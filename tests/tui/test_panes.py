"""What the panes say."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from engine.model.status import ActionStatus
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, building, failed, first_run, waiting
from tui.store import Store
from tui.widgets.panes.config import config
from tui.widgets.panes.variables import variables
from tui.widgets.panes.why import why


def store_of(script: Script, stage: str, action: str, root: Path) -> Store:
    link = FakeLink(script, root)
    store = Store(clock=lambda: script.at)
    store.connect(link, link.state())
    store.choose((stage, action))
    return store


def test_why_it_ran(tmp_path: Path) -> None:
    text = why(store_of(building(), "Build", "Unit", tmp_path)).plain
    assert "rerun: input AppSource changed: src/app.py, src/greet.py, +2" in text
    assert "rerun: env STAGE dev -> prod" in text
    assert "#1  ✔ succeeded" in text and "buildspec.yml" in text


def test_why_it_was_reused(tmp_path: Path) -> None:
    assert "reused from #1  saved 4.0s" in why(store_of(building(), "Build", "Lint", tmp_path)).plain


def test_why_it_failed_and_what_to_do(tmp_path: Path) -> None:
    text = why(store_of(failed(), "Build", "Unit", tmp_path)).plain
    assert "JobFailed: `pytest -q` exited with 1" in text and "press s for a shell" in text


def test_why_it_waits(tmp_path: Path) -> None:
    assert "waits for Build/Unit (running)" in why(store_of(building(), "Deploy", "Site", tmp_path)).plain
    assert "press a to approve" in why(store_of(waiting(), "Review", "SignOff", tmp_path)).plain
    assert "#2 ended before its turn came" in why(store_of(failed(), "Deploy", "Site", tmp_path)).plain


def test_why_before_anything_ran(tmp_path: Path) -> None:
    assert "press S to start" in why(store_of(Script().define(), "Build", "Unit", tmp_path)).plain


def test_secrets_in_a_fingerprint_are_not_shown(tmp_path: Path) -> None:
    from dataclasses import replace

    from engine.model.outcome import Part

    script = first_run(Script()).start(after=60).enter("Source").run("Source", "App").leave("Source").enter("Build")
    prepared = script.prepared("Build", "Unit")
    prepared = replace(prepared, parts=(Part("env", "TOKEN", "secret:0123456789abcdef"),))
    script.run("Build", "Unit", prepared=prepared)
    text = why(store_of(script, "Build", "Unit", tmp_path)).plain
    assert "TOKEN  (secret)" in text and "0123456789abcdef" not in text


def test_variables(tmp_path: Path) -> None:
    text = variables(store_of(first_run(Script()), "Deploy", "Site", tmp_path)).plain
    assert (
        "Build.Version  (not known yet)" in text.replace("Build.Version ", "Build.Version") or "Build.Version" in text
    )
    assert "namespace" in text


def test_config_shows_written_and_resolved(tmp_path: Path) -> None:
    text = config(store_of(first_run(Script()), "Deploy", "Site", tmp_path)).plain
    assert "#{Build.Version}/site" in text and "→ 1.4.2/site" in text
    assert "S3" in text and "s3:shop-site" in text and "1h00m" in text


@pytest.mark.parametrize("status", list(ActionStatus))
def test_every_status_has_an_explanation(status: ActionStatus, tmp_path: Path) -> None:
    script = building()
    if status is not ActionStatus.IN_PROGRESS:
        script.end("Unit", status)
    assert why(store_of(script, "Build", "Unit", tmp_path)).plain


async def test_tabs_by_key(opened: Open) -> None:
    async with opened(failed(), (120, 40)) as stage:
        for key, part in (("2", "What decides it"), ("4", "Made by it"), ("5", "On this machine"), ("3", "Outputs")):
            await stage.press(key)
            await stage.until(partial(lambda part: part in stage.text, part))


async def test_tabs_by_mouse(opened: Open) -> None:
    async with opened(failed(), (120, 40)) as stage:
        row = next(y for y, line in enumerate(stage.lines) if "2 Why" in line)
        await stage.pilot.click(offset=(stage.lines[row].index("2 Why"), row))
        await stage.until(lambda: "What decides it" in stage.text)


async def test_the_log_of_a_reused_action_is_that_of_the_run_it_came_from(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "1-Lint-1.log").write_text("no complaints\n")
    async with opened(building(), (120, 40)) as stage:
        await stage.press("up", "1")
        await stage.until(lambda: "no complaints" in stage.text)


async def test_an_approval_opens_with_its_reasons_for_it_has_no_log(opened: Open) -> None:
    async with opened(waiting(), (120, 40)) as stage:
        assert "press a to approve" in stage.text


async def test_artifacts_open_into_files(opened: Open) -> None:
    async with opened(waiting(), (120, 40)) as stage:
        await stage.press("escape")
        stage.app.go_to(("Build", "Package"))
        await stage.press("3")
        await stage.until(lambda: "▤ Binary" in stage.text and "▤ Site" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: "index.html" in stage.text and "3 files" in stage.text)
        assert "2.0 KiB" in stage.text and "assets/" in stage.text


async def test_an_artifact_can_be_written(opened: Open) -> None:
    async with opened(waiting(), (120, 40)) as stage:
        stage.app.go_to(("Build", "Package"))
        await stage.press("3", "ctrl+s")
        assert "Write Binary" in stage.text
        await stage.press("enter")
        assert stage.link.exports == [("tree-Binary", Path("Binary.zip"))]
        await stage.until(lambda: "written to Binary.zip" in stage.said)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_keys_of_the_log_work_from_the_graph(opened: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    from tui.widgets.log_pane import LogPane

    (tmp_path / "logs").mkdir()
    lines = [f"line {number}" for number in range(200)]
    lines[50] = "E   AssertionError: no"
    (tmp_path / "logs" / "2-Unit-1.log").write_text("\n".join(lines) + "\n")
    async with opened(failed(), size) as stage:
        await stage.press("slash", *"line 123")
        await stage.until(lambda: "1/1" in stage.text)
        await stage.press("escape", "escape", "e")
        await stage.until(lambda: "AssertionError" in stage.text)
        pane = stage.app.query_one(LogPane)
        assert not pane.follow
        await stage.press("escape", "f")
        await stage.until(lambda: pane.follow and "line 199" in stage.text)
        before = pane.timestamps
        await stage.press("t")
        await stage.until(lambda: pane.timestamps != before)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_why_says_what_would_have_to_be_undone(opened: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    from tests.tui.real_story import shopping

    async with opened(shopping(tmp_path), size) as stage:
        stage.app.go_to(("Build", "Unit"))
        await stage.press("w")
        told = "and 1 more file of AppSource were as in #1 and env STAGE were dev, this would be reused from #1"
        await stage.until(lambda: told in " ".join(stage.text.split()))
