"""What an engine is asked for that takes minutes, pulling and building: a cancellation does not wait for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.runners.docker.daemon import Daemon, another

if TYPE_CHECKING:
    import docker


class Talk:
    """Connections of its own to an engine. `hang_up`, from any thread, ends them; the engine then stops, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: list[Any] = []
        self._over = False

    @contextlib.contextmanager
    def client(self, daemon: Daemon) -> Iterator[docker.DockerClient]:
        """One connection."""
        found = another(daemon)
        found.api.hooks["response"].append(self._heard)
        try:
            yield found
        finally:
            with self._lock:
                self._answers = []
            found.close()

    def hang_up(self) -> None:
        """Let whoever listens find the connection closed, now and later."""
        with self._lock:
            self._over, answers, self._answers = True, self._answers, []
        for answer in answers:
            _close(answer)

    def _heard(self, answer: Any, *_: Any, **__: Any) -> None:
        with self._lock:
            self._answers.append(answer)
            over = self._over
        if over:
            _close(answer)


def _close(answer: Any) -> None:
    from docker.types import CancellableStream

    with contextlib.suppress(OSError, AttributeError, ValueError):  # it may be over by itself
        CancellableStream(iter(()), answer).close()
