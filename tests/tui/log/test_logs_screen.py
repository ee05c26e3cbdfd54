"""Several logs on one screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.script import Script, building
from tui.screens.logs import LogsScreen
from tui.widgets._log_view import LogView
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
        assert "A Build/Lint  B Build/Unit" in stage.lines[0]
        await stage.press("left_curly_bracket", "left_curly_bracket")
        await stage.until(
            lambda: [line.split("  ")[0] for line in stage.lines[1:3]] == ["▸ B│ Build/Unit", "▸ A│ Build/Lint"]
        )
        assert "[Container]" not in stage.text
        await stage.press("right_curly_bracket")
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


def beside(leader: LogView, other: LogView) -> tuple[str, str]:
    """The ends of the leader's current line and of the one beside it."""
    row = leader.cursor_row
    lines = leader.text_of(row), other.text_of(other.scroll_offset.y + row - leader.scroll_offset.y)
    return lines[0][-8:], lines[1][-8:]


async def test_side_by_side_they_scroll_together_by_time_or_by_line(opened: Open, logs: Path) -> None:
    ticks = [f"[Container] 2026/01/01 10:{second // 60:02}:{second % 60:02} tick {second}\n" for second in range(600)]
    (logs / "1-Lint-1.log").write_text("".join(f"{tick}so it is\n" for tick in ticks[:400]))
    (logs / "2-Unit-1.log").write_text("".join(ticks[200:]))
    async with opened(building(), (120, 40)) as stage:
        stage.app.store.marked = [("Build", "Lint"), ("Build", "Unit")]
        await stage.press("M")
        await stage.until(lambda: "Build/Unit" in stage.lines[0])
        screen = stage.app.screen
        assert isinstance(screen, LogsScreen)
        await stage.press("M")
        await stage.until(lambda: len(screen.panes) == 2 and "tick 599" in stage.text and "tick 399" in stage.text)
        one, two = (pane.view for pane in screen.panes)
        await stage.press("k")
        assert two.follow, "each by itself to begin with"
        await stage.press("Z", "k")
        await stage.until(lambda: "scroll together, by time" in stage.lines[0] and not two.follow)
        await stage.press("slash", *"tick 250", "enter")
        await stage.until(lambda: beside(one, two) == ("tick 250", "tick 250"))
        await stage.press("ctrl+right")
        await stage.until(lambda: beside(one, two) == ("tick 310", "tick 310"))
        await stage.press("tab", "g")
        await stage.until(lambda: beside(two, one) == ("tick 200", "so it is"))
        await stage.press("G")
        await stage.until(lambda: one.follow and two.follow)
        (logs / "1-Lint-1.log").write_text("no time\n" * 500)
        await stage.until(lambda: one.line_count == 500)
        await stage.press("g")
        await stage.until(lambda: one.scroll_y == 0 and not one.follow)
        await stage.press("z")
        await stage.until(lambda: not screen.panes[0].is_on_screen and screen.panes[1].is_on_screen)
        await stage.press("z", "Z")
        await stage.until(lambda: "side by side" in stage.lines[0] and screen.panes[0].is_on_screen)
        await stage.press("M", "Z")
        await stage.until(lambda: any("M shows them side by side" in said for said in stage.said))
