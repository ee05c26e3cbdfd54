"""A workshop for provider tests: a store, a job, a desk, and a run to the end."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.artifacts.store import Store
from engine.model.outcome import Revision
from engine.model.pipeline import ActionDeclaration
from engine.model.project import ActionSettings, ProjectFile
from engine.providers.codebuild.build import Means
from engine.providers.contract import Desk, Identity, Job, Outcome, Provider
from engine.providers.registry import find


class Clock:
    """Starts at noon and steps a second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        now = self.now
        self.now += timedelta(seconds=1)
        return now


@dataclass
class Kit:
    """Runs actions in a folder of its own."""

    folder: Path
    action_execution_id: str = field(default_factory=lambda: str(uuid.uuid4()))  # processes are found and ended by it
    phases: list[str] = field(default_factory=list)
    processes: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(self.folder / "state" / "store")
        self.log = self.folder / "log"
        self.workspace = self.folder / "work"
        self.source = self.workspace / "build" / "src"

    def tree(self, **files: str | bytes) -> str:
        return self.files(files)

    def files(self, files: Mapping[str, str | bytes]) -> str:
        return self.store.put_bytes({p: t.encode() if isinstance(t, str) else t for p, t in files.items()})

    def job(
        self,
        kind: str = "Build/AWS/CodeBuild",
        *,
        inputs: Mapping[str, str] | None = None,
        outputs: tuple[Any, ...] = (),
        configuration: Mapping[str, str] | None = None,
        project: ProjectFile | None = None,
        settings: ActionSettings | None = None,
        revisions: Mapping[str, Revision] | None = None,
        **declared: Any,
    ) -> Job:
        category, owner, provider = kind.split("/")
        if configuration is None:
            configuration = {"ProjectName": "web"} if provider == "CodeBuild" else {}
        action = ActionDeclaration.model_validate(
            {
                "name": "Make",
                "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
                "configuration": dict(configuration),
                "inputArtifacts": [{"name": name} for name in inputs or {}],
                "outputArtifacts": [{"name": out} if isinstance(out, str) else out for out in outputs],
                **declared,
            }
        )
        return Job(
            pipeline="shop",
            execution_id="e-1",
            execution_number=7,
            stage="Stage",
            action=action,
            action_execution_id=self.action_execution_id,
            attempt=1,
            configuration=dict(configuration),
            commands=action.commands or (),
            environment=action.environmentVariables or (),
            inputs=dict(inputs or {}),
            revisions=dict(revisions or {}),
            project=project or ProjectFile(),
            settings=settings or ActionSettings(),
            root=self.folder,
            state=self.folder / "state",
        )

    def desk(self, **changes: Any) -> Desk:
        desk = Desk(
            store=self.store,
            workspace=self.workspace,
            log=self.log,
            report=lambda summary, _: self.phases.append(summary),
            process=lambda pid, birth: self.processes.append((pid, birth)),
        )
        return dataclasses.replace(desk, **changes)

    def provider(self, job: Job) -> Provider:
        made = find(job.action.actionTypeId, job.settings)
        if hasattr(made, "_means"):
            return type(made)(made.spec, Means(Clock(), grace=0.2))  # type: ignore[call-arg]
        return made

    def identify(self, job: Job) -> Identity:
        return self.provider(job).identify(job, self.store)

    def run(self, job: Job, **desk: Any) -> Outcome:
        """Run from an empty log, as the engine does."""
        self.log.unlink(missing_ok=True)
        self.phases.clear()
        return asyncio.run(self.provider(job).run(job, self.desk(**desk)))

    def build(self, spec: str, *, files: Mapping[str, str | bytes] | None = None, **job: Any) -> Outcome:
        """Run a buildspec over some files."""
        tree = self.files({"buildspec.yml": spec, **(files or {})})
        return self.run(self.job(inputs={"Source": tree, **job.pop("inputs", {})}, **job))

    def commands(self, *commands: str, shell: str = "", **job: Any) -> Outcome:
        """Run a buildspec whose build phase has these commands."""
        spec = {"version": 0.2, "phases": {"build": {"commands": list(commands)}}}
        if shell:
            spec["env"] = {"shell": shell}
        return self.build(json.dumps(spec), **job)

    def contents(self, tree: str) -> dict[str, str]:
        """A tree's files as text."""
        return {e.path: self.store.read(tree, e.path).decode() for e in self.store.walk(tree)}

    def agent_lines(self) -> list[str]:
        """The log's lines of the agent, without their time."""
        return [line[39:] for line in self.text().splitlines() if line.startswith("[Container] ")]

    def output(self) -> list[str]:
        """What the commands wrote, empty lines left out, and the further lines of commands of several lines."""
        return [line for line in self.text().splitlines() if line and not line.startswith("[Container] ")]

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


def spec(**phases: object) -> str:
    """A buildspec with these phases."""
    return json.dumps({"version": 0.2, "phases": phases})


def artifacts(section: object, *commands: str) -> str:
    """A buildspec with commands and an artifacts section."""
    return json.dumps({"version": 0.2, "phases": {"build": {"commands": list(commands)}}, "artifacts": section})
