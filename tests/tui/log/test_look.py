"""What the pane looks like: colours that mean something, readable in light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color

from tests.tui.log.harness import LogApp, showing, until
from tests.tui.text_snapshot import screen_text

STAMP = "[Container] 2026/01/01 10:00:00 "
LOG = (
    f"{STAMP}Running command make\n"
    "\x1b[1mbold\x1b[0m plain \x1b[4munder\x1b[0m\n"
    "warning: odd\n"
    f"{STAMP}Command did not exit successfully make\n"
    "界界 wide needle\n"
    f"{'x' * 5000}\n"
)
TEXT = """\
▾ [Container] 2026/01/01 10:00:00 Running command make
~                                  ********************
bold plain under
~****       _____
warning: odd
[Container] 2026/01/01 10:00:00 Command did not exit succes
~                                ***************************
界界 wide needle
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text(LOG)
    return path


def style_at(app: LogApp, y: int, x: int) -> Style:
    """The style of a character, as painted."""
    for segment in app.view.render_line(y):
        if x < len(segment.text):
            return segment.style or Style()
        x -= len(segment.text)
    raise AssertionError("nothing there")


def contrast(style: Style) -> float:
    """WCAG 2's contrast ratio of text and ground."""
    assert style.color and style.bgcolor
    text, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)

    def luminance(color: Color) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


async def test_the_screen_as_text(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await until(pilot, lambda: app.rows[0].startswith("▾"))
        text = screen_text(app, {"bold": "*", "underline": "_"})
        assert [row.rstrip() for row in text.splitlines()[:8]] == TEXT.splitlines()


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "solarized-light"])
async def test_readable_in(log: Path, theme: str) -> None:
    async with showing(log) as (app, pilot):
        app.theme = theme
        app.pane.search("needle")
        await until(pilot, lambda: app.view.current == 4)
        await pilot.pause()
        prefix, plain, error = style_at(app, 0, 0), style_at(app, 1, 6), style_at(app, 3, 40)
        assert prefix.color != plain.color
        assert error.color != plain.color
        for style in (plain, error, style_at(app, 4, 10)):
            assert contrast(style) >= 3
        assert contrast(prefix) >= 2.5


async def test_palette_colours_become_the_themes(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("\x1b[31mred\x1b[38;2;1;2;3mrgb\n")
    async with showing(path) as (app, pilot):
        red = style_at(app, 0, 0).color
        assert red is not None and red.number == 1
        assert style_at(app, 0, 3).color == Color(1, 2, 3).rich_color
        text = screen_text(app, {app.ansi_theme.ansi_colors[1].hex: "r"})
        assert text.splitlines()[1].startswith("~rrr")
        assert pilot


async def test_a_match_stands_out_and_the_current_one_more(tmp_path: Path) -> None:
    log = tmp_path / "needles.log"
    log.write_text("needle\nneedle\nother\n")
    async with showing(log) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: app.view.current == 1)
        grounds = {style_at(app, y, 0).bgcolor for y in range(3)}
        assert len(grounds) == 3


async def test_a_line_cut_short_says_so(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.view.action_columns(5000)
        await until(pilot, lambda: app.rows[5].endswith("… 905 bytes more"))


async def test_a_binary_file_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 64)
    async with showing(path) as (app, _):
        assert "\x1b" not in screen_text(app)
        assert all(row.isprintable() for row in app.rows)
