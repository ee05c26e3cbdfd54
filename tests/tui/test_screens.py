"""Every screen at three sizes, as text in `tests/tui/screens`; in a dark and a light theme the same text, legible.

After a wanted change: ``pytest tests/tui --rewrite-screens``, and read the diff.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.strip import Strip

from tests.tui.conftest import Open
from tests.tui.screens import SCREENS, Shown
from tests.tui.stage import Stage
from tests.tui.text_snapshot import screen_text
from tui._compat import screen_strips

KEPT = Path(__file__).parent / "screens"
SIZES = [(80, 24), (120, 40), (200, 50)]
THEMES = ("greenroom-dark", "greenroom-light")
LEGIBLE = 2.9  # contrast of letters and digits to their ground: 3 is WCAG's for large text, dimmed asides come near it


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-screens", default=False))


@pytest.mark.parametrize("shown", SCREENS, ids=lambda shown: shown.name)
async def test_screen(opened: Open, tmp_path: Path, shown: Shown, *, rewrite: bool) -> None:
    shown.prepare(tmp_path)
    async with opened(shown.story(), SIZES[0], theme=THEMES[0]) as stage:
        shown.dress(stage.link)
        await stage.press(*shown.keys)
        for size in SIZES:
            await stage.pilot.resize_terminal(*size)
            text = await look(stage, shown, THEMES[0])
            if size == SIZES[1]:
                assert await look(stage, shown, THEMES[1]) == text, "a theme changes colours, nothing else"
            file = KEPT / f"{shown.name}-{size[0]}x{size[1]}.txt"
            kept = text.replace(str(tmp_path), "/project")
            if rewrite:
                file.write_text(kept)
            assert kept == file.read_text(), f"{file.name} differs"


async def look(stage: Stage, shown: Shown, theme: str) -> str:
    """The screen in a theme, once all of it is there; every word of it legible."""
    stage.app.theme = theme
    before = ""
    await stage.until(lambda: shown.sees in stage.text)
    while before != stage.text:
        before = stage.text
        await stage.pilot.pause(0.02)
        await stage.pilot.pause()
    # What lies behind a dialog is meant to be faint.
    above = stage.app.screen.is_modal and stage.app.screen.styles.background.a < 1
    faint = [] if above else list(illegible(screen_strips(stage.app.screen)))
    assert not faint, f"hard to read in {theme}: {faint}"
    return screen_text(stage.app)


def illegible(strips: list[Strip]) -> Iterator[str]:
    """Words whose colour is too near to that of their ground."""
    for strip in strips:
        for segment in strip:
            contrast = _contrast(segment)
            if contrast < LEGIBLE:
                yield f"{segment.text.strip()!r} ({contrast:.1f}:1)"


def _contrast(segment: Segment) -> float:
    style = segment.style
    if style is None or not any(map(str.isalnum, segment.text)) or style.color is None or style.bgcolor is None:
        return 21.0
    front, back = style.color.triplet, style.bgcolor.triplet
    if front is None or back is None:
        return 21.0
    lights = sorted(_luminance(*rgb) for rgb in (front, back))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(*rgb: int) -> float:
    linear = [c / 12.92 if (c := value / 255) <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for value in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_belongs_to_a_screen() -> None:
    wanted = {f"{shown.name}-{width}x{height}.txt" for shown in SCREENS for width, height in SIZES}
    assert {file.name for file in KEPT.glob("*.txt")} == wanted


def test_faint_words_are_found() -> None:
    from rich.style import Style

    strip = Strip(
        [
            Segment("faint", Style(color="#777777", bgcolor="#888888")),
            Segment("fine", Style(color="#ffffff", bgcolor="#000000")),
        ]
    )
    assert [word.split(" ")[0] for word in illegible([strip])] == ["'faint'"]
