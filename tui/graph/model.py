"""What the graph shows: a pipeline's stages and actions with their marks and short notes.

The engine's types are only named here, never imported at run time: the first frame must not wait for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tui.graph import builds
from tui.graph.conditions import AFTER, ENTRY, Slot, rules
from tui.graph.durations import duration
from tui.graph.expected import critical, left
from tui.graph.marks import FIDELITY, URGENCY, Mark

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
    from engine.model.pipeline import PipelineDeclaration, StageDeclaration
    from tui.eta import Usual

Key = tuple[str, str]
"""An action's place: stage name and action name."""


_COMMAND = re.compile(r"Error while executing command: (?P<command>.+)\. Reason: (?P<reason>.+)$")


class ActionNode(NamedTuple):
    """One action as the graph draws it. `word` is its state, `note` the figure beside it, `badges` its marks.

    `detail` is a sentence for where there is much room: what failed, what it is at. A rule of a condition is drawn
    like an action; its `label` says which. `children` are parts with rows of their own below it, such as the builds
    of a batch: a child's name is ``Action/child``, its `label` what is drawn.

    `seconds` is how long it ran or, in whole seconds, runs; `usual` how long it usually takes; both 0.0 while unknown.
    `critical`: what comes after its group waits for it, by what is known now.
    """

    stage: str
    name: str
    order: int
    mark: Mark = Mark.PENDING
    word: str = ""
    note: str = ""
    badges: str = ""
    detail: str = ""
    label: str = ""
    children: tuple[ActionNode, ...] = ()
    seconds: float = 0.0
    usual: float = 0.0
    critical: bool = False

    @property
    def text(self) -> str:
        """What it is called on the screen."""
        return self.label or self.name

    @property
    def key(self) -> Key:
        """Its place."""
        return self.stage, self.name

    @property
    def state(self) -> str:
        """State and figure together: ``running 12s``, ``reused #12``."""
        return f"{self.word} {self.note}".strip()


class StageNode(NamedTuple):
    """One stage as the graph draws it. `groups` are its actions by runOrder, rules before and after them.

    `note` stands in its frame. `open` is False where the inbound transition is disabled; `waiting` counts the
    executions in front of it. `seconds` is how long it took or, in whole seconds, takes; `left` how long it still will.
    """

    name: str
    mark: Mark
    groups: tuple[tuple[ActionNode, ...], ...]
    note: str = ""
    open: bool = True
    waiting: int = 0
    seconds: float = 0.0
    left: float | None = None

    @property
    def actions(self) -> list[ActionNode]:
        """All its actions in order."""
        return [action for group in self.groups for action in group]


class GraphModel(NamedTuple):
    """The whole picture."""

    stages: tuple[StageNode, ...] = ()

    @property
    def actions(self) -> list[ActionNode]:
        """All actions in order."""
        return [action for stage in self.stages for action in stage.actions]

    @property
    def nodes(self) -> list[ActionNode]:
        """All actions in order, each followed by its children."""
        return [node for action in self.actions for node in (action, *action.children)]


def picture(
    declaration: PipelineDeclaration,
    state: PipelineState | None = None,
    execution: Execution | None = None,
    now: float = 0.0,
    usual: Usual | None = None,
    known: Known | None = None,
) -> GraphModel:
    """The graph of a definition, with the marks of `execution` where there is one.

    `usual` says how long actions take; without it nothing is expected. `known` keeps the nodes that cannot change any
    more from one picture of a state to the next.
    """
    seen = _Seen(state, execution, now, usual, {} if known is None else known)
    return GraphModel(tuple(_stage(stage, seen) for stage in declaration.stages))


Known = dict[Key, tuple[object, ActionNode]]
"""Nodes by place, each with what it was made from."""


class _Seen(NamedTuple):
    """What a picture is made from: the state, whose run is wanted, the time, and what is usual."""

    state: PipelineState | None
    wanted: Execution | None
    now: float
    usual: Usual | None
    known: Known


def owner_of(state: PipelineState | None, execution: Execution | None, stage: str) -> Execution | None:
    """Whose run a stage shows: the execution's own, or an older one's that is still in there."""
    if state is None or execution is None:
        return execution
    entered = execution.stages.get(stage)
    if execution.rollback_stage not in ("", stage):  # a rollback is about one stage; the others stay as they were
        return state.executions.get(execution.rollback_target)
    if (entered is None or not entered.entered_at) and execution is state.latest and execution.active:
        older = state.executions.get(state.locks.get(stage, ""))
        if older is not None and older.active:
            return older
    return execution


def _stage(stage: StageDeclaration, seen: _Seen) -> StageNode:
    state, shown = seen.state, owner_of(seen.state, seen.wanted, stage.name)

    def node(name: str, order: int, label: str = "") -> ActionNode:
        return _node(stage.name, name, order, label, seen, shown)

    groups = []
    for order in sorted({action.runOrder for action in stage.actions}):
        members = [action for action in stage.actions if action.runOrder == order]
        groups.append(critical([node(action.name, order) for action in members]))
    found = shown.stages.get(stage.name) if shown else None
    marks = [action.mark for group in groups for action in group]
    around = [[node(rule.key[1], order, rule.label) for rule in rules(stage, slot)] for order, slot in _AROUND]
    whole = tuple(tuple(group) for group in (around[0], *groups, around[1] + around[2]) if group)
    return StageNode(
        stage.name,
        _stage_mark(found, marks, shown),
        whole,
        note=" · ".join(_stage_notes(stage.name, state, shown, seen.wanted)),
        open=state is None or state.disabled(stage.name) is None,
        waiting=len(_in_front(stage.name, state, shown)),
        seconds=_elapsed(found.entered_at, found.ended_at, seen.now) if found else 0.0,
        left=left(groups) if found and found.entered_at and not found.ended_at else None,
    )


def _elapsed(began: float, ended: float, now: float) -> float:
    """Seconds between the two; in whole seconds while it goes on, 0.0 where it has not begun."""
    if not began:
        return 0.0
    return max(0.0, ended - began) if ended else float(max(0, int(now - began)))


_AROUND: tuple[tuple[int, Slot], ...] = ((0, ENTRY), (1000, AFTER[0]), (1001, AFTER[1]))


def _stage_notes(
    name: str, state: PipelineState | None, shown: Execution | None, wanted: Execution | None
) -> Iterator[str]:
    """What is special about a stage now: whose run it shows, what it waits for, who waits in front of it."""
    if state is None or shown is None:
        return
    if shown is not wanted:
        yield f"#{shown.number}"
    if shown.rollback_stage == name:
        target = state.executions.get(shown.rollback_target)
        yield f"rollback to #{target.number}" if target else "rollback"
    found = shown.stages.get(name)
    if found and found.waiting and not found.entered_at:
        yield "waiting"
    if found and found.auto_retries:
        yield "retried by itself"
    if found and any(condition.status == "Overridden" and condition.stands for condition in found.conditions):
        yield "overridden"
    if numbers := _in_front(name, state, shown):
        yield f"#{numbers[0]} waits" if len(numbers) == 1 else f"{len(numbers)} wait"


def _in_front(name: str, state: PipelineState | None, shown: Execution | None) -> list[int]:
    """The numbers of the other executions that wait in front of a stage."""
    if state is None or shown is None:
        return []
    others = [identity for identity in state.waiting.get(shown.lock_of(name), ()) if identity != shown.id]
    return [state.executions[identity].number for identity in others if identity in state.executions]


def _stage_mark(found: StageExecution | None, marks: list[Mark], execution: Execution | None) -> Mark:
    urgent = next((mark for mark in URGENCY if mark in marks), Mark.PENDING)
    status = found.status if found else None
    if status is None:
        return Mark.QUEUED if found and found.waiting else _left_out(execution)
    if status == "InProgress":
        return urgent if urgent in (Mark.WAITING, Mark.PAUSED, Mark.FAILED) else Mark.RUNNING
    if status == "Stopping":
        return Mark.CANCELLING
    if status == "Succeeded":
        stubbed = any(mark is Mark.STUBBED for mark in marks)
        reused = all(mark in (Mark.REUSED, Mark.SKIPPED) for mark in marks)
        return Mark.STUBBED if stubbed else Mark.REUSED if reused and marks else Mark.SUCCEEDED
    words = {"Failed": Mark.FAILED, "Stopped": Mark.STOPPED, "Skipped": Mark.SKIPPED}
    return words.get(status, Mark.STOPPED)


def _left_out(execution: Execution | None) -> Mark:
    """The mark of what an execution never reached: still to come, or never to be."""
    if execution is not None and execution.status == "Superseded":
        return Mark.SUPERSEDED
    return Mark.PENDING


def _node(stage: str, name: str, order: int, label: str, seen: _Seen, execution: Execution | None) -> ActionNode:
    """An action, or a rule, which has a label."""
    run = seen.state.current(execution, stage, name) if seen.state and execution else None
    if run is not None and run.live:
        return _made(stage, name, order, label, seen, execution, run)
    source = (run.id if run else "", execution.id if execution else "", execution.status if execution else "")
    if (found := seen.known.get((stage, name))) is None or found[0] != source:
        found = seen.known[stage, name] = (source, _made(stage, name, order, label, seen, execution, run))
    return found[1]


def _made(
    stage: str,
    name: str,
    order: int,
    label: str,
    seen: _Seen,
    execution: Execution | None,
    run: ActionExecution | None,
) -> ActionNode:
    state = seen.state
    usual = (seen.usual.seconds(stage, name, without=run.id if run else "") if seen.usual else None) or 0.0
    if state is None or execution is None or run is None:
        mark = _left_out(execution)
        word = "" if mark is Mark.PENDING else mark.word
        usual = usual if execution is None or execution.active else 0.0
        return ActionNode(
            stage, name, order, mark, word, label=label, usual=usual, detail=_stale(seen, execution, (stage, name))
        )
    mark = mark_of(run, execution)
    badges = FIDELITY.get(run.fidelity or "", "") if mark is not Mark.STUBBED else ""
    if run.attempt > 1:
        badges += f" ×{run.attempt}" if badges else f"×{run.attempt}"
    if tests := sum(report.total for report in run.reports):
        badges = f"{badges} {tests - sum(report.failed for report in run.reports)}/{tests}".strip()
    return ActionNode(
        stage,
        name,
        order,
        mark,
        _word(run, mark),
        _note(state, run, mark, seen.now),
        badges,
        _detail(run, mark, execution) or _held(state, run),
        label,
        builds.rows(run, order, seen.now),
        seconds=0.0 if run.reused else _elapsed(run.started_at, run.ended_at, seen.now),
        usual=usual,
    )


def _stale(seen: _Seen, execution: Execution | None, place: Key) -> str:
    """What stands where an execution has not come to, or never will."""
    number = seen.usual.last(*place) if seen.usual and execution else 0
    return f"still as of #{number}" if execution and 0 < number < execution.number else ""


def mark_of(run: ActionExecution, execution: Execution | None = None) -> Mark:
    """How one action execution looks."""
    if run.live:
        if run.awaits_approval:
            return Mark.WAITING
        if run.paused:
            return Mark.PAUSED
        return {"running": Mark.RUNNING, "cancelling": Mark.CANCELLING}.get(run.step, Mark.QUEUED)
    match run.status:
        case "Succeeded":
            return Mark.REUSED if run.reused else Mark.SUCCEEDED
        case "Failed":
            return Mark.FAILED
        case "Skipped":
            return Mark.SKIPPED
        case "Stubbed":
            return Mark.STUBBED
        case _:
            superseded = execution is not None and execution.status == "Superseded"
            return Mark.SUPERSEDED if superseded else Mark.ABANDONED


def _word(run: ActionExecution, mark: Mark) -> str:
    if mark is Mark.FAILED and run.failure is not None:
        return {"Rejected": "rejected", "Timeout": "timed out"}.get(run.failure.type, mark.word)
    if mark is Mark.SUCCEEDED and run.kind == "approval":
        return "approved"
    if run.condition and mark in _OF_RULES:
        return _OF_RULES[mark]
    return mark.word


_OF_RULES = {Mark.SUCCEEDED: "holds", Mark.FAILED: "does not hold", Mark.RUNNING: "judging"}


def _note(state: PipelineState, run: ActionExecution, mark: Mark, now: float) -> str:
    """The figure beside the state: whose result it is, or how long it took."""
    if run.reused:
        number = number_of(state, run.reused_from)
        return f"#{number}" if number else ""
    if run.live:
        elapsed = duration(max(0.0, now - run.started_at - run.rested), coarse=True) if run.started_at else ""
        if run.born_in != run.execution_id:
            born = state.executions.get(run.born_in)
            return f"{elapsed} ⇤#{born.number}" if born else elapsed
        return "" if mark in (Mark.WAITING, Mark.PAUSED) else elapsed
    return duration(run.seconds) if run.seconds and mark is not Mark.SKIPPED else ""


def _held(state: PipelineState, run: ActionExecution) -> str:
    """Whose paused run a queued one waits for."""
    found = state.held_by(run) if run.live else None
    return f"#{found.number} is paused here: press P" if found else ""


def _detail(run: ActionExecution, mark: Mark, execution: Execution) -> str:
    """One line on what came of it, or what it is at; the revision of a source."""
    if run.failure is not None:
        return brief(run.failure.message)
    if run.cancelling is not None and run.live:
        return run.cancelling.reason
    if mark is Mark.WAITING:
        return "press a"
    if run.paused:
        many = len(run.pauses) > 1
        return f"{len(run.pauses)} builds: press P" if many else f"{run.paused.command.strip()}: press P"
    revision = execution.revisions.get(run.action) if run.kind == "source" else None
    if revision is not None:
        return f"{revision.label} {revision.summary}".strip()
    return run.summary.split("\n")[0]


def brief(message: str) -> str:
    """What went wrong without AWS's words around it: they fill a narrow line before they say anything."""
    line = message.split("\n")[0]
    if found := _COMMAND.search(line):
        return f"{found['reason']}: {found['command']}"
    return line.partition(", Message: ")[2] or line


def number_of(state: PipelineState, action_execution_id: str) -> int:
    """The number of the execution that scheduled an action execution; 0 when it is not known any more."""
    source = state.actions.get(action_execution_id)
    born = state.executions.get(source.born_in) if source else None
    return born.number if born else 0
