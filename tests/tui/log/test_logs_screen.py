"""Several logs on one screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.script import Script, building
from tui.screens.logs import LogsScreen
from tui.widgets.log_pane import LogPane

STAMP = "[Container] 2026/01/01 10:00:0"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_text(f"{STAMP}1 one\n{STAMP}3 three\n")
    (tmp_path / "logs" / "1-Lint-1.log").write_text(f"{STAMP}2 two\n{STAMP}4 four\n")
    return tmp_path / "logs"


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_merged_and_side_by_side(opened: Open, logs: Path, size: tuple[int, int]) -> None:
    async with opened(building(), size) as stage:
        await stage.press("M")
        await stage.until(lambda: "Which logs?" in stage.text)
        assert (
            "Source/App" not in stage.lines[-9:]
            and "· Build/Lint" in stage.text
            and "✔ Build/Unit  running" in stage.text
        )
        await stage.press("space", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, LogsScreen) and "four" in stage.text)
        shown = [line.strip() for line in stage.text.splitlines() if "[Container]" in line]
        assert [line[:1] + line.split()[-1] for line in shown] == ["Bone", "Atwo", "Bthree", "Afour"]
        assert "A Build/Lint   B Build/Unit" in stage.text
        with (logs / "2-Unit-1.log").open("a") as writer:
            writer.write("five\n")
        await stage.until(lambda: "B│ five" in stage.text)
        await stage.press("M")
        await stage.until(lambda: len(stage.app.screen.query(LogPane)) == 2 and "four" in stage.text)
        assert "one" in stage.text and "A│" not in stage.text
        await stage.press("tab", "slash", *"four", "enter", "M")
        await stage.until(lambda: "│" in stage.text and "three" in stage.text)
        await stage.press("escape")
        await stage.until(lambda: stage.app.on_main)


async def test_marked_actions_need_no_question(opened: Open, logs: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        stage.app.store.marked = [("Build", "Lint"), ("Build", "Unit")]
        await stage.press("M")
        await stage.until(lambda: isinstance(stage.app.screen, LogsScreen) and "four" in stage.text)
        folder = stage.app.screen.query_one(LogPane).path
        assert folder is not None and folder.exists()
        await stage.play(lambda script: script.succeed("Unit", 1))
        await stage.press("escape")
        await stage.until(lambda: stage.app.on_main and not folder.exists())


async def test_side_by_side_at_once_and_none_at_all(opened: Open, logs: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("M", "j", "space", "enter")
        await stage.until(lambda: "at least one" in stage.text)
        await stage.press("space", "k", "space", "s")
        await stage.until(lambda: len(stage.app.screen.query(LogPane)) == 2)
        await stage.press("q")
    async with opened(Script().define(), (120, 40)) as stage:
        await stage.press("M")
        await stage.until(lambda: "no action has a log yet" in stage.said)
