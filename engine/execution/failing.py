"""What follows the failure of a stage: an automatic retry, a rollback, or the end of the execution."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution import retry, rollback
from engine.execution.conditions import evaluate, holds, told
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.execution.world import World
from engine.model.pipeline import RetryMode, StageDeclaration
from engine.model.status import ActionStatus, ExecutionStatus


def failed(
    state: PipelineState, world: World, execution: Execution, declared: StageDeclaration, stage: StageExecution
) -> list[ev.Event]:
    """A failed stage keeps its lock until the siblings of the failed action are done and its conditions are known."""
    if live := [action for ids in stage.actions.values() if (action := state.actions[ids[-1]]).live]:
        return _cut_short(live) if execution.on_failure == "stop" else []
    if _is_being_judged(execution, declared, stage):
        return evaluate(state, world, execution, declared, stage, "ON_FAILURE")
    match _engages(execution, declared, stage):
        case "RETRY" if again := retry.automatic(state, execution, stage, _retry_mode(declared)):
            return again
        case "ROLLBACK" if started := rollback.automatic(state, execution, stage.name, world.new_id):
            return _rolled_back(state, execution, stage, started)
        case _:
            return [*_released(execution, stage), _ended(execution, stage)]


def _cut_short(live: list[ActionExecution]) -> list[ev.Event]:
    """Nobody waits for what still runs beside a failed action."""
    why = "another action failed (on-failure: stop)"
    return [
        ev.ActionCancelling(action.id, why)
        if action.running
        else ev.ActionEnded(action.id, ActionStatus.ABANDONED, summary=f"not started: {why}")
        for action in live
        if action.step != "cancelling"
    ]


def _has_begun(stage: StageExecution) -> bool:
    """Whether any action's turn had come: a stage that was not let in has nothing to retry or to roll back."""
    entry = stage.condition("BEFORE_ENTRY")
    return entry is None or entry.passed


def _retries_at_once(declared: StageDeclaration, stage: StageExecution) -> bool:
    result = declared.onFailure.result if declared.onFailure else None
    return result == "RETRY" and stage.auto_retries < retry.AUTOMATIC


def _is_being_judged(execution: Execution, declared: StageDeclaration, stage: StageExecution) -> bool:
    if not _has_begun(stage) or _retries_at_once(declared, stage) or _success_was_refused(stage):
        return False
    return holds(execution, declared, stage, "ON_FAILURE") is None


def _success_was_refused(stage: StageExecution) -> bool:
    """Whether the stage's own onSuccess asks for a rollback."""
    found = stage.condition("ON_SUCCESS")
    return found is not None and not found.passed and found.result == "ROLLBACK"


def _engages(execution: Execution, declared: StageDeclaration, stage: StageExecution) -> str:
    """The result that is due: of the condition that failed the stage, else of onFailure."""
    if not _has_begun(stage):
        return ""
    if _success_was_refused(stage):
        return "ROLLBACK"
    if declared.onFailure is None:
        return ""
    if _retries_at_once(declared, stage):
        return "RETRY"
    judged = stage.condition("ON_FAILURE")
    if judged is not None:
        return judged.result if judged.passed else ""
    return declared.onFailure.result or ""


def _retry_mode(declared: StageDeclaration) -> RetryMode | None:
    configuration = declared.onFailure.retryConfiguration if declared.onFailure else None
    return configuration.retryMode if configuration else None


def _released(execution: Execution, stage: StageExecution) -> list[ev.Event]:
    return [ev.StageReleased(execution.id, stage.name)] if stage.holds_lock else []


def _ended(execution: Execution, stage: StageExecution, more: str = "") -> ev.ExecutionEnded:
    conditions = (stage.condition("BEFORE_ENTRY"), stage.condition("ON_SUCCESS"))
    refused = next((found for found in conditions if found and not found.passed), None)
    why = f": {told(refused)}" if refused else ""
    return ev.ExecutionEnded(execution.id, ExecutionStatus.FAILED, f"stage {stage.name} failed{why}{more}")


def _rolled_back(
    state: PipelineState, execution: Execution, stage: StageExecution, started: ev.ExecutionStarted
) -> list[ev.Event]:
    """The rollback takes the lock over, before anybody who waits in front of the stage."""
    target = state.executions[started.rollback_target]
    return [
        *_released(execution, stage),
        _ended(execution, stage, f"; rolled back to #{target.number}"),
        started,
        ev.StageEntered(started.execution_id, stage.name),
    ]
