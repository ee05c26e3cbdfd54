"""The door between an engine and whoever looks at it: screens, commands, tests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.execution.events import Recorded
from engine.execution.explain import PlannedAction
from engine.execution.requests import Answer, Request
from engine.execution.state import PipelineState
from engine.model.diagnostics import Diagnostic
from engine.model.project import ProjectFile

if TYPE_CHECKING:
    from engine.artifacts.store import Store
    from engine.overview.settings import Setting
    from engine.overview.sources import SourceView
    from engine.providers.codebuild.needs import Need

T = TypeVar("T")
Listener = Callable[[list[Recorded]], None]
Notice = Callable[[list[Diagnostic]], None]


class Link(Protocol):
    """One pipeline of one engine. Every method may be called from any thread and returns at once."""

    @property
    def directory(self) -> Path:
        """The project's directory."""

    @property
    def definition(self) -> Path:
        """The definition file."""

    @property
    def project(self) -> ProjectFile:
        """The project file in force."""

    @property
    def remains(self) -> bool:
        """Whether the engine goes on when this link is left: it runs in another process."""

    @property
    def watches(self) -> bool:
        """Whether saves are known to start runs while nobody pauses that."""

    def state(self) -> PipelineState:
        """A state of the caller's own, folded up to now. Follow it with `subscribe` from `state().seq` on."""

    def subscribe(self, listener: Listener, *, after: int) -> Callable[[], None]:
        """Call `listener` with every batch recorded after that seq, on the engine's thread. Returns the undo."""

    def notices(self, notice: Notice) -> Callable[[], None]:
        """Call `notice` with the definition's diagnostics whenever a reload found any (empty: all well again)."""

    def request(self, request: Request) -> Future[Answer]:
        """Ask for something; the future never raises, refusals are answers."""

    def plan(self, *, forced: tuple[str, ...] = ()) -> Future[list[PlannedAction]]:
        """What a run would do now, action by action, with the reasons."""

    def log(self, action_execution_id: str, build: str = "") -> Path:
        """The action's log file, or that of one build of its batch: it may not exist yet."""

    def workspace(self, action_execution_id: str, build: str = "") -> Path:
        """The folder the action, or one build of its batch, ran in: it may not exist any more."""

    def shell(self, action_execution_id: str, build: str = "") -> tuple[list[str], Path, dict[str, str]]:
        """argv, directory and whole environment of a shell where that action, or one build of its batch, ran.

        Raises `LookupError`.
        """

    def files(self, tree: str) -> Future[list[tuple[str, int, str]]]:
        """An artifact's files: path, size in bytes, kind (file, exec, link)."""

    def content(self, tree: str, path: str) -> Future[bytes]:
        """One file of an artifact, whole. The future raises where it is not kept any more."""

    def settings(self) -> Future[tuple[Setting, ...]]:
        """Everything that is in force, and where it comes from."""

    def sources(self) -> Future[tuple[SourceView, ...]]:
        """The source actions as they are now. The future raises where that cannot be said."""

    def needs(self) -> Future[tuple[Need, ...]]:
        """The parameters and secrets that builds ask for, and where each comes from, as far as can be known now."""

    def consult(self, question: Callable[[Store], T]) -> Future[T]:
        """Ask something of the store, in a thread: `engine.evidence` has such questions."""

    def export(self, tree: str, destination: Path) -> Future[Path]:
        """Write an artifact as a zip, or into a folder where `destination` is one."""
