"""When an app has done what it was asked: every message handled, every change laid out and painted.

Textual's own pilot sends a message to every widget and waits until the process uses next to no CPU time, which on a
busy machine is a second per key and still no promise. Here it is looked at who has something to do. Not seen are timers
that will go off (a look at a log from time to time) and other processes: wait for what they bring.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import WorkerState

PATIENCE = 30.0
"""Seconds after which an app that never rests fails its test, which is then told who had something to do."""

THREADS = ("greenroom-open", "log-", "clipboard")
"""How the app's own threads are called; each of them ends when it has done its work."""

LATE = 0.05
"""Seconds after which a screen is painted although nobody waits for it to be at rest."""

_TURN = 0.001


async def at_rest(app: App[Any]) -> None:
    """Wait until nobody has anything to do, and all is painted."""
    loop: Any = asyncio.get_running_loop()
    end = time.monotonic() + PATIENCE
    while True:
        await asyncio.sleep(0)
        if _ends(app):
            return
        # Threads before the loop: what the last one handed to it before it ended is seen there.
        working = [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]
        if loop._ready:
            continue
        if _paint(app):
            continue
        working += _working(app)
        if not working:
            return
        if time.monotonic() > end:
            raise AssertionError(f"the app finds no rest: {', '.join(working)}")
        await asyncio.sleep(_TURN)


def _ends(app: App[Any]) -> bool:
    """Whether it leaves undone what is undone."""
    return app._exit or app._closed or app._exception_event.is_set()


def _working(app: App[Any]) -> list[str]:
    """Who has something to do, and waits for something else than a message."""
    found = [str(pump) for pump in (app, *app._registry) if not _waits(pump)]
    found += [str(worker) for worker in app.workers if worker.state in (WorkerState.PENDING, WorkerState.RUNNING)]
    return [*found, *(["an animation"] if app._animator._animations or app._animator._scheduled else [])]


def _waits(pump: MessagePump) -> bool:
    """Whether it waits for a message, or has ended."""
    if pump is not active_app.get() and (pump._task is None or pump._task.done()):
        return True
    queue: Any = pump._message_queue
    waits = queue.empty() and bool(queue.ready_event._waiters)
    return waits and not (pump._next_callbacks or pump._pending_message)


def _paint(app: App[Any]) -> bool:
    """Lay out and paint what changed, as the screens' timers would; False where nothing did."""
    # Those that shine through the screen on top come first.
    stack = [] if app._batch_count or not app.screen_stack else [*app._background_screens, app.screen]
    changed = [screen for screen in stack if _changed(screen)]
    for screen in changed:
        with screen._context():
            screen._on_timer_update()
    return bool(changed)


def _changed(screen: Screen[Any]) -> bool:
    changed = screen._layout_required or screen._scroll_required or screen._recompose_required
    # A screen below the top one asks for a paint of its own each time it is painted.
    repaint = screen._repaint_required and screen is screen.app.screen
    return bool(changed or repaint or screen._dirty_widgets or screen._callbacks)


async def _idle(*_: float) -> None:
    await at_rest(active_app.get())


async def _screen(pilot: Pilot[Any], *_: float) -> bool:
    await at_rest(pilot.app)
    return True


class _Late:
    """In place of the timer that paints a screen: `at_rest` does, or this one where somebody waits in another way."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._handle: asyncio.TimerHandle | None = None

    def resume(self) -> None:
        self._handle = self._handle or asyncio.get_running_loop().call_later(LATE, self._screen._on_timer_update)

    def pause(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None


def _timer(screen: Screen[Any]) -> _Late:
    late: _Late = screen.__dict__.setdefault("_late", _Late(screen))
    return late


_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}
_parse = Stylesheet._parse_rules


def _parse_once(sheet: Stylesheet, css: str, read_from: CSSLocation, *how: Any, **more: Any) -> list[RuleSet]:
    """Each app has some forty pieces of CSS, which are the same for the next one with the same theme."""
    key = (css, read_from, how, *more.items(), frozenset(sheet._variables.items()))
    if key not in _PARSED:
        _PARSED[key] = _parse(sheet, css, read_from, *how, **more)
    return _PARSED[key]


WAYS = (
    (Stylesheet, "_parse_rules", _parse_once),
    (Screen, "_update_timer", property(_timer)),
    (textual.app, "wait_for_idle", _idle),
    (textual.pilot, "wait_for_idle", _idle),
    (Pilot, "_wait_for_screen", _screen),
)
"""Textual's ways of waiting, painting and parsing, and what takes their place."""
