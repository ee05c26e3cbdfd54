"""Why the chosen action ran, was reused or waits; what was decided before; what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.conditions import AFTER, ENTRY
from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.graph.model import mark_of, number_of
from tui.store import Store
from tui.widgets.panes.builds import about_build
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, PipelineState

HISTORY = 12


def why(store: Store, otherwise: str = "") -> Prose:
    """The Why pane. `otherwise` says what would have to be undone for the action to be reused."""
    prose = Prose()
    state, run = store.state, store.run()
    if state is None:
        return prose.quiet("reading the pipeline …")
    about_build(prose, store)
    prose.head("Now", "/".join(store.place()))
    if run is None:
        _not_yet(prose, store)
    else:
        _verdict(prose, store, state, run, otherwise)
    _stage(prose, store, state)
    _history(prose, store, state)
    if run is not None:
        _parts(prose, run)
    return prose


def _not_yet(prose: Prose, store: Store) -> None:
    """What stands between the action and its turn."""
    execution = store.execution
    if execution is None:
        prose.quiet("has not run yet: press S to start a run")
        return
    if not execution.active:
        prose.line(f"#{execution.number} ended before its turn came")
        return
    for blocker in blockers(store):
        prose.line(blocker)


def blockers(store: Store) -> list[str]:
    """Everything that the chosen action waits for, nearest last."""
    execution, declaration, state = store.execution, store.declaration, store.state
    if execution is None or declaration is None or state is None:
        return []
    stage_name, _ = store.chosen
    found = execution.stages.get(stage_name)
    if found is not None and found.waiting:
        return [f"waiting: {found.waiting}"]
    chosen = store.action()
    waits: list[str] = []
    for stage in declaration.stages:
        for action in stage.actions:
            if stage.name == stage_name and chosen is not None and action.runOrder >= chosen.runOrder:
                continue
            run = store.run((stage.name, action.name))
            if run is None or run.live or not run.status.passes:
                word = mark_of(run).word if run is not None else "to come"
                waits.append(f"waits for {stage.name}/{action.name} ({word})")
        if stage.name == stage_name:
            break
    return waits[:8] or ["its turn comes next"]


def _standing_since(state: PipelineState, run: ActionExecution) -> list[str]:
    """Why an earlier result stands."""
    from engine.execution.explain import checked_since, unread
    from engine.execution.narrowing import is_narrow

    if not is_narrow(state, run):
        return ["nothing that it depends on has changed since"]
    return [unread(run), *filter(None, [checked_since(run)])]


def _verdict(prose: Prose, store: Store, state: PipelineState, run: ActionExecution, otherwise: str) -> None:
    from engine.execution.explain import describe, observed
    from engine.execution.narrowing import is_narrow

    mark = mark_of(run, store.execution)
    if run.reused:
        number = number_of(state, run.reused_from)
        prose.marked(
            mark.glyph(), mark, f"reused from #{number}", f"saved {duration(run.saved)}" if run.saved >= 0.05 else ""
        )
        for line in _standing_since(state, run):
            prose.line(line, "$muted", 4)
    else:
        figure = duration(run.seconds) if run.seconds else ""
        prose.marked(mark.glyph(), mark, _sentence(state, run, mark), figure)
    first = any(change.kind == "first" for change in run.changes)
    prefix = "" if first or run.kind in ("approval", "source") or run.reused else "rerun: "
    for change in () if is_narrow(state, run) else run.changes:
        prose.line(f"{prefix}{describe(change)}", "", 4)
    for line in observed(state, run) if not run.reused else ():
        prose.line(line, "$muted", 4)
    if otherwise:
        prose.line(otherwise, "$accent", 4)
    if run.prepared is not None and run.awaits_approval:
        for evidence in run.prepared.evidence:
            prose.line(evidence, "", 4)
        prose.line("press a to approve or reject", "bold $status-waiting", 4)
    if run.paused:
        prose.line("press r to go on, s for a shell there, P for all that are paused", "bold $status-paused", 4)
    if run.failure is not None:
        prose.line(f"{run.failure.type}: {run.failure.message}", "$status-failed", 4)
        if run.failure.hint:
            prose.line(run.failure.hint, "$muted", 4)
    if run.born_in != run.execution_id:
        born = state.executions.get(run.born_in)
        prose.line(f"taken over from #{born.number if born else '?'}, which was at it already", "", 4)
    if run.cancelling is not None:
        prose.line(f"ended: {run.cancelling.reason}", "", 4)
    if run.decision is not None:
        word = "approved" if run.decision.approved else "rejected"
        said = f": {run.decision.summary}" if run.decision.summary else ""
        prose.line(f"{word}{f' by {run.decision.by}' if run.decision.by else ''}{said}", "", 4)
    if run.evicted:
        prose.line("its files were dropped from the cache: it can be looked at, not reused", "$muted", 4)
    if run.tainted:
        prose.line("it changed its own inputs: its result is right, but is never reused", "$status-waiting", 4)


_SLOTS = {slot.kind: slot.name for slot in (ENTRY, *AFTER)}
_CONDITIONS = {"Succeeded": Mark.SUCCEEDED, "InProgress": Mark.RUNNING, "Overridden": Mark.SKIPPED}


def _stage(prose: Prose, store: Store, state: PipelineState) -> None:
    """What keeps executions out of its stage, or let them through."""
    name, owner = store.chosen[0], store.owner(store.chosen)
    found = owner.stages.get(name) if owner else None
    closed = state.disabled(name)
    if closed is None and (found is None or not (found.conditions or found.summary or found.auto_retries)):
        return
    prose.head("Stage", name)
    if closed is not None:
        by = f" by {closed.by}" if closed.by else ""
        prose.marked("╳", Mark.STOPPED, f"its inbound transition is disabled{by}: {closed.reason}", "T enables it")
    for condition in found.conditions if found else ():
        mark = _CONDITIONS.get(condition.status, Mark.FAILED)
        by = f" by {condition.overridden_by}" if condition.overridden_by else ""
        text = f"condition {_SLOTS[condition.kind]} {condition.status}{by}"
        prose.marked(mark.glyph(), mark, text, f"its result is {condition.result}")
        if condition.summary:
            prose.line(condition.summary, "$muted", 4)
    if found is not None and found.summary:
        prose.line(found.summary, "", 4)
    if found is not None and found.auto_retries:
        prose.line("it was retried by itself, as onFailure says", "$muted", 4)


def _queued(state: PipelineState, run: ActionExecution) -> str:
    from engine.execution.explain import waits_for

    return waits_for(state, run) or "its turn has come: inputs and variables are being resolved"


def _standing(run: ActionExecution) -> str:
    from engine.execution.pausing import told

    return f"paused at {told(run.paused)}" if run.paused else ""


def _sentence(state: PipelineState, run: ActionExecution, mark: Mark) -> str:
    """The state in a few words."""
    match mark:
        case Mark.RUNNING:
            return run.summary or "running"
        case Mark.WAITING:
            return "waits for a person"
        case Mark.PAUSED:
            return _standing(run)
        case Mark.QUEUED:
            return _queued(state, run)
        case Mark.STUBBED:
            return run.summary or "stubbed: this provider does not run here"
        case Mark.SKIPPED:
            return run.summary or "left out by the selection of this run"
    return f"{mark.word}{f': {run.summary}' if run.summary else ''}"


def _history(prose: Prose, store: Store, state: PipelineState) -> None:
    from engine.execution.explain import describe

    attempts = state.attempts(*store.place())
    if not attempts:
        return
    prose.head("Runs", f"{len(attempts)} in all")
    for run in reversed(attempts[-HISTORY:]):
        execution = state.executions.get(run.execution_id)
        mark = mark_of(run, execution)
        number = f"#{execution.number}" if execution else "#?"
        took = duration(run.seconds) if run.seconds else ""
        retry = f" ×{run.attempt}" if run.attempt > 1 else ""
        reason = describe(run.changes[0]) if run.changes else ""
        if run.reused:
            reason = f"from #{number_of(state, run.reused_from)}"
        prose.spans(
            ("  ", ""),
            (number.rjust(5), "$muted"),
            (f"  {mark.glyph()} ", f"$status-{mark}"),
            (f"{mark.word}{retry}".ljust(13), ""),
            (took.rjust(6), "$muted"),
            (f"  {reason}", "$muted"),
            hang=32,
        )


def _parts(prose: Prose, run: ActionExecution) -> None:
    if not run.parts:
        return
    prose.head("What decides it", f"fingerprint {run.fingerprint[:12]}")
    for part in run.parts:
        value = part.value
        if value.startswith("secret:"):
            value = "(secret)"
        elif len(value) == 64 and set(value) <= set("0123456789abcdef"):
            value = value[:12]
        prose.row(part.kind, f"{part.subject}  {value}".strip())
