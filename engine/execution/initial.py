"""How alarms and transitions begin: as greenroom.yaml or the template says, until somebody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution import events as ev
from engine.execution.state import PipelineState

FILE = "the definition"  # who did it


def initial_alarms(state: PipelineState, said: Mapping[str, ev.AlarmState]) -> list[ev.Event]:
    """What is new in the file: what it said before does not undo what somebody has set since."""
    return [
        ev.AlarmSet(name, alarm, by=FILE, initial=True)
        for name, alarm in said.items()
        if name not in state.alarms or state.alarms[name].initial != alarm
    ]


def initial_transitions(state: PipelineState, said: Mapping[str, str]) -> list[ev.Event]:
    """Stages that begin disabled, with the reason; a stage that the file does not name any more is enabled again."""
    found: list[ev.Event] = []
    for stage, reason in said.items():
        before = state.transitions.get(stage)
        if before is None or (before.enabled and before.by == FILE):
            found.append(ev.TransitionDisabled(stage, reason, FILE))
    for stage in state.transitions:
        closed = state.disabled(stage)
        if closed and closed.by == FILE and stage not in said:
            found.append(ev.TransitionEnabled(stage, FILE))
    return found
