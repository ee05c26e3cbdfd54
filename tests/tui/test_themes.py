"""Themes: ours are legible for everybody, a person's own are read, broken ones are reported."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from tests.tui.colour_vision import VISIONS, contrast, distance
from tests.tui.conftest import Open
from tests.tui.script import failed
from tui.graph.marks import Mark
from tui.resources import resource
from tui.themes import defaults, load_themes, read_look

OURS = sorted(path.stem for path in resource("themes").glob("*.toml"))
ours = pytest.mark.parametrize("name", OURS)
TOLD_APART = (Mark.RUNNING, Mark.SUCCEEDED, Mark.FAILED, Mark.WAITING)


def test_dark_light_and_one_for_other_colour_vision() -> None:
    assert {"greenroom-dark", "greenroom-light", "greenroom-cvd", "greenroom-contrast"} <= set(OURS)
    assert len(OURS) >= 6
    assert load_themes().problems == []


@ours
def test_every_colour_of_text_can_be_read_on_every_ground(name: str) -> None:
    theme = load_themes().loaded[name]
    variables = theme.variables
    texts = {key: value for key, value in variables.items() if key.startswith("status-")}
    texts |= {"muted": variables["muted"], "foreground": str(theme.foreground), "primary": theme.primary}
    least = 7.0 if name == "greenroom-contrast" else 4.5  # WCAG AAA and AA
    for ground in (theme.background, theme.surface):
        assert ground is not None
        for key, colour in texts.items():
            assert contrast(colour, ground) >= least, f"{key} on {ground}"
    assert theme.panel is not None
    for key in ("foreground", "muted", "primary"):
        assert contrast(texts[key], theme.panel) >= 4.5, f"{key} on the panel"
    assert contrast(variables["selection-foreground"], variables["selection-background"]) >= 4.5
    for mark in ("status-waiting", "status-failed"):
        assert contrast(variables["banner-foreground"], variables[mark]) >= 4.5, f"banner on {mark}"


@ours
def test_states_are_told_apart_with_any_colour_vision(name: str) -> None:
    variables = load_themes().loaded[name].variables
    visions = ["", "deuteranopia", "protanopia", *(["tritanopia"] if name.endswith("-cvd") else [])]
    assert set(visions) <= {"", *VISIONS}
    for vision in visions:
        for one, other in itertools.combinations(TOLD_APART, 2):
            apart = distance(variables[f"status-{one}"], variables[f"status-{other}"], vision)
            assert apart >= 20, f"{one} and {other} look alike with {vision or 'any vision'}"


@ours
def test_ours_define_every_state(name: str) -> None:
    assert {f"status-{mark}" for mark in Mark} <= set(load_themes().loaded[name].variables)


def test_a_foreign_theme_takes_its_nearest_colours() -> None:
    for theme in BUILTIN_THEMES.values():
        if not theme.ansi:
            assert {f"status-{mark}" for mark in Mark} <= set(defaults(theme))


async def test_every_theme_of_textuals_works(opened: Open) -> None:
    async with opened(failed()) as stage:
        for name in ("nord", "textual-light", "ansi-dark"):
            if name in stage.app.available_themes:
                stage.app.theme = name
                await stage.pilot.pause()
        assert "Unit" in stage.text


def write(settings: Path, name: str, text: str) -> Path:
    (settings / "themes").mkdir(parents=True, exist_ok=True)
    path = settings / "themes" / name
    path.write_text(text)
    return path


GOOD = 'name = "mine"\n[colors]\nprimary = "#ff0000"\nforeground = "#ffffff"\nbackground = "#000000"\n'


async def test_a_persons_own_theme(opened: Open, settings: Path) -> None:
    write(settings, "mine.toml", GOOD)
    async with opened(failed(), theme="mine") as stage:
        assert stage.app.theme == "mine"


async def test_a_theme_by_its_file(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(GOOD)
    async with opened(failed(), theme=str(file)) as stage:
        assert stage.app.theme == "mine"


async def test_an_unknown_theme_is_told_and_ours_is_taken(opened: Open) -> None:
    async with opened(failed(), theme="pink") as stage:
        assert stage.app.theme == "greenroom-dark"
        assert "there is no theme 'pink'" in stage.app.store.problems[0]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("colors = [", "Invalid value"),
        (GOOD.replace("primary", "primery"), "unknown colour 'primery'"),
        (GOOD.replace("#ff0000", "reddish"), "primary = 'reddish' is no colour"),
        (GOOD + "[extra]\n", "unknown key 'extra'"),
        ('name = 3\n[colors]\nprimary = "red"\nforeground = "red"\nbackground = "red"', "must be a text"),
        ("colors = 3", "must be tables"),
    ],
)
async def test_a_broken_theme_is_told_and_left_out(opened: Open, settings: Path, text: str, wrong: str) -> None:
    path = write(settings, "broken.toml", text)
    with pytest.raises(ValueError, match=wrong.split("'")[0].strip()):
        read_look(path)
    async with opened(failed()) as stage:
        assert wrong in stage.app.store.problems[0]
        await stage.press("D")
        assert "broken.toml" in stage.text
