"""What the graph shows: a pipeline's stages and actions with their marks and short notes.

The engine's types are only named here, never imported at run time: the first frame must not wait for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.graph.durations import duration
from tui.graph.marks import FIDELITY, URGENCY, Mark

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
    from engine.model.pipeline import ActionDeclaration, PipelineDeclaration, StageDeclaration

Key = tuple[str, str]
"""An action's place: stage name and action name."""


_COMMAND = re.compile(r"Error while executing command: (?P<command>.+)\. Reason: (?P<reason>.+)$")


@dataclass(frozen=True, slots=True)
class ActionNode:
    """One action as the graph draws it. `word` is its state, `note` the figure beside it, `badges` its marks.

    `detail` is a sentence for where there is much room: what failed, what it is at.
    """

    stage: str
    name: str
    order: int
    mark: Mark = Mark.PENDING
    word: str = ""
    note: str = ""
    badges: str = ""
    detail: str = ""

    @property
    def key(self) -> Key:
        """Its place."""
        return self.stage, self.name

    @property
    def state(self) -> str:
        """State and figure together: ``running 12s``, ``reused #12``."""
        return f"{self.word} {self.note}".strip()


@dataclass(frozen=True, slots=True)
class StageNode:
    """One stage as the graph draws it. `groups` are its actions by runOrder; `note` stands in its frame."""

    name: str
    mark: Mark
    groups: tuple[tuple[ActionNode, ...], ...]
    note: str = ""
    open: bool = True

    @property
    def actions(self) -> list[ActionNode]:
        """All its actions in order."""
        return [action for group in self.groups for action in group]


@dataclass(frozen=True, slots=True)
class GraphModel:
    """The whole picture."""

    stages: tuple[StageNode, ...] = ()

    @property
    def actions(self) -> list[ActionNode]:
        """All actions in order."""
        return [action for stage in self.stages for action in stage.actions]


def picture(
    declaration: PipelineDeclaration,
    state: PipelineState | None = None,
    execution: Execution | None = None,
    now: float = 0.0,
) -> GraphModel:
    """The graph of a definition, with the marks of `execution` where there is one."""
    stages = []
    for stage in declaration.stages:
        shown = owner_of(state, execution, stage.name)
        stages.append(_stage(stage, state, shown, execution, now))
    return GraphModel(tuple(stages))


def owner_of(state: PipelineState | None, execution: Execution | None, stage: str) -> Execution | None:
    """Whose run a stage shows: the execution's own, or an older one's that is still in there."""
    if state is None or execution is None:
        return execution
    entered = execution.stages.get(stage)
    if (entered is None or not entered.entered_at) and execution is state.latest and execution.active:
        older = state.executions.get(state.locks.get(stage, ""))
        if older is not None and older.active:
            return older
    return execution


def _stage(
    stage: StageDeclaration,
    state: PipelineState | None,
    shown: Execution | None,
    wanted: Execution | None,
    now: float,
) -> StageNode:
    groups = []
    for order in sorted({action.runOrder for action in stage.actions}):
        members = [action for action in stage.actions if action.runOrder == order]
        groups.append(tuple(_action(action, stage.name, state, shown, now) for action in members))
    found = shown.stages.get(stage.name) if shown else None
    marks = [action.mark for group in groups for action in group]
    note = f"#{shown.number}" if shown is not None and shown is not wanted else ""
    if found and found.waiting and not found.entered_at:
        note = "waiting"
    return StageNode(stage.name, _stage_mark(found, marks, shown), tuple(groups), note)


def _stage_mark(found: StageExecution | None, marks: list[Mark], execution: Execution | None) -> Mark:
    urgent = next((mark for mark in URGENCY if mark in marks), Mark.PENDING)
    status = found.status if found else None
    if status is None:
        return Mark.QUEUED if found and found.waiting else _left_out(execution)
    if status == "InProgress":
        return urgent if urgent in (Mark.WAITING, Mark.FAILED) else Mark.RUNNING
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


def _action(
    action: ActionDeclaration,
    stage: str,
    state: PipelineState | None,
    execution: Execution | None,
    now: float,
) -> ActionNode:
    run = state.current(execution, stage, action.name) if state and execution else None
    if state is None or execution is None or run is None:
        mark = _left_out(execution)
        return ActionNode(stage, action.name, action.runOrder, mark, "" if mark is Mark.PENDING else mark.word)
    mark = mark_of(run, execution)
    badges = FIDELITY.get(run.fidelity or "", "") if mark is not Mark.STUBBED else ""
    if run.attempt > 1:
        badges += f" ×{run.attempt}" if badges else f"×{run.attempt}"
    word, note = _word(run, mark), _note(state, run, mark, now)
    return ActionNode(stage, action.name, action.runOrder, mark, word, note, badges, _detail(run, mark))


def mark_of(run: ActionExecution, execution: Execution | None = None) -> Mark:
    """How one action execution looks."""
    if run.live:
        if run.awaits_approval:
            return Mark.WAITING
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
    return mark.word


def _note(state: PipelineState, run: ActionExecution, mark: Mark, now: float) -> str:
    """The figure beside the state: whose result it is, or how long it took."""
    if run.reused:
        number = number_of(state, run.reused_from)
        return f"#{number}" if number else ""
    if run.live:
        elapsed = duration(max(0.0, now - run.started_at), coarse=True) if run.started_at else ""
        if run.born_in != run.execution_id:
            born = state.executions.get(run.born_in)
            return f"{elapsed} ⇤#{born.number}" if born else elapsed
        return "" if mark is Mark.WAITING else elapsed
    return duration(run.seconds) if run.seconds and mark is not Mark.SKIPPED else ""


def _detail(run: ActionExecution, mark: Mark) -> str:
    """One line on what came of it, or what it is at."""
    if run.failure is not None:
        return brief(run.failure.message)
    if run.cancelling is not None and run.live:
        return run.cancelling.reason
    if mark is Mark.WAITING:
        return "press a"
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
