"""After a crash: what was in flight is abandoned, truthfully, and its processes are ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from engine.execution.abandon import settle_abandoned
from engine.execution.codec import encode
from engine.execution.events import Event, ResultsEvicted
from engine.execution.fold import apply
from engine.execution.neighbours import overtaken
from engine.execution.state import ActionExecution, PipelineState
from engine.history import load_state, recorded
from engine.journal.journal import Journal
from engine.journal.processes import end_group, end_marked
from engine.model.member import build_uuid


def marker(action_execution_id: str) -> str:
    """The environment entry that every process of an action carries."""
    return f"GREENROOM_ACTION={action_execution_id}"


@dataclass(frozen=True, slots=True)
class Recovered:
    """Where a new start begins: every pipeline's state at rest, and the actions that had been in flight."""

    states: dict[str, PipelineState]
    abandoned: list[ActionExecution]


def recover(journal: Journal, state_dir: Path) -> Recovered:
    """Bring every pipeline of a journal to rest; none may rely on what another one has overwritten. Needs the lock."""
    remove_containers(state_dir)
    forget_secrets(state_dir)
    found = Recovered({}, [])
    for pipeline in journal.pipelines():
        state = load_state(journal, state_dir, pipeline)
        found.states[pipeline] = state
        left = state.live()
        for action in left:
            end_processes(action)
        _record(journal, state, settle_abandoned(state))
        found.abandoned.extend(left)
    for name, state in found.states.items():
        if gone := overtaken(state, (other for other in found.states.values() if other.name != name)):
            _record(journal, state, [ResultsEvicted(tuple(gone))])
    return found


def _record(journal: Journal, state: PipelineState, events: list[Event]) -> None:
    if events:
        rows = journal.append(state.name, time.time(), [(event.type, encode(event)) for event in events])
        for row in rows:
            apply(state, recorded(row))


def remove_containers(state_dir: Path) -> tuple[int, list[str]]:
    """Remove the containers that a greenroom left behind: how many there were, and what stood in the way of others.

    Where nothing is written down, Docker is not even looked for.
    """
    folder = state_dir / "containers"
    if not folder.is_dir() or not any(folder.iterdir()):
        return 0, []
    from engine.runners.docker.ledger import reap

    return reap(state_dir)


def forget_secrets(state_dir: Path) -> None:
    """Nothing of a build's secrets and logins stays in memory where a kill ended it. Needs that nothing runs there."""
    for workspace in (*state_dir.glob("work/*/*/*"), *state_dir.glob("work/*/*/*/builds/*")):
        if (workspace / "tmp").is_dir():
            forget_secrets_of(workspace)


def forget_secrets_of(workspace: Path) -> None:
    """The same of one workspace."""
    from engine.providers.codebuild.docker_config import DockerConfig
    from engine.providers.codebuild.layout import Layout
    from engine.runners.shell import forget

    forget(Layout(workspace).scratch)
    DockerConfig(workspace).forget()


def end_processes(action: ActionExecution) -> None:
    """End what a crashed greenroom left running for an action: only processes that are really its own."""
    for pid, birth in action.processes.items():
        end_group(pid, birth, marker=marker(action.id))
    end_marked(marker(action.id))
    for build in action.builds.values():
        if build.running:
            end_marked(marker(build_uuid(action.id, build.identifier)))
