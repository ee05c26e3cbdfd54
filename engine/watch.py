"""Notices saves: what changed in the source directories, without losing anything and without stray starts.

On watchfiles, with one watch per directory that is not ignored, and with nets below it (`engine._watching`): what
may have been lost is looked for, a watch that died is noticed, and where the system reports nothing it is asked
again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path

from engine._watching.batch import Batch
from engine._watching.feedback import FeedbackGuard, Loop
from engine._watching.notifier import Unwatchable
from engine._watching.observer import Observer, Timing
from engine._watching.places import RULES, Places

__all__ = ["Batch", "FeedbackGuard", "Loop", "Unwatchable", "Watch"]


class Watch:
    """Watches directories and single files until closed.

    `roots` are named only for the caller; `extra_files` (definition, project file, buildspecs) count wherever they
    are. `ignored` says of a path in a root whether it is left out; it is called on another thread, often.
    `corner` is a directory of greenroom's own (.greenroom/watch) on the same file system, for proof that the watch
    is alive: without it a file system that reports nothing is not found out, and each new directory means a look
    at everything. `debounce_ms` is the longest that saves are gathered, `step_ms` the quiet that ends a burst,
    `rescan_seconds` the longest time between two batches with `rescan`.
    """

    def __init__(
        self,
        roots: Mapping[str, Path],
        extra_files: Collection[Path],
        ignored: Callable[[Path], bool],
        debounce_ms: int = 50,
        step_ms: int = 5,
        rescan_seconds: float = 300.0,
        *,
        corner: Path | None = None,
    ) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[Batch | BaseException | None] = asyncio.Queue()
        places = Places(roots, extra_files, ignored, corner)
        self._observer = Observer(places, Timing(debounce_ms, step_ms, rescan_seconds), self._put)
        self._thread = threading.Thread(target=self._run, name="greenroom-watch", daemon=True)
        self._closed = False

    @property
    def notice(self) -> str:
        """What people should know about this watch, such as why it has to poll; "" when all is well."""
        return self._observer.notice

    async def changes(self) -> AsyncIterator[Batch]:
        """The batches, as they come. To be iterated once, and before everything else.

        The first one has `rescan` and comes as soon as changes are noticed: a scan that begins then misses nothing.
        A caller that takes long gets what came meanwhile as one batch. Raises `Unwatchable`.
        """
        if not self._closed and not self._thread.is_alive():
            self._loop = asyncio.get_running_loop()
            self._thread.start()
        while not self._closed:
            item = await self._queue.get()
            while isinstance(item, Batch) and not self._queue.empty():
                later = self._queue.get_nowait()
                if not isinstance(later, Batch):
                    self._queue.put_nowait(later)
                    break
                item |= later
            if isinstance(item, BaseException):
                raise item
            if item is None:
                return
            yield item
            if any(path.name == RULES for path in item.paths):
                self.refresh()

    async def sync(self) -> bool:
        """Wait until everything that happened before has been put into `changes`.

        For a run that must be exact. False where that cannot be told: without a corner, or after seconds in vain.
        """
        return await asyncio.wrap_future(self._observer.sync())

    def refresh(self) -> None:
        """What `ignored` answers has changed: find the directories to watch anew.

        Done by itself after each batch that names a .gitignore, once the next one is asked for.
        """
        self._observer.refresh()

    def close(self) -> None:
        """End the watch and `changes`. May be called twice, and before anything began."""
        if self._closed:
            return
        self._closed = True
        self._observer.stop()
        self._queue.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        try:
            self._observer.run()
        except BaseException as error:  # its place is where `changes` is read
            self._put(error)

    def _put(self, item: Batch | BaseException) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop was closed first
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
