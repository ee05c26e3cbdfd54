"""What a test of the app does and sees."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from engine.execution.requests import Request
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script
from tests.tui.text_snapshot import screen_lines
from tui.app import GreenroomApp

PATIENCE = 60.0  # seconds


@dataclass
class Stage:
    """The app, its engine, and hands and eyes."""

    app: GreenroomApp
    link: FakeLink
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, letting each take effect."""
        await self.pilot.press(*keys)

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for messages to be handled until something holds."""
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                break
            await self.pilot.pause(0.001)
        else:
            await self.pilot.pause()
            return
        raise AssertionError(f"did not come true; the screen shows:\n{self.text}")

    async def play(self, write: Callable[[Script], object]) -> None:
        """Let more happen in the engine."""
        self.link.play(write)
        state = self.app.store.state
        assert state is not None
        await self.until(lambda: state.seq == self.link.script.seq)

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The screen's lines."""
        return screen_lines(self.app)

    @property
    def asked(self) -> list[Request]:
        """What was asked of the engine."""
        return self.link.requests

    @property
    def said(self) -> list[str]:
        """The toasts."""
        return [note.message for note in self.app._notifications]

    @property
    def chosen(self) -> str:
        """The selected action."""
        return "/".join(self.app.store.chosen)
