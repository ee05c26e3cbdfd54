"""When an app has done what it was asked: every message handled, every change laid out and painted.

Textual's own pilot waits until the process uses next to no CPU time, which on a busy machine is a second per key and
still no promise. Here the queues of the app are looked at instead.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from textual import active_app
from textual.app import App
from textual.pilot import Pilot

PATIENCE = 2.0
"""Seconds after which an app that never rests (an animation, a log that grows) is looked at as it is."""

_TURNS = 2
"""The app has to be found at rest so often in a row: what one turn hands to the loop another has to see."""


async def at_rest(*_: float) -> None:
    """Wait for it; takes the arguments of Textual's own way of waiting, and needs none."""
    app = active_app.get()
    pilot = Pilot(app)
    end = time.monotonic() + PATIENCE
    calm = 0
    while calm < _TURNS and time.monotonic() < end:
        await asyncio.sleep(0 if calm else 0.001)
        await pilot._wait_for_screen()
        calm = 0 if _busy(app) else calm + 1


def _busy(app: App[Any]) -> bool:
    if app._exit or app._closing or app._closed:
        return False  # what an app that ends leaves undone, it leaves
    screen = app.screen_stack[-1] if app.screen_stack else None
    if screen and (screen._dirty_widgets or screen._layout_required):
        return True
    return any(
        pump._next_callbacks or pump._pending_message or not pump._message_queue.empty()
        for pump in (app, *app._registry)
    )
