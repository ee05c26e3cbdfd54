"""An engine that only tells the story it was given; requests are answered by the real rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from engine.artifacts.store import Store as ContentStore
from engine.execution.answer import answer
from engine.execution.events import Recorded
from engine.execution.explain import PlannedAction
from engine.execution.fold import replay
from engine.execution.requests import Answer, Request
from engine.execution.state import PipelineState
from engine.link import Listener, Notice
from engine.model.diagnostics import Diagnostic
from engine.model.project import ProjectFile
from engine.overview.settings import Given, Setting, in_force
from engine.overview.sources import SourceView
from engine.providers.codebuild.needs import Need
from tests.tui.script import Script

T = TypeVar("T")


class FakeLink:
    """Implements `engine.link.Link` over a `Script`."""

    def __init__(self, script: Script, root: Path) -> None:
        self.script = script
        self.root = root
        self.store = ContentStore(root / "store")
        self.views: tuple[SourceView, ...] = ()
        self.wanted: tuple[Need, ...] = ()
        self.requests: list[Request] = []
        self.exports: list[tuple[str, Path]] = []
        self.contents: dict[tuple[str, str], bytes] = {}
        self._listeners: list[Listener] = []
        self._notices: list[Notice] = []
        self._ids = (f"new-{number}" for number in itertools.count(1))

    @property
    def directory(self) -> Path:
        return self.root

    @property
    def definition(self) -> Path:
        return self.root / "pipeline.yaml"

    @property
    def project(self) -> ProjectFile:
        return ProjectFile()

    remains = False
    watches = True

    def state(self) -> PipelineState:
        return replay(self.script.declaration.name, self.script.recorded)

    def subscribe(self, listener: Listener, *, after: int) -> Callable[[], None]:
        self._listeners.append(listener)
        missed = [recorded for recorded in self.script.recorded if recorded.seq > after]
        if missed:
            listener(missed)
        return lambda: self._listeners.remove(listener)

    def notices(self, notice: Notice) -> Callable[[], None]:
        self._notices.append(notice)
        return lambda: self._notices.remove(notice)

    def request(self, request: Request) -> Future[Answer]:
        self.requests.append(request)
        reply, events = answer(self.state(), request, lambda: next(self._ids))
        self.play(lambda script: [script.add(event) for event in events])
        return _finished(reply)

    def plan(self, *, forced: tuple[str, ...] = ()) -> Future[list[PlannedAction]]:
        return _finished([])

    def log(self, action_execution_id: str, build: str = "") -> Path:
        return self.root / "logs" / f"{action_execution_id}{'.' + build if build else ''}.log"

    def workspace(self, action_execution_id: str, build: str = "") -> Path:
        return self.root / "work" / action_execution_id / build

    def shell(self, action_execution_id: str, build: str = "") -> tuple[list[str], Path, dict[str, str]]:
        if not self.workspace(action_execution_id, build).is_dir():
            raise LookupError("the workspace is gone")
        return ["sh", "-i"], self.workspace(action_execution_id, build), {"PATH": "/bin"}

    def files(self, tree: str) -> Future[list[tuple[str, int, str]]]:
        return _finished([("index.html", 2_048, "file"), ("assets/app.js", 91_532, "file"), ("bin/serve", 812, "exec")])

    def content(self, tree: str, path: str) -> Future[bytes]:
        return _finished(self.contents[tree, path])

    def settings(self) -> Future[tuple[Setting, ...]]:
        return _finished(
            in_force(self.project, self.root, Given(values={"pipeline name": self.script.declaration.name}))
        )

    def sources(self) -> Future[tuple[SourceView, ...]]:
        return _finished(self.views)

    def needs(self) -> Future[tuple[Need, ...]]:
        return _finished(self.wanted)

    def consult(self, question: Callable[[ContentStore], T]) -> Future[T]:
        found: Future[T] = Future()
        try:
            found.set_result(question(self.store))
        except (OSError, ValueError) as error:  # the artifacts of a story are made up
            found.set_exception(error)
        return found

    def export(self, tree: str, destination: Path) -> Future[Path]:
        self.exports.append((tree, destination))
        return _finished(destination)

    # -- what a test does -----------------------------------------------------------------------------------------

    def play(self, write: Callable[[Script], object]) -> None:
        """Let more happen, and tell whoever listens."""
        known = len(self.script.recorded)
        write(self.script)
        batch: list[Recorded] = self.script.recorded[known:]
        for listener in list(self._listeners):
            if batch:
                listener(batch)

    def diagnose(self, *diagnostics: Diagnostic) -> None:
        """A reload found these."""
        for notice in self._notices:
            notice(list(diagnostics))


def _finished(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future
