"""Looking at what happened: the journal read without a lock, beside a greenroom that may be running."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.problem import Problem, unknown
from tui.cli.settings import Settings

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.journal.journal import Journal
    from engine.journal.lock import Owner
    from engine.model.pipeline import PipelineDeclaration


@dataclass(slots=True)
class Look:
    """One pipeline's past and present. `refresh` folds in what was recorded since."""

    directory: Path
    pipeline: str
    journal: Journal
    state: PipelineState = field(init=False)

    def __post_init__(self) -> None:
        self._load(whole=False)

    def _load(self, *, whole: bool) -> None:
        from engine.history import load_state

        self.state = load_state(self.journal, self.directory, self.pipeline, whole=whole)

    def refresh(self) -> bool:
        """Whether anything was recorded since."""
        from engine.execution.fold import apply
        from engine.history import recorded

        before = self.state.seq
        for row in self.journal.read(self.pipeline, after=before):
            apply(self.state, recorded(row))
        return self.state.seq != before

    def runs(self, limit: int) -> list[Execution]:
        """The newest runs first, that many; old ones are fetched where they are asked for."""
        if len(self.state.executions) < limit:
            self._load(whole=True)
        return list(reversed(self.state.executions.values()))[:limit]

    @property
    def owner(self) -> Owner | None:
        """The greenroom that runs here."""
        from engine.journal.lock import owner

        return owner(self.directory)

    @property
    def declaration(self) -> PipelineDeclaration:
        """The definition that was last in force. Raises `Problem` where nothing ever ran."""
        if not self.state.version:
            raise nothing_yet()
        return self.state.definition

    def execution(self, reference: str) -> Execution:
        """The run of that number, or the latest. Raises `Problem`."""
        found = self.state.find(reference)
        if found is None and reference:
            self._load(whole=True)
            found = self.state.find(reference)
        if found is not None:
            return found
        if not self.state.executions:
            raise nothing_yet()
        raise unknown("run", reference, [f"#{e.number}" for e in self.state.executions.values()][-10:])

    def log(self, action: ActionExecution, build: str = "") -> Path:
        """The log of that action execution, or of the one whose result it is; or of one build of its batch."""
        from engine.places import place_of_log

        return place_of_log(self.state, self.directory, action, build)


def nothing_yet() -> Problem:
    """There is no run to look at."""
    return Problem("nothing has run here yet", "Start with: greenroom run")


def state_directory(chosen: Settings) -> Path:
    """Where greenroom keeps everything of the project here."""
    from engine.opening import STATE

    return chosen.directory.resolve() / STATE


def look(chosen: Settings) -> Look:
    """The pipeline that is meant. The definition is read only where the journal leaves a choice."""
    from engine.journal.journal import Journal

    directory = state_directory(chosen)
    journal = Journal(directory, readonly=True)
    known = journal.pipelines()
    if chosen.pipeline is not None and chosen.pipeline in known:
        return Look(directory, chosen.pipeline, journal)
    if len(known) == 1 and chosen.pipeline is None and chosen.file is None:
        return Look(directory, known[0], journal)
    from tui.cli.definitions import the_pipeline

    return Look(directory, the_pipeline(chosen).declaration.name, journal)
