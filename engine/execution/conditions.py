"""Conditions of a stage: when they are evaluated, how their rules begin, what they come to.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html. All rules of a condition run at the
same time and each to its own end; together they decide.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.execution import checks
from engine.execution import events as ev
from engine.execution.rules import RUN_AS, SLOTS, name_of
from engine.execution.state import ActionExecution, ConditionExecution, Execution, PipelineState, StageExecution
from engine.execution.world import World
from engine.model.pipeline import ConditionResult, ConditionType, RuleDeclaration, StageDeclaration
from engine.model.status import ActionStatus, ConditionStatus


def holds(execution: Execution, declared: StageDeclaration, stage: StageExecution, kind: ConditionType) -> bool | None:
    """Whether the stage's condition holds; None while nobody knows. Where there is none, nothing stands in the way."""
    if declared.condition(kind) is None or _left_out(execution, declared):
        return True
    found = stage.condition(kind)
    return None if found is None or found.live else found.passed


def evaluate(
    state: PipelineState,
    world: World,
    execution: Execution,
    declared: StageDeclaration,
    stage: StageExecution,
    kind: ConditionType,
) -> list[ev.Event]:
    """What brings an evaluation on: its beginning, or its end; nothing while its rules run."""
    found = stage.condition(kind)
    if found is None:
        return _begun(state, world, execution, declared, stage, kind)
    rules = [state.actions[identity] for identity in found.rules.values()]
    if any(rule.live for rule in rules):
        return []
    status, summary = _judged(rules)
    return [ev.ConditionEnded(execution.id, stage.name, kind, status, summary)]


def closed(execution: Execution, stage: StageExecution, status: ConditionStatus) -> list[ev.Event]:
    """The end of evaluations whose execution ends first."""
    return [ev.ConditionEnded(execution.id, stage.name, found.kind, status) for found in stage.conditions if found.live]


def told(condition: ConditionExecution) -> str:
    """Why a condition let nothing pass, as part of a sentence: ``its condition beforeEntry failed (rule Smoke)``."""
    return f"its condition {SLOTS[condition.kind]} {condition.status.lower()} ({condition.summary})"


def _left_out(execution: Execution, declared: StageDeclaration) -> bool:
    """Whether the caller's selection has nothing of the stage."""
    return bool(execution.selected) and not any(
        f"{declared.name}/{action.name}" in execution.selected for action in declared.actions
    )


def _begun(
    state: PipelineState,
    world: World,
    execution: Execution,
    declared: StageDeclaration,
    stage: StageExecution,
    kind: ConditionType,
) -> list[ev.Event]:
    condition = declared.condition(kind)
    found: list[ev.Event] = [ev.ConditionStarted(execution.id, stage.name, kind, _result(declared, kind))]
    for rule in (condition.rules if condition else None) or ():
        identity = world.new_id()
        name = name_of(kind, rule)
        attempt = 1 + sum(name in earlier.rules for earlier in stage.conditions)
        found.append(ev.ActionScheduled(execution.id, stage.name, name, identity, attempt, kind))
        found += _rule_begun(state, world, execution, identity, rule)
    return found


def _rule_begun(
    state: PipelineState, world: World, execution: Execution, identity: str, rule: RuleDeclaration
) -> list[ev.Event]:
    """What follows in the core; the conductor prepares the rules that something runs for."""
    return [] if rule.ruleTypeId.provider in RUN_AS else checks.begin(state, world.now, execution, identity, rule)


def _result(declared: StageDeclaration, kind: ConditionType) -> ConditionResult:
    condition = declared.condition(kind)
    result = condition.result if condition else None
    if kind == "ON_FAILURE":
        return result or (declared.onFailure.result if declared.onFailure else None) or "ROLLBACK"
    return result or "FAIL"


def _judged(rules: Iterable[ActionExecution]) -> tuple[ConditionStatus, str]:
    failed = [rule for rule in rules if not rule.status.passes]
    if not failed:
        return ConditionStatus.SUCCEEDED, ""
    summary = ", ".join(f"rule {_name(rule)}: {_why(rule)}" for rule in failed)
    broken = any(rule.failure and rule.failure.type == "ConfigurationError" for rule in failed)
    return (ConditionStatus.ERRORED if broken else ConditionStatus.FAILED), summary


def _name(rule: ActionExecution) -> str:
    return rule.action.partition(":")[2]


def _why(rule: ActionExecution) -> str:
    if rule.status is ActionStatus.ABANDONED:
        return "abandoned"
    said = rule.failure.message if rule.failure else rule.summary or "failed"
    return said.rpartition("Reason: ")[2]  # CodeBuild puts the phase before it
