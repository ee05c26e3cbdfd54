from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from engine.model.diagnostics import Diagnostic
from tests.artifacts.conftest import git, git_init
from tests.artifacts.conftest import own_git as own_git
from tests.engine.place import PATIENCE, Place, Stage, action, commands


class Repository(Place):
    """A project in a git repository: a connection as source, one build that shows a.txt."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        git_init(directory)

    def pipeline(self, *triggers: dict[str, Any], **configuration: str) -> None:
        """Write the definition, with these git configurations."""
        source = action("Source:Src > S", configuration={"BranchName": "main", **configuration})
        source["actionTypeId"] = {
            "category": "Source",
            "owner": "AWS",
            "provider": "CodeStarSourceConnection",
            "version": "1",
        }
        source["configuration"] |= {"ConnectionArn": CONNECTION, "FullRepositoryId": "me/shop"}  # type: ignore[operator]
        declared = [
            {"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Src", **trigger}}
            for trigger in triggers
        ]
        self.define(
            ("Source", [source]),
            ("Build", [commands("Compute:Show S", "cat a.txt")]),
            **({"triggers": declared} if declared else {}),
        )

    def commit(self, message: str = "a commit", **files: str) -> str:
        """Write files and commit everything. The commit's id."""
        self.write(**files)
        self.git("add", ".")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        """A git command here."""
        return git(self.directory, *arguments)


CONNECTION = "arn:aws:codeconnections:us-east-1:111111111111:connection/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    place = Repository(tmp_path / "project")
    place.pipeline()
    (place.directory / ".gitignore").write_text(".greenroom/\n")
    place.commit("first", a_txt="one\n")
    return place


class Told:
    """The diagnostics that a session tells."""

    def __init__(self, stage: Stage) -> None:
        self._queue: SimpleQueue[list[Diagnostic]] = SimpleQueue()
        stage.session.notices(self._queue.put)

    def next(self) -> str:
        """The messages of the next batch of them."""
        return "; ".join(found.message for found in self._queue.get(timeout=PATIENCE))
