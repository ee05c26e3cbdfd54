"""Looking at a screen at every size in a dark and a light theme: the text that was written down, legible."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.segment import Segment
from textual.strip import Strip

from tests.tui.screens import Shown
from tests.tui.stage import Stage
from tests.tui.text_snapshot import screen_lines
from tui._compat import screen_strips
from tui.app import GreenroomApp

KEPT = Path(__file__).parent
SIZES = [(80, 24), (120, 40), (200, 50)]
THEMES = ("greenroom-dark", "greenroom-light")
PATIENCE = 20.0
LEGIBLE = 2.9  # contrast of letters and digits to their ground: 3 is WCAG's for large text, dimmed asides come near it


@dataclass
class Eyes:
    """What looks at screens. `told` puts in place of what differs from test to test what was written down."""

    stage: Stage
    told: Callable[[str], str]
    rewrite: bool
    framed: bool = False
    written: set[Path] = field(default_factory=set)

    async def look(self, screens: list[Shown]) -> None:
        """Open each of the screens, and see it at each of the sizes in each of the themes."""
        if screens[0].above:
            for theme, shown in itertools.product(THEMES, screens):
                await self._open(shown, theme)
                for size in SIZES:
                    await self._see(shown, size)
                while not self.stage.app.on_main:  # as if nothing had been opened
                    self.stage.app.pop_screen()
                    await self.stage.pilot.pause()
            return
        (shown,), themes = screens, THEMES
        await self._open(shown, themes[0])
        for size in SIZES:
            for self.stage.app.theme in themes:
                await self._see(shown, size)
            themes = themes[::-1]  # a theme costs more than a size

    async def _open(self, shown: Shown, theme: str) -> None:
        self.stage.app.theme = theme
        await self.stage.pilot.resize_terminal(*SIZES[0])
        await self.stage.press(*shown.keys)
        await self.stage.until(lambda: shown.sees in self.stage.text)

    async def _see(self, shown: Shown, size: tuple[int, int]) -> None:
        """Wait until the screen is as it was written down; a theme changes colours, nothing else."""
        app, pilot = self.stage.app, self.stage.pilot
        await pilot.resize_terminal(*size)
        file = KEPT / f"{shown.name}-{size[0]}x{size[1]}.txt"
        if self.rewrite and file not in self.written:
            for _ in range(10):
                await pilot.pause(0.02)
            self.written.add(file)
            file.write_text(self._text())
        kept, end = file.read_text(), time.monotonic() + PATIENCE
        if shown.themed and app.theme != THEMES[0]:
            kept = self._text()
        while (found := self._text()) != kept and time.monotonic() < end:
            await pilot.pause(0.01)
        assert found == kept, f"{file.name} differs in {app.theme}"
        faint = list(illegible(_plain(app)))
        assert not faint, f"hard to read on {file.name} in {app.theme}: {faint}"

    def _text(self) -> str:
        return self.told(seen(self.stage.app, framed=self.framed))


def seen(app: GreenroomApp, *, framed: bool) -> str:
    """The screen; of a dialog what is within its frame, for what lies behind it is another matter."""
    lines = screen_lines(app)
    for box in app.screen.query("#box") if framed else ():
        left, top, width, height = box.region
        lines = [line[left : left + width].rstrip() for line in lines[top : top + height]]
    return "\n".join(lines).rstrip() + "\n"


def _plain(app: GreenroomApp) -> list[Strip]:
    """What is meant to be read: what lies behind a dialog is faint."""
    strips = screen_strips(app.screen)
    if not app.screen.is_modal or app.screen.styles.background.a == 1:
        return strips
    frames = [child.region for child in app.screen.children if not (child.id or "").startswith("textual-")]
    return [strip.crop(frame.x, frame.right) for frame in frames for strip in strips[frame.y : frame.bottom]]


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
