"""Hears every event, folds it, and protests at what AWS would never do.

Statuses and their transitions: codepipeline's PipelineExecution, StageExecution, ActionExecution and rule statuses, see
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Types.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.execution import events as ev
from engine.execution.fold import apply
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.status import ActionStatus, ConditionStatus, ExecutionStatus, StageStatus

EXECUTION = {
    None: {ExecutionStatus.IN_PROGRESS},
    ExecutionStatus.IN_PROGRESS: {
        ExecutionStatus.SUCCEEDED,
        ExecutionStatus.FAILED,
        ExecutionStatus.STOPPING,
        ExecutionStatus.SUPERSEDED,
        ExecutionStatus.CANCELLED,
        ExecutionStatus.STOPPED,  # after a crash
    },
    ExecutionStatus.STOPPING: {ExecutionStatus.STOPPED},
    ExecutionStatus.FAILED: {ExecutionStatus.IN_PROGRESS},
    ExecutionStatus.STOPPED: {ExecutionStatus.IN_PROGRESS},
}
STAGE = {
    None: {StageStatus.IN_PROGRESS},
    StageStatus.IN_PROGRESS: {
        StageStatus.SUCCEEDED,
        StageStatus.FAILED,
        StageStatus.STOPPING,
        StageStatus.CANCELLED,
        StageStatus.SKIPPED,
        StageStatus.STOPPED,  # after a crash
    },
    StageStatus.STOPPING: {StageStatus.STOPPED},
    StageStatus.FAILED: {StageStatus.IN_PROGRESS},
    StageStatus.STOPPED: {StageStatus.IN_PROGRESS},
}
CONDITION = {
    None: {ConditionStatus.IN_PROGRESS},
    ConditionStatus.IN_PROGRESS: set(ConditionStatus) - {ConditionStatus.IN_PROGRESS},
    ConditionStatus.FAILED: {ConditionStatus.OVERRIDDEN},
    ConditionStatus.ERRORED: {ConditionStatus.OVERRIDDEN},
    ConditionStatus.ABANDONED: {ConditionStatus.OVERRIDDEN},
}
ACTION = {None: {ActionStatus.IN_PROGRESS}, ActionStatus.IN_PROGRESS: set(ActionStatus) - {ActionStatus.IN_PROGRESS}}
PASSED = (ActionStatus.SUCCEEDED, ActionStatus.SKIPPED, ActionStatus.STUBBED)


class Witness:
    """A state of its own, and what it has seen."""

    def __init__(self, name: str) -> None:
        self.state = PipelineState(name)
        self._seen: dict[tuple[object, ...], object] = {}
        self._entered: dict[str, int] = {}

    def hear(self, recorded: ev.Recorded) -> None:
        """One more event."""
        self._before(recorded.event)
        apply(self.state, recorded)
        self._after(recorded.event)
        self._statuses()
        self._locks()

    # -- before it is folded ---------------------------------------------------------------------------------------

    def _before(self, event: ev.Event) -> None:
        match event:
            case ev.StageEntered():
                self._may_enter(self.state.executions[event.execution_id], event.stage)
            case ev.ActionScheduled() if not event.condition:
                self._was_let_in(self.state.executions[event.execution_id], event.stage)
            case ev.StageEnded(status=StageStatus.SUCCEEDED):
                self._is_complete(self.state.executions[event.execution_id], event.stage)
            case ev.ExecutionStarted(execution_type="ROLLBACK"):
                self._may_go_back(event)
            case ev.ActionPaused():
                action = self.state.actions[event.action_execution_id]
                assert action.busy and action.step == "running" and not action.condition
            case ev.ActionResumed():
                assert self.state.actions[event.action_execution_id].paused
            case ev.ActionCancelling():
                self._may_end(self.state.actions[event.action_execution_id])

    def _may_enter(self, execution: Execution, stage: str) -> None:
        """Only through an open transition, into a free stage, and in the order of the starts."""
        if execution.rollback_stage:
            assert stage == execution.rollback_stage
        else:
            assert not self.state.disabled(stage)
            assert execution.mode == "PARALLEL" or execution.number > self._entered.get(stage, 0)
            self._entered[stage] = max(execution.number, self._entered.get(stage, 0))
        assert execution.mode == "PARALLEL" or stage not in self.state.locks

    def _was_let_in(self, execution: Execution, stage: str) -> None:
        """No action's turn comes before its stage's entry condition has passed."""
        assert not execution.yields_to
        assert not execution.stop
        declared = self.state.declaration(execution).stage(stage)
        if declared.condition("BEFORE_ENTRY") and not execution.selected:
            found = execution.stages[stage].condition("BEFORE_ENTRY")
            assert found is not None
            assert found.passed

    def _is_complete(self, execution: Execution, stage: str) -> None:
        """No action is lost: every one has passed, and so has the condition on success."""
        declared = self.state.declaration(execution).stage(stage)
        found = execution.stages[stage]
        assert not found.rerun
        for action in declared.actions:
            current = self.state.current(execution, stage, action.name)
            assert current is not None
            assert current.status in PASSED
        if declared.condition("ON_SUCCESS") and not execution.selected:
            condition = found.condition("ON_SUCCESS")
            assert condition is not None
            assert condition.passed

    def _may_end(self, action: ActionExecution) -> None:
        """What somebody looks at is ended by nothing but a stop."""
        execution = self.state.executions[action.execution_id]
        assert not action.paused or execution.stop or execution.on_failure == "stop"

    def _may_go_back(self, event: ev.ExecutionStarted) -> None:
        """To a success in the stage, of type STANDARD and under the definition in force."""
        target = self.state.executions[event.rollback_target]
        assert target.execution_type == "STANDARD"
        assert target.version == self.state.version == event.version
        assert target.stages[event.rollback_stage].status is StageStatus.SUCCEEDED
        assert target.mode != "PARALLEL"
        assert (event.revisions, event.variables) == (target.revisions, target.variables)

    # -- after it was folded ---------------------------------------------------------------------------------------

    def _after(self, event: ev.Event) -> None:
        match event:
            case ev.StageRetried(trigger="AutomatedStageRetry"):
                assert self._stage(event).auto_retries == 1
            case ev.ActionStarted():
                action = self.state.actions[event.action_execution_id]
                execution = self.state.executions[action.execution_id]
                running = [other for other in self.state.live_in(execution) if other.busy]
                assert execution.mode != "PARALLEL" or len(running) <= 5 or action.passive

    def _stage(self, event: ev.StageRetried) -> StageExecution:
        return self.state.executions[event.execution_id].stages[event.stage]

    def _statuses(self) -> None:
        for execution in self.state.executions.values():
            self._changed(EXECUTION, execution.status, execution.id)
            for stage in execution.stages.values():
                if stage.status is not None:
                    self._changed(STAGE, stage.status, execution.id, stage.name)
                for at, condition in enumerate(stage.conditions):
                    self._changed(CONDITION, condition.status, execution.id, stage.name, at)
        for action in self.state.actions.values():
            self._changed(ACTION, action.status, action.id)

    def _changed(self, legal: Mapping[Any, Any], now: object, *who: object) -> None:
        before = self._seen.get(who)
        if before is not now:
            assert now in legal.get(before, ()), (who, before, now)
            self._seen[who] = now

    def _locks(self) -> None:
        held = {
            execution.lock_of(stage.name): execution.id
            for execution in self.state.executions.values()
            for stage in execution.stages.values()
            if stage.holds_lock
        }
        assert held == self.state.locks
        assert sum(s.holds_lock for e in self.state.executions.values() for s in e.stages.values()) == len(held)
