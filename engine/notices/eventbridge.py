"""State changes as AWS's EventBridge tells them: a pure function of a state and what was just recorded.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

What AWS does not know is told in its words: a reused result starts and succeeds at once, an adopted action starts for
the run that took it over, and a save is the change of its source. Actions and stages that do not run here (left out,
stubbed, skipped) have no events.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from engine.execution import events as ev
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.address import Address, artifact_key
from engine.model.pipeline import ActionDeclaration
from engine.model.status import ActionStatus, ConditionStatus, Fidelity, StageStatus
from engine.notices.trigger import execution_trigger

Level = Literal["pipeline", "stage", "action"]

_IDS = uuid.UUID("6b0f6a3e-0d55-5b43-9f0e-0a1b6d1f6f10")
_TITLES = {"pipeline": "Pipeline", "stage": "Stage", "action": "Action"}
_ENDS = {
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "Stopped": "STOPPED",
    "Superseded": "SUPERSEDED",
    "Cancelled": "CANCELED",  # one L in events, two in the API
    "Abandoned": "ABANDONED",
}
_ERRORS = {"Rejected": "JobFailed", "Timeout": "JobFailed", "InternalError": "SystemUnavailable"}


@dataclass(frozen=True, slots=True)
class StateChange:
    """One event. `level` and `state` are what rules match; `body` is the whole of it, ready for JSON."""

    level: Level
    state: str
    execution_id: str
    stage: str = ""
    action: str = ""
    category: str = ""
    body: dict[str, object] = field(default_factory=dict)


def state_changes(state: PipelineState, batch: Sequence[ev.Recorded], address: Address) -> Iterator[StateChange]:
    """The events of what was just recorded, in order. `state` has the batch folded in already."""
    later = Counter(item.event.execution_id for item in batch if isinstance(item.event, ev.StageRetried))
    for item in batch:
        if isinstance(item.event, ev.StageRetried):
            later[item.event.execution_id] -= 1
        yield from _Teller(state, item, address, later).told()


_StageEvent = ev.StageEntered | ev.StageEnded | ev.StageRetried | ev.ConditionEnded | ev.ConditionOverridden


class _Teller:
    """Tells of one recorded event. `later`: how often each execution was retried after it, in the same batch."""

    def __init__(self, state: PipelineState, recorded: ev.Recorded, address: Address, later: Counter[str]) -> None:
        self._state = state
        self._recorded = recorded
        self._address = address
        self._later = later

    def told(self) -> Iterator[StateChange]:
        event = self._recorded.event
        match event:
            case ev.ExecutionStarted() | ev.ExecutionEnded() | ev.StopRequested():
                if execution := self._state.executions.get(event.execution_id):
                    yield from self._of_execution(execution, event)
            case (
                ev.StageEntered() | ev.StageEnded() | ev.StageRetried() | ev.ConditionEnded() | ev.ConditionOverridden()
            ):
                if execution := self._state.executions.get(event.execution_id):
                    yield from self._of_stage(execution, event)
            case ev.ActionStarted() | ev.ActionReused() | ev.ActionEnded():
                if action := self._state.actions.get(event.action_execution_id):
                    yield from self._of_action(action, event)
            case ev.ActionAdopted():
                if action := self._state.actions.get(event.source):
                    yield from self._of_action(action, event)

    # -- what happened -------------------------------------------------------------------------------------------

    def _of_execution(
        self, execution: Execution, event: ev.ExecutionStarted | ev.ExecutionEnded | ev.StopRequested
    ) -> Iterator[StateChange]:
        match event:
            case ev.ExecutionStarted():
                trigger = execution_trigger(self._state.declaration(execution), execution, self._address)
                yield self._pipeline(execution, "STARTED", {"execution-trigger": trigger})
            case ev.StopRequested():
                yield self._pipeline(execution, "STOPPING", {"stop-execution-comments": event.reason})
                for stage in execution.stages.values():
                    if stage.status is StageStatus.STOPPING or self._stopped_since(stage):
                        yield self._stage(execution, stage, "STOPPING")
            case ev.ExecutionEnded():
                trigger = execution_trigger(self._state.declaration(execution), execution, self._address)
                more = {"execution-trigger": trigger} if "commit-id" in trigger else {}
                yield self._pipeline(execution, _ENDS[event.status], more)

    def _stopped_since(self, stage: StageExecution) -> bool:
        return stage.status is StageStatus.STOPPED and stage.ended_at >= self._recorded.at

    def _of_stage(self, execution: Execution, event: _StageEvent) -> Iterator[StateChange]:
        stage = execution.stages[event.stage]
        if execution.selected and not any(place.startswith(f"{stage.name}/") for place in execution.selected):
            return
        match event:
            case ev.StageEntered() if not self._may_be_skipped(execution, stage):
                yield self._stage(execution, stage, "STARTED")
            case ev.ConditionEnded(condition="BEFORE_ENTRY", status=ConditionStatus.SUCCEEDED):
                if self._may_be_skipped(execution, stage) and not stage.resumed_at:
                    yield self._stage(execution, stage, "STARTED")
            case ev.StageEnded() if event.status in _ENDS:
                yield self._stage(execution, stage, _ENDS[event.status])
            case ev.StageRetried():
                yield from self._resumed(execution, stage)
            case ev.ConditionOverridden() if stage.resumed_at == self._recorded.at:  # it had failed the stage
                yield from self._resumed(execution, stage)

    def _resumed(self, execution: Execution, stage: StageExecution) -> Iterator[StateChange]:
        yield self._pipeline(execution, "RESUMED", {})
        yield self._stage(execution, stage, "RESUMED")

    def _may_be_skipped(self, execution: Execution, stage: StageExecution) -> bool:
        """Whether its entry condition decides if it starts at all."""
        condition = self._state.declaration(execution).stage(stage.name).condition("BEFORE_ENTRY")
        return condition is not None and condition.result == "SKIP"

    def _of_action(
        self,
        action: ActionExecution,
        event: ev.ActionStarted | ev.ActionReused | ev.ActionAdopted | ev.ActionEnded,
    ) -> Iterator[StateChange]:
        execution = self._state.executions.get(action.execution_id)
        if execution is None or action.condition or action.fidelity is Fidelity.STUBBED:
            return  # AWS has no events for rules
        declared = self._state.declaration(execution).action(action.stage, action.action)
        match event:
            case ev.ActionStarted() | ev.ActionAdopted():
                yield self._started(execution, action, declared)
            case ev.ActionReused():
                yield self._started(execution, action, declared)
                yield self._succeeded(execution, action, declared)
            case ev.ActionEnded(status=ActionStatus.SUCCEEDED):
                yield self._succeeded(execution, action, declared)
            case ev.ActionEnded(status=ActionStatus.FAILED):
                yield self._action(execution, action, declared, "FAILED", {"execution-result": self._result(action)})
            case ev.ActionEnded(status=ActionStatus.ABANDONED) if action.started_at:
                yield self._action(execution, action, declared, "ABANDONED", {})

    # -- how it is told ------------------------------------------------------------------------------------------

    def _pipeline(self, execution: Execution, state: str, more: Mapping[str, object]) -> StateChange:
        detail = {**self._detail(execution, state, execution.started_at), **more}
        if execution.rollback_target:
            detail["rollback-metadata"] = {"rollback-target-pipeline-execution-id": execution.rollback_target}
        if state == "RESUMED":
            del detail["start-time"]
        return self._change("pipeline", state, execution, detail)

    def _stage(self, execution: Execution, stage: StageExecution, state: str) -> StateChange:
        detail = self._detail(execution, state, stage.entered_at) | {"stage": stage.name}
        if stage.resumed_at:
            detail["stage-last-retry-attempt-time"] = _milliseconds(stage.resumed_at)
        return self._change("stage", state, execution, detail, stage=stage.name)

    def _started(self, execution: Execution, action: ActionExecution, declared: ActionDeclaration) -> StateChange:
        read = {artifact.name for artifact in declared.inputArtifacts}
        trees = action.prepared.inputs if action.prepared else {}
        artifacts = self._artifacts(execution, declared, {name: trees[name] for name in trees if name in read})
        return self._action(execution, action, declared, "STARTED", {"input-artifacts": artifacts} if artifacts else {})

    def _succeeded(self, execution: Execution, action: ActionExecution, declared: ActionDeclaration) -> StateChange:
        artifacts = self._artifacts(execution, declared, action.outputs)
        more: dict[str, object] = {"output-artifacts": artifacts} if artifacts else {}
        if result := self._result(action):
            more["execution-result"] = result
        return self._action(execution, action, declared, "SUCCEEDED", more)

    def _action(
        self,
        execution: Execution,
        action: ActionExecution,
        declared: ActionDeclaration,
        state: str,
        more: dict[str, object],
    ) -> StateChange:
        kind = declared.actionTypeId
        began = action.started_at or action.scheduled_at
        detail = self._detail(execution, state, began) | {
            "stage": action.stage,
            "action": action.action,
            "action-execution-id": action.id,
            "region": declared.region or self._address.region,
            "type": {
                "owner": kind.owner,
                "provider": kind.provider,
                "category": kind.category,
                "version": kind.version,
            },
            **more,
        }
        found = self._change("action", state, execution, detail, stage=action.stage, action=action.action)
        return StateChange(
            "action", state, execution.id, action.stage, action.action, category=kind.category, body=found.body
        )

    def _detail(self, execution: Execution, state: str, began: float) -> dict[str, object]:
        retries = sum(stage.retries + stage.auto_retries for stage in execution.stages.values())
        return {
            "pipeline": self._state.name,
            "execution-id": execution.id,
            "start-time": _milliseconds(began),
            "state": state,
            "version": float(execution.version),
            "pipeline-execution-attempt": float(1 + retries - self._later[execution.id]),
        }

    def _result(self, action: ActionExecution) -> dict[str, str]:
        reused = f"reused, ran {_milliseconds(self._state.origin(action).ended_at)}" if action.reused else ""
        failure = action.failure
        summary = failure.message if failure else action.summary or reused
        found = {"external-execution-url": "", "external-execution-summary": summary}
        found["external-execution-id"] = action.external_id
        if failure:
            found["error-code"] = _ERRORS.get(failure.type, failure.type)
        return {key: value for key, value in found.items() if value}

    def _artifacts(self, execution: Execution, declared: ActionDeclaration, trees: dict[str, str]) -> list[object]:
        region = declared.region or self._address.region
        bucket = self._address.bucket(self._state.declaration(execution).store(region), region)
        return [
            {"name": name, "s3location": {"bucket": bucket, "key": artifact_key(self._state.name, name, tree)}}
            for name, tree in trees.items()
        ]

    def _change(
        self,
        level: Level,
        state: str,
        execution: Execution,
        detail: dict[str, object],
        *,
        stage: str = "",
        action: str = "",
    ) -> StateChange:
        body: dict[str, object] = {
            "version": "0",
            "id": self._id(execution, level, stage, action, state),
            "detail-type": f"CodePipeline {_TITLES[level]} Execution State Change",
            "source": "aws.codepipeline",
            "account": self._address.account,
            "time": _seconds(self._recorded.at),
            "region": self._address.region,
            "resources": [self._address.pipeline(self._state.name)],
            "detail": detail,
        }
        return StateChange(level, state, execution.id, stage, action, body=body)

    def _id(self, execution: Execution, *what: str) -> str:
        """The same for the same fact, whenever it is told."""
        return str(uuid.uuid5(_IDS, "/".join((execution.id, str(self._recorded.seq), *what))))


def _seconds(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
