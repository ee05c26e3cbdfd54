"""A link to a greenroom that runs in another process: its journal is followed, requests go through its socket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from engine.execution.requests import Answer, Request
from engine.history import recorded
from engine.model.diagnostics import Diagnostic
from engine.session import remote
from tui.still import StillLink

if TYPE_CHECKING:
    from engine.link import Listener, Notice
    from tui.cli.looking import Look

PERIOD = 0.1  # seconds between two looks at the journal
MIND = 1.0  # and between two looks at who runs here

GONE = Diagnostic(
    "GR001",
    "the greenroom that ran here has ended",
    "What ran is over, nothing moves any more. Start one again: greenroom. This screen will follow it.",
)


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

    def notices(self, notice: Notice) -> Callable[[], None]:
        """Call `notice` when the greenroom that runs here has ended, and when there is one again."""
        left = threading.Event()
        threading.Thread(target=self._mind, args=(notice, left), name="greenroom-mind", daemon=True).start()
        return left.set

    def _mind(self, notice: Notice, left: threading.Event) -> None:
        alone = False
        while not (left.wait(MIND) or self._ended.is_set()):
            was, alone = alone, self._seen.owner is None
            if alone != was:
                notice([GONE] if alone else [])

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
