"""That a pilot waits for all an app does, and no longer."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.tui import quiet
from tests.tui.text_snapshot import screen_lines


class Slow(App[None]):
    """Does one thing in each of the ways there are."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.gate = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Static("before")

    async def key_a(self) -> None:
        await asyncio.sleep(0.01)
        self.done.append("a handler that waits")

    def key_b(self) -> None:
        self.call_after_refresh(self.call_later, self.done.append, "what comes after a paint")

    def key_c(self) -> None:
        free = threading.Event()
        asyncio.get_running_loop().call_later(0.01, free.set)
        threading.Thread(target=self._read, args=(free,), name="log-x", daemon=True).start()

    def _read(self, free: threading.Event) -> None:
        free.wait()
        self.call_later(self.done.append, "what a thread brings")

    def key_d(self) -> None:
        self.run_worker(self._work())

    async def _work(self) -> None:
        await asyncio.sleep(0.01)
        self.query_one(Static).update("after")

    async def key_e(self) -> None:
        await self.gate.wait()


async def test_a_pilot_waits_for_all_an_app_does() -> None:
    app = Slow()
    async with app.run_test() as pilot:
        for key, done in (
            ("a", "a handler that waits"),
            ("b", "what comes after a paint"),
            ("c", "what a thread brings"),
        ):
            await pilot.press(key)
            assert app.done.pop() == done
        await pilot.press("d")
        assert screen_lines(app)[0] == "after"
        assert not app.screen._dirty_widgets


async def test_an_app_that_finds_no_rest_says_who_has_something_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet, "PATIENCE", 0.0)
    app = Slow()
    async with app.run_test() as pilot:
        with pytest.raises(AssertionError, match="finds no rest: Slow"):
            await pilot.press("e")
        app.gate.set()
        monkeypatch.undo()
