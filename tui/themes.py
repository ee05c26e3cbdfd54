"""Themes as data: ours and the person's own. A broken one is reported and left out, never fatal.

docs/themes.md describes the file.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from textual.color import Color, ColorParseError
from textual.theme import Theme

from tui.glyphs import table
from tui.graph.marks import Mark
from tui.resources import resource, user_directory

DEFAULT = "greenroom-dark"

_COLORS = (
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_KEYS = ("name", "dark", "glyphs", "colors", "variables")
_REQUIRED = ("primary", "foreground", "background")

# A theme of somebody else's knows nothing of our states: they take the nearest of its own colours.
_NEAREST = {
    Mark.RUNNING: "primary",
    Mark.CANCELLING: "warning",
    Mark.WAITING: "warning",
    Mark.PAUSED: "warning",
    Mark.SUCCEEDED: "success",
    Mark.REUSED: "success",
    Mark.FAILED: "error",
    Mark.STUBBED: "accent",
    Mark.STOPPED: "warning",
    Mark.ABANDONED: "error",
}


class Look(NamedTuple):
    """A theme file: the colours, and what stands for which character."""

    theme: Theme
    glyphs: dict[int, str]


@dataclass(slots=True)
class Themes:
    """Themes that could be read, and what was wrong with the others. `glyphs` are those of each, by its name."""

    loaded: dict[str, Theme] = field(default_factory=dict)
    glyphs: dict[str, dict[int, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def load_themes() -> Themes:
    """Our themes, then the person's own: one of the same name replaces ours."""
    found = Themes()
    try:
        directories = [resource("themes")]
    except FileNotFoundError as error:
        directories = []
        found.problems.append(str(error))
    for directory in (*directories, user_directory() / "themes"):
        for file in sorted(directory.glob("*.toml")):
            try:
                look = read_look(file)
            except (OSError, ValueError) as error:
                found.problems.append(f"theme {file}: {error}")
            else:
                found.loaded[look.theme.name] = look.theme
                found.glyphs[look.theme.name] = look.glyphs
    return found


def read_look(file: Path) -> Look:
    """One theme file. Raises `ValueError` with everything that is wrong with it."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    colors, variables = data.get("colors", {}), data.get("variables", {})
    wrong = [f"unknown key {key!r}" for key in data if key not in _KEYS]
    if not isinstance(colors, dict) or not isinstance(variables, dict):
        raise ValueError('[colors] and [variables] must be tables of NAME = "#rrggbb"')
    wrong += [f"unknown colour {key!r} (there are {', '.join(_COLORS)})" for key in colors if key not in _COLORS]
    wrong += [f"colour {key!r} is missing" for key in _REQUIRED if key not in colors]
    wrong += [_wrong_color(key, value) for key, value in {**colors, **variables}.items()]
    name = data.get("name", file.stem)
    if not isinstance(name, str) or not isinstance(data.get("dark", True), bool):
        wrong.append("`name` must be a text and `dark` true or false")
    glyphs: dict[int, str] = {}
    try:
        glyphs = table(data.get("glyphs", "unicode"))
    except ValueError as error:
        wrong.append(str(error))
    wrong = [text for text in wrong if text]
    if wrong:
        raise ValueError("; ".join(wrong))
    return Look(Theme(name=name, dark=data.get("dark", True), variables=dict(variables), **colors), glyphs)


def _wrong_color(key: str, value: object) -> str:
    try:
        Color.parse(str(value))
    except ColorParseError:
        return f'{key} = {value!r} is no colour: write it as "#rrggbb"'
    return ""


def defaults(theme: Theme) -> dict[str, str]:
    """Values of our own variables for a theme that leaves them out."""
    generated = theme.to_color_system().generate()

    def color(name: str) -> Color:
        return Color.parse(generated[name])

    front, back = color("foreground").rgb, color("background")
    text = Color(*front)
    values = {
        "muted": back.blend(text, 0.65),
        "graph-edge": back.blend(text, 0.45),
        "graph-frame": back.blend(text, 0.25),
        "selection-background": back.blend(color("primary"), 0.5),
        "selection-foreground": text,
        "selection-blurred": back.blend(text, 0.14),
        "banner-foreground": back,
    }
    for mark in Mark:
        nearest = _NEAREST.get(mark)
        values[f"status-{mark}"] = color(nearest) if nearest else values["muted"]
    return {name: value.hex for name, value in values.items()}
