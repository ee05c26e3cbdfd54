"""Inbound transitions: a stage that lets nothing in until further notice.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DisableStageTransition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.refusal import Refused, Reply, check_stage
from engine.execution.state import PipelineState

BY = "the definition"
"""Who disabled what a template or greenroom.yaml lists."""

REASON = r"[a-zA-Z0-9!@ \(\)\.\*\?\-]+"
LONGEST = 300


def disable(state: PipelineState, request: rq.DisableTransition) -> Reply:
    """What is inside goes on; what comes waits in front."""
    check_stage(state.definition, request.stage)
    _check_reason(request.reason)
    event = ev.TransitionDisabled(request.stage, request.reason, request.by)
    return rq.Answer(True, f"nothing enters {request.stage} until its transition is enabled"), [event]


def enable(state: PipelineState, request: rq.EnableTransition) -> Reply:
    """Whoever waits in front may enter, if only a parallel execution of an older definition."""
    if request.stage not in state.transitions:
        check_stage(state.definition, request.stage)
    if state.disabled(request.stage) is None:
        return rq.Answer(True, f"the transition into {request.stage} is enabled already"), []
    return rq.Answer(True, f"enabled the transition into {request.stage}"), [
        ev.TransitionEnabled(request.stage, request.by)
    ]


def declared(state: PipelineState, wanted: Mapping[str, str]) -> list[ev.Event]:
    """What the definition's own list of disabled transitions changes. What people have set since stays as it is."""
    stages = {stage.name for stage in state.definition.stages} if state.definition else set()
    disabled: list[ev.Event] = [
        ev.TransitionDisabled(stage, reason, BY)
        for stage, reason in wanted.items()
        if stage in stages and stage not in state.transitions
    ]
    lifted: list[ev.Event] = [
        ev.TransitionEnabled(stage, BY)
        for stage, found in state.transitions.items()
        if not found.enabled and found.by == BY and stage not in wanted
    ]
    return disabled + lifted


def _check_reason(reason: str) -> None:
    broken = ""
    if not reason:
        broken = "Member must have length greater than or equal to 1"
    elif len(reason) > LONGEST:
        broken = f"Member must have length less than or equal to {LONGEST}"
    elif not re.fullmatch(REASON, reason):
        broken = f"Member must satisfy regular expression pattern: {REASON}"
    if broken:
        shown = f"1 validation error detected: Value '{reason}' at 'reason' failed to satisfy constraint: {broken}"
        raise Refused("ValidationException", shown)
