"""Artifacts as zip files in a folder of the user's own, laid out as an artifact bucket is on AWS.

Off unless `artifact-store` in greenroom.yaml names the folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from engine.artifacts.store import Store
from engine.engine import Conductor
from engine.execution import events as ev
from engine.model.address import artifact_key
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.status import ActionStatus

FAILED = "GR011"


class Handout:
    """Listens for outputs and writes them, in threads. `tell` gets what could not be written."""

    def __init__(self, conductor: Conductor, store: Store, tell: Callable[[Diagnostic], None]) -> None:
        self._conductor = conductor
        self._store = store
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, news: list[ev.Recorded]) -> None:
        """A listener: some actions have made something."""
        opened = self._conductor.opened
        if opened.project.artifact_store is None:
            return
        folder = opened.directory / Path(opened.project.artifact_store).expanduser()
        for item in news:
            if isinstance(item.event, ev.ActionEnded | ev.ActionReused):  # the folder may be newer than what is reused
                action = self._conductor.state.actions[item.event.action_execution_id]
                for name, tree in action.outputs.items() if action.status is ActionStatus.SUCCEEDED else ():
                    self._start(folder / artifact_key(_folder(item.pipeline), name, tree), tree)

    def _start(self, file: Path, tree: str) -> None:
        task = asyncio.get_running_loop().create_task(self._write(file, tree))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, file: Path, tree: str) -> None:
        try:
            await asyncio.to_thread(_written, self._store, tree, file)
        except (OSError, KeyError) as error:
            message = f"the artifact store did not get {file}: {error}"
            self._tell(Diagnostic(FAILED, message, "mend `artifact-store` in greenroom.yaml", Severity.WARNING))

    async def finish(self) -> None:
        """Wait until everything is written."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _folder(pipeline: str) -> str:
    """The pipeline's name as that of a folder: two of the names that AWS allows lead elsewhere."""
    return "_" * len(pipeline) if pipeline in (".", "..") else pipeline


def _written(store: Store, tree: str, file: Path) -> None:
    """Write one artifact, unless the same content is there by that name."""
    from engine.artifacts.archive import export_zip  # most people want no zip files

    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        export_zip(store, tree, file)
