"""The public form of every event: what `--json` promises, whatever the engine calls things inside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.reports.gates import of_condition, of_gate, of_rule
from tui.cli.reports.reasons import reasons
from tui.cli.reports.report import tally
from tui.graph.model import number_of

if TYPE_CHECKING:
    from engine.execution.events import (
        ActionPaused,
        ActionResumed,
        ExecutionYielded,
        Pause,
        Recorded,
        ReuseChecked,
        StageRetried,
        StopRequested,
    )
    from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
    from engine.model.diagnostics import Diagnostic
    from engine.model.outcome import PhaseRecord
    from engine.model.outcome import Report as ReportTotals

VERSION = 1
Body = dict[str, object]
Log = Callable[[str, str], Path]


def public(state: PipelineState, recorded: Recorded, log: Log, *, since: float = 0.0) -> list[Body]:
    """The public events of a recorded one, without version, time and pipeline."""
    event = recorded.event
    match event.type:
        case "PipelineDefined":
            return [{"event": "defined", "version": event.version, "file": event.file}]
        case "WatchChanged":
            return [{"event": "watch", "paused": event.paused, "reason": event.reason}]
        case "ExecutionStarted":
            return [_run_started(state, state.executions[event.execution_id])]
        case "ExecutionEnded":
            return [_run_ended(state, state.executions[event.execution_id], recorded.at, since)]
        case "ExecutionYielded" | "StopRequested" | "StageRetried":
            return [_run_changed(state, event)]
        case "StageWaiting" | "StageEntered" | "StageEnded":
            stage = state.executions[event.execution_id].stages[event.stage]
            number = state.executions[event.execution_id].number
            return [_stage(event.type, number, event.stage, stage)]
        case "ConditionStarted" | "ConditionEnded" | "ConditionOverridden":
            return [of_condition(state, event)]
        case "TransitionDisabled" | "TransitionEnabled" | "AlarmSet":
            return [of_gate(event)]
        case "ActionStarted" | "ActionReused" | "ActionReported" | "ActionCancelling" | "ActionEnded":
            return _of_action(state, event.type, state.actions[event.action_execution_id], log)
        case "BatchBuildChanged":
            return [_build(state, state.actions[event.action_execution_id], event.build.identifier, log)]
        case "ActionAdopted":
            return [_decision(state, state.actions[event.source], "adopt", log)]
        case "ActionPaused" | "ActionResumed":
            return [_standing(state, state.actions[event.action_execution_id], event)]
        case "ReuseChecked":
            run = state.actions.get(event.action_execution_id)
            return [_checked(state, run, event)] if run and run.execution_id in state.executions else []
        case "ApprovalDecided":
            return [_approval(state, state.actions[event.action_execution_id])]
    return []


def _of_action(state: PipelineState, kind: str, action: ActionExecution, log: Log) -> list[Body]:
    if action.condition:
        return of_rule(state, kind, action, log)
    match kind:
        case "ActionStarted":
            decision = "ask" if action.kind == "approval" else "stub" if action.kind == "stub" else "run"
            found = [_decision(state, action, decision, log)]
            if decision == "ask" and action.awaits_approval:
                evidence = list(action.prepared.evidence) if action.prepared else []
                found.append({**_head("approval-waiting", state, action), "evidence": evidence})
            return found
        case "ActionReused":
            return [_decision(state, action, "reuse", log), _ended(state, action, log)]
        case "ActionReported":
            external = {"summary": action.summary, "external_id": action.external_id}
            return [{**_head("action-progress", state, action), **external}]
        case "ActionCancelling":
            return [{**_head("action-cancelling", state, action), "reason": _cancelled(action)}]
    skipped = [_decision(state, action, "skip", log)] if action.status == "Skipped" else []
    return [*skipped, _ended(state, action, log)]


def _decision(state: PipelineState, action: ActionExecution, decision: str, log: Log) -> Body:
    return {
        **_head("action-decided", state, action),
        "decision": decision,
        "why": reasons(state, action),
        "reused_from": _origin(state, action),
        "saved_seconds": round(action.saved, 3),
        "fidelity": str(action.fidelity) if action.fidelity else None,
        "fingerprint": action.fingerprint or None,
        "inputs": dict(action.prepared.inputs) if action.prepared else {},
        "log": str(log(action.id, "")) if decision in ("run", "adopt") else None,
    }


def _ended(state: PipelineState, action: ActionExecution, log: Log) -> Body:
    failure = action.failure
    told = {"type": failure.type, "message": failure.message, "hint": failure.hint} if failure else None
    return {
        **_head("action-ended", state, action),
        "status": str(action.status),
        "reused": action.reused,
        "seconds": round(action.seconds, 3),
        "summary": action.summary,
        "failure": told,
        "outputs": dict(action.outputs),
        "variables": dict(action.variables),
        "reports": [_report(report) for report in action.reports],
        "phases": [phase_record(record) for record in action.phases],
        "external_id": action.external_id,
        "log": str(log(action.id, "")) if action.started_at else None,
    }


def phase_record(record: PhaseRecord) -> Body:
    """A phase of a build in the words of BatchGetBuilds."""
    return {
        "phaseType": record.phase,
        "phaseStatus": record.status,
        "startTime": record.started_at,
        "durationInSeconds": round(record.seconds, 3),
        "contexts": [{"statusCode": record.code, "message": record.message}],
    }


def _build(state: PipelineState, action: ActionExecution, identifier: str, log: Log) -> Body:
    from tui.cli.reports.builds import as_json

    build = action.builds[identifier]
    file = str(log(action.id, identifier)) if build.started_at else None
    return {**_head("build-changed", state, action), "build": as_json(build), "log": file}


def _report(report: ReportTotals) -> Body:
    return {
        "group": report.group,
        "format": report.file_format,
        "kind": report.kind,
        "status": report.status,
        "passed": report.passed,
        "failed": report.failed,
        "skipped": report.skipped,
        "lines": report.lines,
        "lines_covered": report.lines_covered,
        "branches": report.branches,
        "branches_covered": report.branches_covered,
    }


def finding(diagnostic: Diagnostic) -> Body:
    """A diagnostic as every JSON output has it."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "line": diagnostic.line,
        "column": diagnostic.column,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def _head(name: str, state: PipelineState, action: ActionExecution) -> Body:
    execution = state.executions[action.execution_id]
    return {
        "event": name,
        "execution": execution.number,
        "stage": action.stage,
        "action": action.action,
        "attempt": action.attempt,
        "id": action.id,
    }


def _run_started(state: PipelineState, execution: Execution) -> Body:
    target = state.executions.get(execution.rollback_target)
    revisions = {
        name: {"id": revision.id, "label": revision.label, "summary": revision.summary, "tree": revision.tree}
        for name, revision in execution.revisions.items()
    }
    return {
        "event": "run-started",
        "execution": execution.number,
        "id": execution.id,
        "trigger": execution.trigger,
        "detail": execution.detail,
        "mode": execution.mode,
        "revisions": revisions,
        "variables": dict(execution.variables),
        "selected": list(execution.selected),
        "forced": list(execution.forced),
        "type": execution.execution_type,
        "rollback_target": target.number if target else None,
        "rollback_stage": execution.rollback_stage or None,
        "source_revisions": dict(execution.source_revisions),
        "lane": execution.lane or None,
        "on_failure": execution.on_failure,
    }


def _run_ended(state: PipelineState, execution: Execution, at: float, since: float) -> Body:
    figures = tally(state, execution, at, since=since)
    by = state.executions.get(execution.superseded_by)
    return {
        "event": "run-ended",
        "execution": execution.number,
        "status": str(execution.status),
        "summary": execution.summary,
        "superseded_by": by.number if by else None,
        "ran": figures.ran,
        "reused": figures.reused,
        "failed": figures.failed,
        "stubbed": figures.stubbed,
        "seconds": round(figures.seconds, 3),
    }


def _run_changed(state: PipelineState, event: ExecutionYielded | StopRequested | StageRetried) -> Body:
    number = state.executions[event.execution_id].number
    match event.type:
        case "ExecutionYielded":
            to = state.executions.get(event.to)
            return {"event": "run-yielding", "execution": number, "to": to.number if to else None}
        case "StopRequested":
            return {"event": "run-stopping", "execution": number, "abandon": event.abandon, "reason": event.reason}
        case _:
            retried = {"stage": event.stage, "mode": event.mode, "trigger": event.trigger, "resume": event.resume}
            return {"event": "run-retried", "execution": number, **retried}


def _stage(kind: str, execution: int, stage: str, found: StageExecution) -> Body:
    head: Body = {"execution": execution, "stage": stage}
    if kind == "StageWaiting":
        return {"event": "stage-waiting", **head, "reason": found.waiting}
    if kind == "StageEntered":
        return {"event": "stage-started", **head}
    return {"event": "stage-ended", **head, "status": str(found.status), "summary": found.summary}


def _approval(state: PipelineState, action: ActionExecution) -> Body:
    decision = action.decision
    details = {"approved": decision.approved, "by": decision.by, "summary": decision.summary} if decision else {}
    return {**_head("approval-decided", state, action), **details}


def _standing(state: PipelineState, action: ActionExecution, event: ActionPaused | ActionResumed) -> Body:
    if event.type == "ActionResumed":
        resumed = {"how": event.how, "by": event.by, "build": event.build or None}
        return {**_head("action-resumed", state, action), **resumed}
    return {**_head("action-paused", state, action), **paused_record(event.pause)}


def _checked(state: PipelineState, action: ActionExecution, event: ReuseChecked) -> Body:
    head = _head("action-checked", state, action)
    return {**head, "reused_from": _origin(state, action), "agrees": event.agrees, "reason": event.reason}


def paused_record(pause: Pause) -> Body:
    """Where an action stands still."""
    return {
        "phase": pause.phase,
        "command_number": pause.index,
        "command": pause.command,
        "reason": pause.reason,
        "exit_status": pause.status,
        "build": pause.build or None,
    }


def _cancelled(action: ActionExecution) -> str:
    return action.cancelling.reason if action.cancelling else ""


def _origin(state: PipelineState, action: ActionExecution) -> int | None:
    return (number_of(state, action.reused_from) or None) if action.reused else None
