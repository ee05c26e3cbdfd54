"""What is due for one action whatever else happens: a person's answer, or the end of its time."""

from __future__ import annotations

from collections.abc import Iterator

from engine.execution import events as ev
from engine.execution.state import ActionExecution
from engine.model.outcome import Failure
from engine.model.status import ActionStatus


def due(now: float, action: ActionExecution) -> Iterator[ev.Event]:
    """Approvals that were decided, and whatever ran out of time."""
    if action.kind == "approval" and action.step == "running" and action.decision:
        yield _approval_ended(action.id, action.decision)
    elif action.step == "running" and _overdue(now, action):
        yield ev.ActionCancelling(action.id, "timed out", _timeout(action))


def _overdue(now: float, action: ActionExecution) -> bool:
    deadline = action.prepared.deadline if action.prepared else 0.0
    return bool(deadline) and now - action.started_at >= deadline


def _approval_ended(identity: str, decision: ev.ApprovalDecided) -> ev.ActionEnded:
    who = f" by {decision.by}" if decision.by else ""
    if decision.approved:
        return ev.ActionEnded(identity, ActionStatus.SUCCEEDED, summary=decision.summary or f"Approved{who}")
    failure = Failure("Rejected", f"Rejected{who}" + (f": {decision.summary}" if decision.summary else ""))
    return ev.ActionEnded(identity, ActionStatus.FAILED, failure=failure, summary=decision.summary)


def _timeout(action: ActionExecution) -> Failure:
    minutes = (action.prepared.deadline if action.prepared else 0) / 60
    what = "nobody answered" if action.kind == "approval" else "it ran longer than allowed"
    return Failure("Timeout", f"{action.action} timed out after {minutes:g} minutes: {what}")
