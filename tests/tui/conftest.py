"""A running app on a fake engine, with time standing still and the person's settings out of the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.notifications import Notification

from tests.tui.fake_link import FakeLink
from tests.tui.quiet import WAYS
from tests.tui.script import Script
from tests.tui.stage import Stage
from tui import clipboard
from tui.app import GreenroomApp

Open = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own settings: an empty directory."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (
        "EDITOR",
        "VISUAL",
        "PAGER",
        "GREENROOM_THEME",
        "GREENROOM_GLYPHS",
        "GREENROOM_MOUSE",
        "GREENROOM_PLAIN",
        "GREENROOM_WRAP",
        "GREENROOM_TIMES",
        "GREENROOM_TOGETHER",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(clipboard, "command", lambda _: None)  # nobody's own is written to
    return tmp_path / "config" / "greenroom"


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """``async with opened(script, (120, 40)) as stage``."""

    @asynccontextmanager
    async def open_app(
        script: Script, size: tuple[int, int] = (120, 40), *, theme: str | None = None
    ) -> AsyncIterator[Stage]:
        link = FakeLink(script, tmp_path)
        app = GreenroomApp(lambda: link, theme=theme, clock=lambda: script.at, lively=False)
        async with app.run_test(size=size, notifications=True) as pilot:
            stage = Stage(app, link, pilot)
            await stage.until(lambda: app.store.state is not None)
            yield stage

    return open_app


@pytest.fixture(autouse=True)
def rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot goes on as soon as the app is at rest, which is told by looking at it."""
    for owner, name, way in WAYS:
        monkeypatch.setattr(owner, name, way)


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said at the foot of the screen stays, however slow the machine is."""
    monkeypatch.setattr(Notification, "time_left", property(lambda said: 600.0))


@pytest.fixture(autouse=True)
def no_defects(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app endures its own defects; a test endures none, unless it is marked `defect`."""
    found: list[Exception] = []
    endure = GreenroomApp.endure

    def noted(app: GreenroomApp, error: Exception) -> bool:
        found.append(error)
        return endure(app, error)

    monkeypatch.setattr(GreenroomApp, "endure", noted)
    yield
    if found and request.node.get_closest_marker("defect") is None:
        raise found[0]
