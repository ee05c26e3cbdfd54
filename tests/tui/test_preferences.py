"""settings.toml: what it may say, what beats it, and that writing one value leaves the rest alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import Open
from tests.tui.script import building
from tui.preferences import Preferences, keep_preference, load_preferences

FULL = 'theme = "greenroom-paper"\nglyphs = "nerd"\nmouse = false\nmotion = false\nplain = true\n'


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "settings.toml"
    file.write_text(text)
    return file


def test_the_file_is_read_and_the_environment_beats_it(tmp_path: Path) -> None:
    file = written(tmp_path, FULL)
    found = load_preferences(file, {})
    assert (found.theme, found.glyphs, found.mouse, found.motion, found.plain) == (
        "greenroom-paper",
        "nerd",
        False,
        False,
        True,
    )
    assert set(found.origins.values()) == {str(file)}
    found = load_preferences(
        file, {"GREENROOM_MOUSE": "on", "GREENROOM_THEME": "greenroom-dusk", "GREENROOM_PLAIN": ""}
    )
    assert (found.theme, found.mouse, found.plain) == ("greenroom-dusk", True, True)
    assert found.origins["mouse"] == "GREENROOM_MOUSE"
    assert not found.problems


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "none.toml", {}) == Preferences()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mouse = 3", "mouse must be true or false, not 3"),
        ("theme = true", 'theme must be "text", not True'),
        ('glyphs = "runes"', "there are no glyphs 'runes'"),
        ("colour = 1", "there is no 'colour' (there are theme, glyphs, mouse, motion, plain)"),
        ("mouse = ", "Invalid value"),
    ],
)
def test_what_is_wrong_is_said_and_left_out(tmp_path: Path, text: str, said: str) -> None:
    file = written(tmp_path, text)
    found = load_preferences(file, {})
    assert said in found.problems[0] and str(file) in found.problems[0]
    assert (found.theme, found.glyphs, found.mouse) == ("", "", True)


def test_a_wrong_word_in_the_environment_is_named(tmp_path: Path) -> None:
    found = load_preferences(tmp_path / "none.toml", {"GREENROOM_MOUSE": "maybe"})
    assert found.problems == ["GREENROOM_MOUSE: mouse must be true or false, not 'maybe'"] and found.mouse


def test_one_value_is_kept_and_the_rest_left_alone(tmp_path: Path) -> None:
    file = written(tmp_path, '# mine\ntheme = "greenroom-dark" # for now\n\nmouse = false\n')
    keep_preference("theme", "greenroom-paper", file)
    keep_preference("plain", True, file)
    assert file.read_text() == 'plain = true\n# mine\ntheme = "greenroom-paper"\n\nmouse = false\n'
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]


def test_a_file_that_is_not_toml_is_not_overwritten(tmp_path: Path) -> None:
    file = written(tmp_path, "mouse = ")
    with pytest.raises(ValueError, match="Invalid value"):
        keep_preference("mouse", False, file)
    assert file.read_text() == "mouse = "


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_any_name_survives(name: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = keep_preference("theme", name, Path(folder) / "settings.toml")
        assert tomllib.loads(file.read_text())["theme"] == name
        assert load_preferences(file, {}).theme == name


async def test_the_app_takes_them_up(opened: Open, settings: Path) -> None:
    written(settings, FULL + "colour = 1\n")
    async with opened(building()) as stage:
        assert stage.app.theme == "greenroom-paper" and not stage.app.preferences.mouse
        assert stage.app.animation_level == "none"
        assert any("there is no 'colour'" in said for said in stage.said)


async def test_an_option_beats_them(opened: Open, settings: Path) -> None:
    written(settings, FULL)
    async with opened(building(), theme="greenroom-dusk") as stage:
        assert stage.app.theme == "greenroom-dusk"
