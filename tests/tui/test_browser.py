"""The artifacts browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.real_story import shopping

SIZES = [(80, 24), (200, 50)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))


async def test_files_are_shown_as_what_they_are(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (80, 24)) as stage:
        await stage.press("b", "G")
        await stage.until(lambda: "index.html" in stage.text and "6 files, 3.0 KiB" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: "<title>Shop 1.4.2</title>" in stage.text and "text, 65 B" in stage.text)
        await stage.press("escape", "k", "enter")
        await stage.until(lambda: "handler.py" in stage.text and "zip archive, 1 member," in stage.text)
        await stage.press("escape", "k", "enter")
        await stage.until(lambda: "␛]0;owned␇␛[2Jplain" in stage.text)
        await stage.press("escape", "k", "enter")
        await stage.until(lambda: "00000000  00 01 02" in stage.text)
        await stage.press("escape", "k", "right", "j", "j", "enter")
        await stage.until(lambda: "PNG picture, 1 × 1" in stage.text)


async def test_folders_open_and_close_with_the_arrows(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("b")
        await stage.until(lambda: "▸ assets/" in stage.text)
        await stage.press("j", "j", "j", "j", "right")
        await stage.until(lambda: "logo.png" in stage.text)
        await stage.press("j", "left", "left")
        await stage.until(lambda: "logo.png" not in stage.text)
        await stage.press("left", "left")
        await stage.until(lambda: "assets/" not in stage.text)


@sizes
async def test_what_differs_from_the_run_before(opened: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(shopping(tmp_path), size) as stage:
        await stage.press("b", "d")
        await stage.until(lambda: "1 added, 1 removed, 2 changed" in stage.text)
        assert "+ src/names.py" in stage.text and "function.zip" in stage.text
        await stage.press("j", "enter")
        await stage.until(lambda: "- def greet() -> str:" in stage.text)
        await stage.press("escape", "escape")
        await stage.until(lambda: "▸ AppSource" in stage.text)
        await stage.press("escape")
        assert stage.app.on_main


async def test_older_runs_by_key_and_from_a_list(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("b", "left_square_bracket")
        assert "of #1" in stage.text
        await stage.press("left_square_bracket")
        assert stage.said[-1] == "there is no older run"
        await stage.press("d")
        await stage.until(lambda: "5 added  new" in stage.text)
        await stage.press("escape", "number_sign", "enter")
        await stage.until(lambda: "of #2" in stage.text)
        await stage.press("left_square_bracket", "right_square_bracket")
        assert "of #2" in stage.text


async def test_search_is_over_all_artifacts(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("b", "slash", *"app")
        await stage.until(lambda: "src/app.py" in stage.text and "assets/app.js" in stage.text)
        assert "index.html" not in stage.text
        await stage.press("enter", "j", "y")
        assert stage.said[-1] == "copied src/app.py"
        await stage.press("escape")
        await stage.until(lambda: "▸ AppSource" in stage.text)


async def test_an_artifact_is_written_and_a_file_opened(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[str] = []
    async with opened(shopping(tmp_path)) as stage:
        monkeypatch.setattr(stage.app, "hand_over", lambda argv: handed.append(" ".join(argv)))
        await stage.press("b", "o")
        assert stage.said[-1] == "choose a file first"
        await stage.press("G")
        await stage.until(lambda: "<title>" in stage.text)
        await stage.press("o", "L")
        await stage.until(lambda: len(handed) == 2)
        assert handed[0].startswith("vi ") and handed[1].startswith("less -R ")
        assert handed[0].split()[1] != handed[1].split()[2] and handed[0].endswith("/index.html")
        await stage.press("ctrl+s")
        assert "Write Site" in stage.text
        await stage.press("enter")
        await stage.until(lambda: stage.link.exports)
        assert stage.link.exports == [(stage.link.script.trees["Site"], Path("Site.zip"))]  # type: ignore[attr-defined]


async def test_an_approval_can_be_given_from_here_and_other_screens_are_one_key_away(
    opened: Open, tmp_path: Path
) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("b")
        assert "Review/SignOff waits for you" in stage.text
        await stage.press("a", "escape", "H")
        assert len(stage.app.screen_stack) == 2
        await stage.press("b", "b", "H")
        assert stage.app.on_main
