"""Decisions in words: why an action ran, why it was reused, why it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.model.outcome import Change

Verdict = Literal["run", "reuse", "maybe", "ask", "skip", "stub"]


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What a run would do with one action.

    `maybe`: an earlier action runs first, and if its output is the same as before, this one is reused. `ask`: a
    person would be asked. `source` is the reused action execution's id, `saved` its seconds.
    """

    stage: str
    action: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    source: str = ""
    saved: float = 0.0


def describe(change: Change) -> str:
    """One change as people read it: ``input SourceOutput changed: src/app.py, +2``."""
    match change.kind:
        case "first":
            return "first run of this action"
        case "forced":
            return "forced"
        case "failed":
            return f"the last run {change.after or 'failed'}"
        case "evicted":
            return "the earlier result was dropped from the cache"
        case "uncached":
            return change.subject or "caching is off for this action"
        case "pending":
            return f"waits for {change.subject}"
        case "input":
            paths = ", ".join(change.paths) + (f", +{change.more}" if change.more else "")
            return f"input {change.subject} changed" + (f": {paths}" if paths else "")
        case "env" | "variable" | "configuration":
            return f"{change.kind} {change.subject} {_shown(change.before)} -> {_shown(change.after)}"
        case "target":
            return f"{change.subject} holds something else now"
        case _:
            subject = f" {change.subject}" if change.subject else ""
            return f"{change.kind}{subject} changed"


def _shown(value: str | None) -> str:
    if value is None:
        return "(unset)"
    if value.startswith("secret:"):
        return "(secret)"
    return value if len(value) <= 40 else value[:37] + "..."
