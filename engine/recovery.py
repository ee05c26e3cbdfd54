"""After a crash: what was in flight is abandoned, truthfully, and its processes are ended."""

from __future__ import annotations

import time

from engine.engine import recorded
from engine.execution.abandon import settle_abandoned
from engine.execution.codec import encode
from engine.execution.fold import apply
from engine.execution.state import ActionExecution, PipelineState
from engine.journal.journal import Journal
from engine.journal.processes import end_group, end_marked


def marker(action_execution_id: str) -> str:
    """The environment entry that every process of an action carries."""
    return f"GREENROOM_ACTION={action_execution_id}"


def recover(journal: Journal) -> list[ActionExecution]:
    """Bring every pipeline of a journal to rest. Needs the lock. Returns the actions that were in flight."""
    found: list[ActionExecution] = []
    for pipeline in journal.pipelines():
        state = PipelineState(pipeline)
        for row in journal.read(pipeline):
            apply(state, recorded(row))
        left = [action for action in state.actions.values() if action.live]
        for action in left:
            end_processes(action)
        events = settle_abandoned(state)
        if events:
            journal.append(pipeline, time.time(), [(event.type, encode(event)) for event in events])
        found += left
    return found


def end_processes(action: ActionExecution) -> None:
    """End what a crashed greenroom left running for an action: only processes that are really its own."""
    for pid, birth in action.processes.items():
        end_group(pid, birth, marker=marker(action.id))
    end_marked(marker(action.id))
