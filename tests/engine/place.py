"""A project directory with a pipeline that really runs, and a session on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.fold import apply
from engine.execution.state import ActionExecution, PipelineState
from engine.session import Opened, Options, Session, open_project
from tests.execution.pipelines import action

PATIENCE = 60.0  # seconds until a test that waits for something gives up


def commands(text: str, *lines: str, **more: object) -> dict[str, object]:
    """A Commands action (see `tests.execution.pipelines.action`) that runs these lines."""
    made = action(text, commands=list(lines), **more)
    for output in made["outputArtifacts"]:  # type: ignore[attr-defined]
        output.setdefault("files", ["**/*"])
    return made


class Place:
    """A directory to be a project."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, **files: str) -> None:
        """Files by name; ``a__b`` stands for ``a/b`` and ``_txt`` at the end for ``.txt``."""
        for name, text in files.items():
            path = self.directory / (name.replace("__", "/").replace("_txt", ".txt"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def define(
        self,
        *stages: tuple[str, list[dict[str, object]]],
        gates: dict[str, dict[str, object]] | None = None,
        **more: object,
    ) -> None:
        """Write pipeline.json with these stages, and the conditions of some of them."""
        for found in (found for _, actions in stages for found in actions):
            if found["actionTypeId"]["category"] == "Source":  # type: ignore[index]
                found.setdefault("configuration", {"RepositoryName": "demo", "BranchName": "main"})
        body = [{"name": name, "actions": actions, **(gates or {}).get(name, {})} for name, actions in stages]
        definition = {"name": "demo", "pipelineType": "V2", "stages": body, **more}
        (self.directory / "pipeline.json").write_text(json.dumps({"pipeline": definition}))

    def project(self, text: str) -> None:
        """Write greenroom.yaml."""
        (self.directory / "greenroom.yaml").write_text(text)

    def open(self, **options: object) -> Opened:
        return open_project(Options(directory=self.directory, **options))  # type: ignore[arg-type]

    @contextmanager
    def session(self, **options: object) -> Iterator[Stage]:
        session = Session.start(self.open(**options), command="test")
        stage = Stage(session)
        try:
            yield stage
        finally:
            session.close()


class Stage:
    """A session that is followed: `until` waits for what the journal tells."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.state: PipelineState = session.state()
        self.started: list[str] = []
        self.news: list[ev.Recorded] = []
        self._news = threading.Condition()
        session.subscribe(self._hear, after=self.state.seq)

    def _hear(self, news: list[ev.Recorded]) -> None:
        with self._news:
            for item in news:
                self.news.append(item)
                apply(self.state, item)
                if isinstance(item.event, ev.ActionStarted):
                    found = self.state.actions[item.event.action_execution_id]
                    self.started.append(f"{found.stage}/{found.action}")
            self._news.notify_all()

    def until(self, holds: Callable[[PipelineState], object]) -> PipelineState:
        """Wait until something holds of the state."""
        with self._news:
            if not self._news.wait_for(lambda: holds(self.state), PATIENCE):
                last = [(e.number, e.status, e.summary) for e in self.state.executions.values()]
                raise AssertionError(f"never came true; executions {last}; started {self.started}")
            return self.state

    def ask(self, request: rq.Request) -> rq.Answer:
        return self.session.request(request).result(PATIENCE)

    def run(self, **start: object) -> list[str]:
        """Start a run, wait for its end. What was started for it."""
        before = len(self.started)
        given = self.ask(rq.Start(**start))  # type: ignore[arg-type]
        assert given.ok, given
        self.until(lambda state: not state.executions[given.execution_id].active)
        return self.started[before:]

    def at(self, name: str) -> ActionExecution:
        """The latest execution's ``stage/action``."""
        stage, action_name = name.split("/")
        latest = self.state.latest
        assert latest is not None
        found = self.state.current(latest, stage, action_name)
        assert found is not None, f"{name} has not been reached"
        return found

    def log(self, name: str) -> str:
        return self.session.log(self.at(name).id).read_text(errors="replace")
