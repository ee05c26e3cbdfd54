"""A link to a greenroom that runs in another process: its journal is followed, requests go through its socket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from engine.execution.requests import Answer, Request
from engine.history import recorded
from engine.session import remote
from tui.still import StillLink

if TYPE_CHECKING:
    from engine.link import Listener
    from tui.cli.looking import Look

PERIOD = 0.1  # seconds between two looks at the journal


class AttachedLink(StillLink):
    """Implements `engine.link.Link`. `close` it in the end."""

    def __init__(self, seen: Look) -> None:
        super().__init__(seen)
        self._ended = threading.Event()

    def close(self) -> None:
        """Follow and ask no more. What runs goes on."""
        self._ended.set()
        super().close()

    def subscribe(self, listener: Listener, *, after: int) -> Callable[[], None]:
        """Call `listener` with every batch recorded after that seq, on a thread of its own."""
        left = threading.Event()
        follower = threading.Thread(
            target=self._follow, args=(listener, after, left), name="greenroom-follow", daemon=True
        )
        follower.start()
        return left.set

    def _follow(self, listener: Listener, seq: int, left: threading.Event) -> None:
        journal, pipeline = self._seen.journal, self._seen.pipeline
        while not (left.wait(PERIOD) or self._ended.is_set()):
            if batch := [recorded(row) for row in journal.read(pipeline, after=seq)]:
                seq = batch[-1].seq
                listener(batch)

    def request(self, request: Request) -> Future[Answer]:
        """Ask the greenroom that runs here."""
        return self._pool.submit(self._ask, request)

    def _ask(self, request: Request) -> Answer:
        try:
            return remote(self._seen.directory, request, self._seen.pipeline)
        except (OSError, ValueError) as error:
            return Answer(False, f"the greenroom that runs here does not answer: {error}", "NotRunning")

    def shell(self, action_execution_id: str, build: str = "") -> tuple[list[str], Path, dict[str, str]]:
        """A shell where that action ran. Raises `LookupError`."""
        from engine.providers.shell import shell_in

        return shell_in(self.workspace(action_execution_id, build))
