"""Notification rules: which state changes somebody wants to hear of, and in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.project import NotificationSettings
from engine.notices.eventbridge import StateChange
from engine.notices.targets import is_terminal

Mood = Literal["info", "success", "warning", "failure"]

_AWS = re.compile(r"codepipeline-pipeline-(?:(action|stage|pipeline)-execution|manual-(approval))-([a-z]+)")
_MOODS: dict[str, Mood] = {"SUCCEEDED": "success", "FAILED": "failure", "NEEDED": "warning", "STARTED": "info"}
_WORDS = {
    "STARTED": "has started",
    "SUCCEEDED": "has succeeded",
    "FAILED": "has failed",
    "STOPPING": "is stopping",
    "STOPPED": "was stopped",
    "RESUMED": "is retried",
    "SUPERSEDED": "was superseded",
    "CANCELED": "was cancelled",
    "ABANDONED": "was abandoned",
}


@dataclass(frozen=True, slots=True)
class Message:
    """What targets are told."""

    title: str
    body: str
    mood: Mood
    targets: tuple[str, ...]


def names_terminal(rule: NotificationSettings) -> bool:
    """Whether a rule has a target in the terminal."""
    return any(map(is_terminal, rule.to))


def only_terminal(rule: NotificationSettings) -> NotificationSettings:
    """The rule without its other targets."""
    return rule.model_copy(update={"to": tuple(target for target in rule.to if is_terminal(target))})


def names(change: StateChange, state: PipelineState) -> tuple[str, ...]:
    """What rules call a change: ``stage.FAILED``; an approval's has a name of its own besides."""
    own = f"{change.level}.{change.state}"
    if change.category != "Approval":
        return (own,)
    if change.state == "STARTED":
        return (own, "approval.NEEDED") if _is_asked(change, state) else (own,)
    return (own, f"approval.{change.state}") if change.state in ("SUCCEEDED", "FAILED") else (own,)


def pattern(text: str) -> str:
    """A rule's pattern in one spelling. AWS's ids, as codepipeline-pipeline-stage-execution-failed, are known."""
    aws = _AWS.fullmatch(text.strip().lower())
    level, _, word = (f"{aws[1] or aws[2]}.{aws[3]}" if aws else text.strip()).partition(".")
    return f"{level.lower()}.{word.upper() or '*'}"


def matches(patterns: Iterable[str], known: Iterable[str]) -> bool:
    """Whether any of these patterns means any of these names."""
    known = tuple(known)
    return any(fnmatchcase(name, pattern(text)) for text in patterns for name in known)


def messages(
    rules: Iterable[NotificationSettings], changes: Iterable[StateChange], state: PipelineState
) -> Iterator[Message]:
    """What has to be told, each change once to each target. `state` has the changes folded in already."""
    rules = tuple(rules)
    for change in changes:
        known = names(change, state)
        targets = tuple(dict.fromkeys(to for rule in rules if matches(rule.events, known) for to in rule.to))
        execution = state.executions.get(change.execution_id)
        if targets and execution is not None:
            yield _worded(change, known[-1], targets, state, execution)


def _is_asked(change: StateChange, state: PipelineState) -> bool:
    action = _action(change, state)
    execution = state.executions.get(change.execution_id)
    if action is None or execution is None or action.decision is not None:
        return False
    return not {"all", action.action, f"{action.stage}/{action.action}"} & set(execution.approve)


def _action(change: StateChange, state: PipelineState) -> ActionExecution | None:
    execution = state.executions.get(change.execution_id)
    return state.current(execution, change.stage, change.action) if execution else None


def _worded(
    change: StateChange, name: str, targets: tuple[str, ...], state: PipelineState, execution: Execution
) -> Message:
    run = f"{state.name} #{execution.number}"
    what = name.partition(".")[2]
    mood = _MOODS.get(what, "warning")
    action = _action(change, state) if change.action else None
    if name == "approval.NEEDED" and action:
        evidence = action.prepared.evidence if action.prepared else ()
        return Message(f"{run} waits for approval of {change.stage}/{change.action}", _lines(*evidence), mood, targets)
    if action:
        failure = action.failure.message if action.failure else action.summary
        title = f"{run}: {change.stage}/{change.action} {_WORDS[what]}"
        return Message(title, _lines(failure, execution.label), mood, targets)
    if change.level == "stage":
        return Message(f"{run}: stage {change.stage} {_WORDS[what]}", _lines(execution.label), mood, targets)
    told = _failures(state, execution) if what == "FAILED" else (execution.summary if what != "STARTED" else "",)
    return Message(f"{run} {_WORDS[what]}", _lines(*told, execution.label, execution.detail), mood, targets)


def _failures(state: PipelineState, execution: Execution) -> tuple[str, ...]:
    return tuple(
        f"{action.stage}/{action.action}: {action.failure.message}"
        for stage in execution.stages.values()
        for identity in stage.latest_runs()
        if (action := state.actions[identity]).failure
    )


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
