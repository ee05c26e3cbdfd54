"""Conditions of a stage in the graph: their rules stand around its actions, each with the word that tells when.

``if``: judged before the stage's actions start; ``then``: once all have succeeded; ``else``: once one has failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.model.pipeline import ConditionType, PipelineDeclaration, RuleDeclaration, StageDeclaration


class Slot(NamedTuple):
    """A place for a condition: its AWS type, its name in a definition, its word in the graph."""

    kind: ConditionType
    name: str
    word: str


ENTRY = Slot("BEFORE_ENTRY", "beforeEntry", "if")
AFTER = (Slot("ON_SUCCESS", "onSuccess", "then"), Slot("ON_FAILURE", "onFailure", "else"))


class Rule(NamedTuple):
    """A rule and its place in the graph; a run of it goes by the name ``beforeEntry:Rule``."""

    key: tuple[str, str]
    label: str
    declared: RuleDeclaration


def rules(stage: StageDeclaration, slot: Slot) -> list[Rule]:
    """The rules of one condition of a stage, none where it has no such condition."""
    condition = stage.condition(slot.kind)
    return [
        Rule((stage.name, f"{slot.name}:{rule.name}"), f"{slot.word} {rule.name}", rule)
        for rule in (condition.rules if condition else None) or ()
    ]


def rule_at(stage: StageDeclaration, name: str) -> RuleDeclaration | None:
    """The rule of that place; None where an action or nothing is there."""
    for slot in (ENTRY, *AFTER):
        for rule in rules(stage, slot):
            if rule.key[1] == name:
                return rule.declared
    return None


def places(declaration: PipelineDeclaration) -> Iterator[tuple[str, str]]:
    """Every action and rule, as the graph has them."""
    for stage in declaration.stages:
        yield from (rule.key for rule in rules(stage, ENTRY))
        yield from ((stage.name, action.name) for action in stage.actions)
        for slot in AFTER:
            yield from (rule.key for rule in rules(stage, slot))


def alarms(declaration: PipelineDeclaration) -> list[str]:
    """The CloudWatch alarms that rules look at, by name."""
    found = [
        (rule.declared.configuration or {}).get("AlarmName", "")
        for stage in declaration.stages
        for slot in (ENTRY, *AFTER)
        for rule in rules(stage, slot)
        if rule.declared.ruleTypeId.provider == "CloudWatchAlarm"
    ]
    return list(dict.fromkeys(name for name in found if name))
