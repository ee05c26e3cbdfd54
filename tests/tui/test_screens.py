"""Every screen in its states, in two themes at three sizes, as text in `tests/tui/screens`.

After a wanted change: ``pytest tests/tui --rewrite``, and read the diff.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.tui.conftest import Open
from tests.tui.screens import BESIDE, SCREENS, Shown
from tests.tui.screens.looking import KEPT, SIZES, THEMES, Eyes, illegible

ALONE = [[shown] for shown in SCREENS if not shown.above]
TOGETHER = [
    [shown for shown in SCREENS if shown.above and shown.story is story]
    for story in dict.fromkeys(shown.story for shown in SCREENS if shown.above)
]


@pytest.mark.parametrize("screens", [*ALONE, *TOGETHER], ids=lambda screens: screens[0].name)
async def test_screens(opened: Open, tmp_path: Path, screens: list[Shown], *, rewrite: bool) -> None:
    first = screens[0]
    first.prepare(tmp_path)
    async with opened(first.story(), SIZES[0], theme=THEMES[0]) as stage:
        if first.dress:
            first.dress(stage)
            await stage.pilot.pause()
        await Eyes(stage, lambda text: text.replace(str(tmp_path), "/project"), rewrite).look(screens)


def test_every_text_belongs_to_a_screen() -> None:
    names = [shown.name for shown in (*SCREENS, *BESIDE)]
    assert len(names) == len(set(names))
    wanted = {f"{name}-{width}x{height}.txt" for name, (width, height) in itertools.product(names, SIZES)}
    assert {file.name for file in KEPT.glob("*.txt")} == wanted


def test_faint_words_are_found() -> None:
    strip = Strip(
        [
            Segment("faint", Style(color="#777777", bgcolor="#888888")),
            Segment("fine", Style(color="#ffffff", bgcolor="#000000")),
        ]
    )
    assert [word.split(" ")[0] for word in illegible([strip])] == ["'faint'"]
