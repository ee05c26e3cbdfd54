"""The table of keys and a person's own ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.script import failed, waiting
from tui.app import GreenroomApp
from tui.keys import KEYS, load_keymap, readable


def test_ids_and_keys_are_unique() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    keys = [name for key in KEYS for name in key.keys.split(",")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_key_has_its_action(key: object) -> None:
    action = key.action.split("(")[0]  # type: ignore[attr-defined]
    assert hasattr(GreenroomApp, f"action_{action}")


def write(settings: Path, text: str) -> None:
    settings.mkdir(parents=True)
    (settings / "keys.toml").write_text(text)


async def test_a_key_can_be_remapped(opened: Open, settings: Path) -> None:
    write(settings, '"app.approve" = "ctrl+a"\n[app]\nretry = "T"\n')
    async with opened(waiting()) as stage:
        await stage.press("a")
        assert "Approve Review/SignOff?" not in stage.text
        assert "^a Approve" in stage.lines[-1]
        await stage.press("ctrl+a")
        assert "Approve Review/SignOff?" in stage.text


async def test_a_broken_key_file_is_told(opened: Open, settings: Path) -> None:
    write(settings, '"app.approve" = 3')
    async with opened(failed()) as stage:
        assert "app.approve must be a text" in stage.app.store.problems[0]


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text("=")
    assert load_keymap(file).problems
    assert load_keymap(tmp_path / "none.toml").problems == []


def test_keys_as_people_write_them() -> None:
    assert readable("question_mark,f1") == "? f1"
    assert readable("colon,ctrl+p") == ": ^p"
