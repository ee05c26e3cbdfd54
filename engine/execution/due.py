"""What is due for one action whatever else happens: a person's answer, a check's verdict, or the end of its time."""

from __future__ import annotations

from collections.abc import Iterator

from engine.execution import checks
from engine.execution import events as ev
from engine.execution.state import ActionExecution, PipelineState
from engine.model.outcome import Failure
from engine.model.status import ActionStatus

TIMED_OUT = "timed out"
"""Why an action is ended whose time is over; what runs it is cancelled with these words."""


def due(state: PipelineState, now: float, action: ActionExecution) -> Iterator[ev.Event]:
    """Approvals that were decided, checks that can be judged, and whatever ran out of time."""
    if action.step != "running":
        return
    if action.kind == "approval" and action.decision:
        yield _approval_ended(action.id, action.decision)
    elif action.kind == "check" and (ended := checks.verdict(state, now, action)):
        yield ended
    elif action.paused is None and _overdue(now, action):
        yield ev.ActionCancelling(action.id, TIMED_OUT, _timeout(action))


def wakes_at(action: ActionExecution) -> Iterator[float]:
    """The moments at which the clock alone may make something due."""
    if action.step == "running" and action.prepared:
        if action.prepared.deadline and action.paused is None:
            yield action.started_at + action.rested + action.prepared.deadline
        if action.kind == "check" and (when := checks.wakes_at(action)) is not None:
            yield when


def _overdue(now: float, action: ActionExecution) -> bool:
    deadline = action.prepared.deadline if action.prepared else 0.0
    return bool(deadline) and now - action.started_at - action.rested >= deadline


def _approval_ended(identity: str, decision: ev.ApprovalDecided) -> ev.ActionEnded:
    who = f" by {decision.by}" if decision.by else ""
    if decision.approved:
        return ev.ActionEnded(identity, ActionStatus.SUCCEEDED, summary=decision.summary or f"Approved{who}")
    failure = Failure("Rejected", f"Rejected{who}" + (f": {decision.summary}" if decision.summary else ""))
    return ev.ActionEnded(identity, ActionStatus.FAILED, failure=failure, summary=decision.summary)


def _timeout(action: ActionExecution) -> Failure:
    minutes = (action.prepared.deadline if action.prepared else 0) / 60
    what = {"approval": "nobody answered", "check": "it did not come true"}.get(
        action.kind, "it ran longer than allowed"
    )
    return Failure("Timeout", f"{action.action} timed out after {minutes:g} minutes: {what}")
