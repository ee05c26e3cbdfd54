"""Decisions in words: why an action ran, why it was reused, why it waits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.execution import checks
from engine.execution.beginning import PARALLEL_ACTIONS, is_full
from engine.execution.fingerprint import NO_IMAGE
from engine.execution.narrowing import is_narrow, last_observation
from engine.execution.pausing import told
from engine.execution.reuse import is_forced
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.outcome import Change
from engine.model.status import ActionStatus

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

_IMAGE = re.compile(r"(sha256:)?[0-9a-f]{64}")

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
        case "input" | "source":
            paths = ", ".join(change.paths) + (f", +{change.more}" if change.more else "")
            what = f"input {change.subject}" if change.kind == "input" else change.subject
            return f"{what} changed" + (f": {paths}" if paths else "")
        case "env" | "variable" | "configuration":
            return f"{change.kind} {change.subject} {_shown(change.before)} -> {_shown(change.after)}"
        case "image":
            return _image(change)
        case "target" if change.subject.startswith("image "):
            return f"{change.subject} is not there any more"
        case "target":
            return f"{change.subject} holds something else now"
        case _:
            subject = f" {change.subject}" if change.subject else ""
            return f"{change.kind}{subject} changed"


def _image(change: Change) -> str:
    """An image: what cannot be known has not changed."""
    name, before, after = f"image {change.subject}", change.before, change.after
    if after == NO_IMAGE:
        return f"{name} is not here"
    if after is not None and not _IMAGE.fullmatch(after):
        return f"{name}: whether it changed is not known, {after}"
    if before is not None and not _IMAGE.fullmatch(before):
        return f"{name} is here now" if before == NO_IMAGE else f"{name} was not known before, {before}"
    return f"{name} changed"


def _shown(value: str | None) -> str:
    if value is None:
        return "(unset)"
    if value.startswith("secret:"):
        return "(secret)"
    if _DIGEST.fullmatch(value):
        return value[:7]
    return value if len(value) <= 40 else value[:37] + "..."


def reasons(state: PipelineState, action: ActionExecution) -> list[str]:
    """Why an action ran, was reused, or waits: whole phrases, most telling first."""
    execution = state.executions[action.execution_id]
    if action.reused:
        return [_reused(state, action)]
    if action.status is ActionStatus.SKIPPED:
        return [action.summary or "not selected"]
    if action.kind == "stub":
        return [action.summary or "this provider does not run here"]
    found = [waiting] if (waiting := waits_for(state, action)) else []
    found += _taken_up(state, action)
    if is_forced(execution.forced, action.stage, action.action):
        found.append("forced")
    if action.kind == "effect" and not action.changes:
        found.append(f"{action.prepared.target if action.prepared else 'the target'} may hold something else now")
    return found + [describe(change) for change in action.changes] + observed(state, action)


def observed(state: PipelineState, action: ActionExecution) -> list[str]:
    """What is known of its reading, where its inputs are observed."""
    asked = action.prepared.narrowing if action.prepared else None
    if asked is None:
        return []
    distrust = state.distrusted.get(f"{action.stage}/{action.action}")
    if distrust and distrust.base == asked.base:
        return [f"all of its input counts: {distrust.reason}"]
    seen = action.observed or last_observation(state, action)
    if seen and seen.trouble:
        return [f"all of its input counts: {seen.trouble}"]
    if action.observed and action.observed.looks:
        return [f"read {seen.read} of {seen.files} input files"] if seen else []
    return []


def _taken_up(state: PipelineState, action: ActionExecution) -> list[str]:
    """What was not as in any other run: a result that somebody had a hand in stands for no other."""
    if not action.by_hand:
        return []
    earlier = state.actions.get(action.resumes)
    where = {"command": "the command where it failed", "phase": "the beginning of the phase that failed"}
    if earlier is None or not action.resume:
        return ["resumed by hand in the middle: its result is not reused"]
    attempt = f"attempt {earlier.attempt} of #{earlier.number}"
    return [f"took up {attempt} at {where[action.resume]}: its result is not reused"]


def _reused(state: PipelineState, action: ActionExecution) -> str:
    origin = state.origin(action)
    number = f"#{origin.number}"
    match action.kind:
        case "approval":
            who = f" by {origin.decision.by}" if origin.decision and origin.decision.by else ""
            return f"approved in {number}{who}, content unchanged"
        case "effect":
            return f"already applied in {number}, content unchanged"
        case "source":
            return f"unchanged since {number}"
        case _ if is_narrow(state, action):
            return _narrowed(action, number)
        case _:
            saved = f", saved {duration(action.saved)}" if action.saved >= 0.05 else ""
            return f"reused from {number}{saved}"


def _narrowed(action: ActionExecution, number: str) -> str:
    saved = f", saved {duration(action.saved)}" if action.saved >= 0.05 else ""
    checked = f"; {told}" if (told := checked_since(action)) else ""
    return f"reused: {unread(action)} (observed in {number}){saved}{checked}"


def unread(action: ActionExecution) -> str:
    """What changed and did not make it run: ``README.md changed, which it does not read``."""
    narrowing = action.prepared.narrowing if action.prepared else None
    if narrowing is None:
        return ""
    paths = ", ".join(narrowing.unread) + (f", +{narrowing.more}" if narrowing.more else "")
    return f"{paths} changed, which it does not read"


def checked_since(action: ActionExecution) -> str:
    """What came of the background check of a run that was skipped."""
    if action.checked is None:
        return ""
    same = "the same came of it" if action.checked.agrees else f"it should have run, {action.checked.reason}"
    return f"checked since: {same}"


def waits_for(state: PipelineState, action: ActionExecution) -> str:
    """What a live action waits for; empty when it waits for nothing."""
    if action.awaits_approval:
        return "waiting for approval"
    if action.kind == "check" and action.step == "running":
        return checks.waits_for(state, action)
    if action.paused:
        return f"paused at {told(action.paused)}"
    if action.step != "prepared":
        return ""
    if paused := state.held_by(action):
        return f"waiting: the run of #{paused.number} is paused; resume it, or stop #{paused.number}"
    lane = state.executions[action.execution_id].lane
    for execution in state.active:
        other = state.current(execution, action.stage, action.action)
        if other and other.id != action.id and other.running and execution.lane == lane:
            return f"waiting: the run of #{execution.number} has to end first"
    if is_full(state, state.executions[action.execution_id]):
        return f"waiting: {PARALLEL_ACTIONS} actions run already, the most for one execution in mode PARALLEL"
    return "waiting for a free slot (--jobs)"


def stage_waits(execution: Execution, stage: str) -> str:
    """What an execution waits for in front of a stage: ``waiting: stage Deploy is locked by #13``."""
    found = execution.stages[stage].waiting
    return f"waiting: {found}" if found else ""


def duration(seconds: float) -> str:
    """A duration as people write it: 0.4 s, 34 s, 2 m 05 s, 1 h 02 m."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} m"
