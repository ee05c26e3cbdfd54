"""A link to what has happened, without an engine: for pictures of a run, beside a greenroom that may be running."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.execution.requests import Answer, Request
from engine.session import Reader
from tui.cli.looking import Look

if TYPE_CHECKING:
    from engine.artifacts.store import Store as ArtifactStore
    from engine.execution.explain import PlannedAction
    from engine.execution.state import PipelineState
    from engine.link import Listener, Notice
    from engine.model.project import ProjectFile
    from engine.opening import Opened
    from engine.overview.settings import Setting
    from engine.overview.sources import SourceView
    from engine.providers.codebuild.needs import Need

T = TypeVar("T")


class StillLink:
    """Implements `engine.link.Link` over a look at the journal. Nothing happens any more; requests are refused.

    `close` it in the end.
    """

    def __init__(self, seen: Look) -> None:
        self._seen = seen
        self._reader = Reader(seen.directory)
        self._store = self._reader.store()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="greenroom-look")

    def close(self) -> None:
        """Look no more. What runs goes on."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._store.close()

    @property
    def directory(self) -> Path:
        """The project's directory."""
        return self._seen.directory.parent

    @property
    def definition(self) -> Path:
        """The definition file."""
        return Path(self._seen.state.file)

    @property
    def project(self) -> ProjectFile:
        """The project file as it is now."""
        from engine.reading.project_file import load_project

        return load_project(self.directory)[0]

    @property
    def remains(self) -> bool:
        """Nothing ends with this link."""
        return True

    @property
    def watches(self) -> bool:
        """From here nobody knows."""
        return False

    def state(self) -> PipelineState:
        """What the journal says."""
        return self._seen.state

    def subscribe(self, listener: Listener, *, after: int) -> Callable[[], None]:
        """Nothing will be told."""
        return lambda: None

    def notices(self, notice: Notice) -> Callable[[], None]:
        """Nothing will be told."""
        return lambda: None

    def request(self, request: Request) -> Future[Answer]:
        """Refused."""
        return _done(Answer(False, "this is a picture of what has happened", "NotRunning"))

    def plan(self, *, forced: tuple[str, ...] = ()) -> Future[list[PlannedAction]]:
        """No plan."""
        return _done([])

    def log(self, action_execution_id: str, build: str = "") -> Path:
        """The action's log file, or that of one build of its batch."""
        return self._reader.log(self._seen.state, self._seen.state.actions[action_execution_id], build)

    def workspace(self, action_execution_id: str, build: str = "") -> Path:
        """The folder the action ran in."""
        return self._reader.workspace(self._seen.state, self._seen.state.actions[action_execution_id], build)

    def shell(self, action_execution_id: str, build: str = "") -> tuple[list[str], Path, dict[str, str]]:
        """None."""
        raise LookupError("there is no shell in a picture")

    def files(self, tree: str) -> Future[list[tuple[str, int, str]]]:
        """An artifact's files."""
        return self._pool.submit(lambda: [(entry.path, entry.size, entry.kind) for entry in self._store.walk(tree)])

    def content(self, tree: str, path: str) -> Future[bytes]:
        """One file of an artifact."""
        return self._pool.submit(self._store.read, tree, path)

    def settings(self) -> Future[tuple[Setting, ...]]:
        """What is in force as far as files say; another process may have been told more."""
        return self._pool.submit(self._settings)

    def _settings(self) -> tuple[Setting, ...]:
        from engine.overview.settings import settings_of

        return settings_of(self._open())

    def sources(self) -> Future[tuple[SourceView, ...]]:
        """The source actions as they are now."""
        return self._pool.submit(self._sources)

    def _sources(self) -> tuple[SourceView, ...]:
        from engine.overview.sources import look

        return look(self._open(), self._store, datetime.now(UTC))

    def _open(self) -> Opened:
        from engine.opening import Options, open_project

        return open_project(Options(self.directory, self.definition, self._seen.pipeline))

    def needs(self) -> Future[tuple[Need, ...]]:
        """The parameters and secrets that builds ask for, and where each comes from."""
        return self._pool.submit(self._needs)

    def _needs(self) -> tuple[Need, ...]:
        from engine.providers.codebuild.needs import needed

        opened = self._open()
        return tuple(needed(opened.declaration, opened.project, opened.sources))

    def consult(self, question: Callable[[ArtifactStore], T]) -> Future[T]:
        """Ask something of the store, in a thread."""
        return self._pool.submit(question, self._store)

    def export(self, tree: str, destination: Path) -> Future[Path]:
        """Write an artifact."""
        from engine.session import export

        return self._pool.submit(export, self._store, tree, destination)


def _done(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future
