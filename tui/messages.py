"""The vocabulary of the screens: everything that is said between threads and widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.requests import Answer, Request
    from engine.execution.state import PipelineState
    from engine.link import Link
    from engine.model.diagnostics import Diagnostic
    from engine.providers.codebuild.needs import Need
    from tui.looks import LogLook


class Inbox:
    """Events on their way from the engine's thread to the app's. Appending and popping are atomic."""

    def __init__(self) -> None:
        self._events: deque[Recorded] = deque()

    def put(self, batch: Sequence[Recorded]) -> None:
        """Add a batch (engine's thread)."""
        self._events.extend(batch)

    def __bool__(self) -> bool:
        return bool(self._events)

    def take(self, limit: int = 2_000) -> list[Recorded]:
        """Up to `limit` events, oldest first (app's thread): a flood must not hold up the keys."""
        taken: list[Recorded] = []
        while self._events and len(taken) < limit:
            taken.append(self._events.popleft())
        return taken


class EngineNews(Message):
    """The inbox holds events. However many of these wait, one is enough."""

    def can_replace(self, message: Message) -> bool:
        """Coalesce a flood of them."""
        return isinstance(message, EngineNews)


@dataclass
class Connected(Message):
    """The engine is there, with its state so far."""

    link: Link
    state: PipelineState


@dataclass
class ConnectFailed(Message):
    """The engine could not be opened."""

    error: BaseException


@dataclass
class Diagnosed(Message):
    """A reload of the definition found these; none means that all is well again."""

    diagnostics: list[Diagnostic]


@dataclass
class NeedsFound(Message):
    """The parameters and secrets that builds ask for, given or not."""

    needs: tuple[Need, ...]


@dataclass
class Answered(Message):
    """A request came back. `done` is what to say when it was granted, empty for nothing; `undo` what takes it back."""

    answer: Answer
    done: str = ""
    undo: tuple[Request, str] | None = None


@dataclass
class ActionChosen(Message):
    """An action was selected in the graph."""

    key: tuple[str, str]


@dataclass
class ActionOpened(Message):
    """An action was opened in the graph: show its pane."""

    key: tuple[str, str]


class GraphPanned(Message):
    """Another part of the graph is seen. One is enough, however many wait."""

    def can_replace(self, message: Message) -> bool:
        """Coalesce them."""
        return isinstance(message, GraphPanned)


class ZoomWanted(Message):
    """The graph is to be nearer (1) or further away (-1)."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


@dataclass
class LogLookWanted(Message):
    """Logs are to be shown like this from now on."""

    look: LogLook


class ZoomChanged(Message):
    """The graph is drawn as somebody wants it."""


@dataclass
class FileReady(Message):
    """A file was written to be opened in another program: in the pager, or in the editor."""

    future: Future[Path]
    pager: bool


@dataclass
class PausedWanted(Message):
    """Something is to become of a paused action: ``retry``, ``continue``, ``fail`` or ``shell``."""

    target: str
    what: str
