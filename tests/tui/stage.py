"""What a test of the app does and sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from engine.execution.requests import Request
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script
from tests.tui.text_snapshot import screen_lines
from tui.app import GreenroomApp

PATIENCE = 3_000


@dataclass
class Stage:
    """The app, its engine, and hands and eyes."""

    app: GreenroomApp
    link: FakeLink
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, letting each take effect."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for messages to be handled until something holds."""
        for _ in range(PATIENCE):
            if true():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
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
