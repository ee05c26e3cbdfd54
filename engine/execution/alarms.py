"""Local CloudWatch alarms: greenroom.yaml says how each begins, people and scripts set them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution import events as ev
from engine.execution.state import PipelineState


def initial_alarms(state: PipelineState, said: Mapping[str, ev.AlarmState]) -> list[ev.Event]:
    """What is new in greenroom.yaml: what it said before does not undo what somebody has set since."""
    return [
        ev.AlarmSet(name, alarm, "greenroom.yaml", initial=True)
        for name, alarm in said.items()
        if name not in state.alarms or state.alarms[name].initial != alarm
    ]
