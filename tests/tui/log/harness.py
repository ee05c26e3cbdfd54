"""An app with nothing but a log pane, and waiting for conditions instead of time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.text_snapshot import screen_lines
from tui.widgets._log_view import LogView
from tui.widgets.log_pane import LogPane


class LogApp(App[None]):
    """A pane above one line of something else."""

    def __init__(self, path: Path | None = None, *, live: bool = True) -> None:
        super().__init__()
        self.shown = path
        self.live = live
        self.heard: list[Message] = []
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield LogPane(id="log")
        yield Static("below", id="below")

    def on_mount(self) -> None:
        self.pane.focus()
        self.pane.show(self.shown, live=self.live)

    @property
    def pane(self) -> LogPane:
        return self.query_one(LogPane)

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def rows(self) -> list[str]:
        """What the pane shows, without its scrollbar."""
        width = self.view.page_size.width
        return [row[:width].rstrip() for row in screen_lines(self)[: self.view.size.height]]

    @on(LogPane.FollowChanged)
    @on(LogPane.MatchesChanged)
    @on(LogPane.Appended)
    @on(LogPane.Saved)
    def hear(self, event: Message) -> None:
        self.heard.append(event)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        assert not markup, "what comes from a log is no markup"
        self.said.append(message)


LogPilot = Pilot[None]


async def until(pilot: LogPilot, condition: Callable[[], bool]) -> None:
    """Lets the app go on until the condition holds. A test that hangs here names itself."""
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.005)
    raise AssertionError(f"never came true; the screen shows {screen_lines(pilot.app)}")


@asynccontextmanager
async def showing(
    path: Path | None, *, live: bool = True, size: tuple[int, int] = (60, 11)
) -> AsyncIterator[tuple[LogApp, LogPilot]]:
    """The app with the log on screen: ten rows of 59 cells."""
    app = LogApp(path, live=live)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.view._shown and any(app.rows))
        yield app, pilot


def numbered(count: int, first: int = 0) -> str:
    """Lines that say which they are."""
    return "".join(f"line {number}\n" for number in range(first, first + count))
