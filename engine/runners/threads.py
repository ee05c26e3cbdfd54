"""Work in a thread that a cancellation waits for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def to_the_end(work: Callable[[], T], *, on_cancel: Callable[[], None] = lambda: None) -> T:
    """Run `work` in a thread. Cancelled, call `on_cancel`, wait for the thread, then go on with the cancellation.

    A thread cannot be stopped; left to itself it would write into a folder that the next run already uses.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        on_cancel()
        while not task.done():  # every further cancellation waits just the same
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as lost
        raise
