"""Questions whose answers come later: asked of the store in a thread, kept, told to the widget when they are there."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.cache import LRUCache
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from engine.artifacts.store import Store as ArtifactStore
    from engine.link import Link

T = TypeVar("T")


class Told(Message, bubble=False):
    """An answer has come."""

    def can_replace(self, message: Message) -> bool:
        """One is enough, however many have come."""
        return isinstance(message, Told)


class Answers(Generic[T]):
    """Answers by what was asked. `owner` hears `Told` when one comes; `get` gives None until then.

    `failed` is what stands for an answer that could not be had.
    """

    def __init__(self, owner: Widget, failed: Callable[[Exception], T], most: int = 64) -> None:
        self._owner = owner
        self._failed = failed
        self._known: LRUCache[Hashable, T] = LRUCache(most)
        self._asked: set[Hashable] = set()

    def get(self, key: Hashable) -> T | None:
        """What is known."""
        return self._known.get(key)

    def ask(self, link: Link | None, key: Hashable, question: Callable[[ArtifactStore], T]) -> T | None:
        """What is known; where nothing is, the question is put."""
        found = self._known.get(key)
        if found is None and key not in self._asked and link is not None:
            self._asked.add(key)
            self.await_(key, link.consult(question))
            found = self._known.get(key)
        return found

    def start(self, key: Hashable, begin: Callable[[], Future[T]]) -> None:
        """Put a question that is not one to the store, unless it was put."""
        if key not in self._asked:
            self.await_(key, begin())

    def await_(self, key: Hashable, future: Future[T]) -> None:
        """Take up an answer that is under way."""
        self._asked.add(key)

        def arrived(future: Future[T]) -> None:
            error = None if future.cancelled() else future.exception()
            if future.cancelled() or (error is not None and not isinstance(error, Exception)):
                return
            self._known[key] = self._failed(error) if isinstance(error, Exception) else future.result()
            self._asked.discard(key)
            self._owner.post_message(Told())

        future.add_done_callback(arrived)

    def forget(self) -> None:
        """What was known may be otherwise now."""
        self._known.clear()
        self._asked.clear()
