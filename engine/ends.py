"""How an action ended, as the event that says so."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.state import ActionExecution
from engine.execution.variables import LONGEST_OUTPUTS, size
from engine.model.outcome import Failure
from engine.model.status import ActionStatus
from engine.providers.contract import Outcome


def ended(identity: str, outcome: Outcome) -> ev.ActionEnded:
    """What a provider says became of its job. A job that says too much of itself has failed."""
    if (length := size(outcome.variables)) > LONGEST_OUTPUTS:
        message = f"the output variables have {length} bytes; AWS takes {LONGEST_OUTPUTS} at most"
        failure = Failure(
            "JobFailed", f"OutputVariablesSizeExceededException: {message}", "export less, or an artifact"
        )
        return ev.ActionEnded(identity, ActionStatus.FAILED, failure=failure, external_id=outcome.external_id)
    return ev.ActionEnded(
        identity,
        outcome.status,
        outcome.outputs,
        outcome.variables,
        outcome.failure,
        outcome.summary,
        outcome.external_id,
        outcome.tainted,
        outcome.reports,
        outcome.stopped_at,
        outcome.observed,
        outcome.phases,
    )


def cancelled(action: ActionExecution) -> ev.ActionEnded:
    """The end of an action that was told to end: failed where there is a failure to tell, else abandoned."""
    order = action.cancelling
    if order and order.failure:
        return ev.ActionEnded(action.id, ActionStatus.FAILED, failure=order.failure, summary=order.reason)
    return ev.ActionEnded(action.id, ActionStatus.ABANDONED, summary=order.reason if order else "stopped")


def defect(error: Exception) -> Failure:
    """A defect of greenroom or a plugin, told as a failure: the pipeline goes on, nobody meets a traceback."""
    hint = "this is a defect of greenroom; please report it"
    if isinstance(error, OSError):  # a full disk, a file that is not ours to read
        hint = "the system refused this; mend it, then retry"
    return Failure("InternalError", f"{type(error).__name__}: {error}", hint)
