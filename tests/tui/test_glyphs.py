"""Sets of characters: all are one cell wide, ascii leaves nothing else on the screen, a theme may bring its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.conftest import Open
from tests.tui.script import big, failed, waiting
from tests.tui.test_themes import GOOD, write
from tui.glyphs import SETS, suited, table
from tui.graph.marks import SPINNER, Mark


@pytest.mark.parametrize("name", SETS)
def test_a_set_keeps_widths_and_tells_the_marks_apart(name: str) -> None:
    found = SETS[name]
    assert all(cell_len(glyph) == 1 for glyph in found.values())
    marks = [mark.glyph().translate(found) for mark in Mark if mark is not Mark.RUNNING]
    assert len(set(marks)) == len(marks)
    assert not set(marks) & {frame.translate(found) for frame in SPINNER}


@pytest.mark.parametrize("keys", [(), ("a",), ("question_mark",), ("w",), ("H",), ("v",), ("D",), ("x",), ("colon",)])
async def test_ascii_leaves_nothing_else(opened: Open, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]) -> None:
    monkeypatch.setenv("GREENROOM_GLYPHS", "ascii")
    async with opened(waiting(), (100, 30)) as stage:
        await stage.press(*keys)
        assert stage.text.isascii(), sorted({character for character in stage.text if not character.isascii()})


async def test_the_same_screen_in_either_set(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(big(), (160, 50)) as stage:
        fine = stage.text
    monkeypatch.setenv("GREENROOM_GLYPHS", "ascii")
    async with opened(big(), (160, 50)) as stage:
        assert stage.text == fine.translate(SETS["ascii"])


async def test_a_theme_brings_its_glyphs(opened: Open, settings: Path) -> None:
    text = GOOD.replace("[colors]", '[glyphs]\nbase = "ascii"\nfailed = "F"\nrunning = "R"\n[colors]')
    write(settings, "mine.toml", text)
    async with opened(failed(), theme="mine") as stage:
        assert "F Unit" in stage.text and "✘" not in stage.text
        stage.app.theme = "greenroom-dark"
        await stage.pilot.pause()
        assert "✘ Unit" in stage.text


async def test_theme_files_are_read_again(opened: Open, settings: Path) -> None:
    path = write(settings, "mine.toml", GOOD)
    async with opened(failed(), theme="mine") as stage:
        path.write_text(GOOD.replace('name = "mine"', 'name = "mine"\nglyphs = "ascii"'))
        stage.app.reload_themes()
        await stage.until(lambda: "X Unit" in stage.text)
        path.write_text("colors = 3")
        stage.app.reload_themes()
        await stage.until(lambda: any("must be tables" in said for said in stage.said))
        assert stage.app.theme == "mine"


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ("runes", "there are no glyphs 'runes'"),
        (3, "must be one of unicode, ascii, nerd"),
        ({"broken": "x"}, "unknown mark 'broken'"),
        ({"failed": "xx"}, "one cell wide"),
        ({"failed": "\n"}, "one cell wide"),
        ({"base": "runes"}, "there are no glyphs"),
    ],
)
def test_what_is_wrong_with_glyphs_is_said(wanted: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        table(wanted)


def test_a_terminal_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale: "ANSI_X3.4-1968")
    assert suited("") == "ascii" and suited("nerd") == "nerd"
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale: "UTF-8")
    assert suited("") == "" and suited("ascii") == "ascii"
