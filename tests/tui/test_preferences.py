"""settings.toml: what it may say, what beats it, and that writing one value leaves the rest alone."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import Open
from tests.tui.script import building
from tui.graph.zoom import AUTO
from tui.looks import LogLook, keep_zoom, load_zoom
from tui.preferences import Preferences, keep_preference, load_preferences
from tui.screens.settings import GraphOf, SettingsScreen, ThemeOf, Wish
from tui.widgets.log_pane import LogPane

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
        ('times = "few"', "there are no times 'few' (there are own, all, none)"),
        ("colour = 1", "there is no 'colour' (there are theme, glyphs, mouse, motion, plain, wrap, times, together)"),
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
    async with opened(building(), (40, 24), theme="greenroom-dusk") as stage:
        assert stage.app.theme == "greenroom-dusk"
        await stage.press("comma", "n")
        screen = stage.app.screen
        assert isinstance(screen, SettingsScreen)
        own = [[*row.plain.split(), row.aside] for row in screen.rows(()) if isinstance(row.key, Wish)]
        assert "greenroom-dusk" in stage.text and "--theme" in stage.text
        kept = "settings.toml"
        assert own == [
            ["theme", "greenroom-dusk", "--theme"],
            ["glyphs", "nerd", kept],
            *([name, "false", kept] for name in ("mouse", "motion")),
            ["plain", "true", kept],
        ]
        assert not any(isinstance(row.key, ThemeOf | GraphOf) for row in screen.rows(()))
        await stage.press("n")
        screen.listing.rows.choose(ThemeOf("greenroom-light"))
        await stage.press("enter")
        await stage.until(lambda: "greenroom-light" in stage.app.preferences.theme)
        assert [row.aside for row in screen.rows(()) if row.key == Wish("theme")] == [kept]


async def test_how_somebody_looks_at_things_is_kept(opened: Open, settings: Path, tmp_path: Path) -> None:
    (tmp_path / ".greenroom").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_text("one\n" * 50)
    async with opened(building(), (120, 40)) as stage:
        await stage.press("plus", "vertical_line", "1", "W", "t")
        await stage.until(lambda: "times" in stage.app.preferences.origins)
        zoom = stage.app.store.zoom
        assert (zoom.level, zoom.turn) == ("detail", "across")
        await stage.press("comma", "slash", *"yours", "enter")
        for told in ("of this pipeline", "detail, across"):
            await stage.until(lambda told=told: told in stage.text)  # type: ignore[misc]
    assert tomllib.loads((settings / "settings.toml").read_text()) == {"wrap": True, "times": "none"}
    async with opened(building(), (120, 40)) as stage:
        assert stage.app.store.zoom == zoom and stage.app.store.logs == LogLook(True, "none", False)
        await stage.press("1")
        await stage.until(lambda: stage.app.screen.query(LogPane))
        pane = stage.app.screen.query_one(LogPane)
        assert pane.wrap and not pane.timestamps
        await stage.press("comma")
        screen = stage.app.screen
        assert isinstance(screen, SettingsScreen)
        screen.listing.rows.choose(Wish("times"))
        await stage.press("enter")
        await stage.until(lambda: pane.timestamps)
        screen.listing.rows.choose(GraphOf("shop"))
        await stage.until(lambda: "look.json" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.app.store.zoom == AUTO)
    assert json.loads((tmp_path / ".greenroom" / "look.json").read_text()) == {"graph": {}}


def test_what_was_kept_wrongly_or_cannot_be_kept_counts_as_nothing(tmp_path: Path) -> None:
    keep_zoom(tmp_path, "shop", AUTO._replace(level="stages"))
    assert list(tmp_path.iterdir()) == [] and load_zoom(tmp_path, "shop") == AUTO
    (tmp_path / ".greenroom").mkdir()
    for text in ("{", "[]", '{"graph": 3}', '{"graph": {"shop": []}}', '{"graph": {"shop": {"level": 3, "strip": 1}}}'):
        (tmp_path / ".greenroom" / "look.json").write_text(text)
        assert load_zoom(tmp_path, "shop") == AUTO
    keep_zoom(tmp_path, "shop", AUTO._replace(level="stages"))
    keep_zoom(tmp_path, "other", AUTO._replace(strip=False))
    assert load_zoom(tmp_path, "shop").level == "stages" and not load_zoom(tmp_path, "other").strip
