"""The public form of conditions, their rules, transitions and alarms (see `tui.cli.reports.public`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.execution.gates import (
        AlarmSet,
        ConditionEnded,
        ConditionOverridden,
        ConditionStarted,
        TransitionDisabled,
        TransitionEnabled,
    )
    from engine.execution.state import ActionExecution, PipelineState

Body = dict[str, object]
_SLOTS = {"BEFORE_ENTRY": "beforeEntry", "ON_SUCCESS": "onSuccess", "ON_FAILURE": "onFailure"}


def of_condition(state: PipelineState, event: ConditionStarted | ConditionEnded | ConditionOverridden) -> Body:
    """A condition began, came to something, or was overridden."""
    number = state.executions[event.execution_id].number
    head = {"execution": number, "stage": event.stage, "condition": _SLOTS[event.condition]}
    match event.type:
        case "ConditionStarted":
            return {"event": "condition-started", **head, "result": event.result}
        case "ConditionEnded":
            return {"event": "condition-ended", **head, "status": str(event.status), "summary": event.summary}
        case _:
            return {"event": "condition-overridden", **head, "by": event.by}


def of_rule(state: PipelineState, kind: str, rule: ActionExecution, log: Callable[[str, str], Path]) -> list[Body]:
    """A rule runs, or has ended; its progress is told by its log only."""
    head: Body = {
        "execution": state.executions[rule.execution_id].number,
        "stage": rule.stage,
        "condition": _SLOTS[rule.condition],
        "rule": rule.action.partition(":")[2],
        "attempt": rule.attempt,
        "id": rule.id,
    }
    runs_something = rule.kind == "rule" and bool(rule.started_at)
    place = str(log(rule.id, "")) if runs_something else None
    if kind == "ActionStarted":
        configuration = dict(rule.prepared.configuration) if rule.prepared else {}
        return [{"event": "rule-started", **head, "configuration": configuration, "log": place}]
    if kind != "ActionEnded":
        return []
    failure = rule.failure
    told = {"type": failure.type, "message": failure.message, "hint": failure.hint} if failure else None
    ended = {"status": str(rule.status), "seconds": round(rule.seconds, 3), "summary": rule.summary}
    return [{"event": "rule-ended", **head, **ended, "failure": told, "log": place}]


def of_gate(event: TransitionDisabled | TransitionEnabled | AlarmSet) -> Body:
    """A transition was disabled or enabled, an alarm was set."""
    match event.type:
        case "TransitionDisabled":
            return {"event": "transition-disabled", "stage": event.stage, "reason": event.reason, "by": event.by}
        case "TransitionEnabled":
            return {"event": "transition-enabled", "stage": event.stage, "by": event.by}
        case _:
            return {
                "event": "alarm-set",
                "alarm": event.name,
                "state": event.state,
                "reason": event.reason,
                "by": event.by,
            }
