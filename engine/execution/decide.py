"""What happens next: a pure function from the state to events.

`decide` looks at every active execution, oldest first, and returns the next few events, or none when everything
waits for the world. The conductor records them and asks again. Semantics follow
https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.execution import events as ev
from engine.execution.beginning import judged
from engine.execution.conditions import evaluate, holds, told
from engine.execution.continuing import taken_up
from engine.execution.due import due, wakes_at
from engine.execution.ending import cancelling, is_outdated, stopping, yielding
from engine.execution.entering import enter
from engine.execution.failing import failed
from engine.execution.order import ready
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.execution.world import World
from engine.model.pipeline import ActionDeclaration, StageDeclaration
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus

__all__ = ["World", "decide", "next_deadline"]

PASSED = (StageStatus.SUCCEEDED, StageStatus.SKIPPED)


def decide(state: PipelineState, world: World) -> list[ev.Event]:
    """The next events, to be recorded in this order before asking again. Empty: wait for the world."""
    for execution in state.active:
        if found := _next(state, world, execution):
            return found
    return []


def next_deadline(state: PipelineState) -> float | None:
    """When `decide` must be asked again even if nothing happens: time runs out, or a window opens."""
    return min((when for action in state.live() for when in wakes_at(action)), default=None)


def _next(state: PipelineState, world: World, execution: Execution) -> list[ev.Event]:
    live = state.live_in(execution)
    if found := [event for action in live for event in due(state, world.now, action)]:
        return found
    if execution.stop:
        return stopping(execution, live)
    if execution.yields_to:
        return yielding(state, execution, live)
    if is_outdated(state, execution):
        return cancelling(state, execution, live)
    return judged(state, world, execution, live) or _progress(state, world, execution)


def _progress(state: PipelineState, world: World, execution: Execution) -> list[ev.Event]:
    for declared in state.plan_of(execution):
        stage = execution.stages[declared.name]
        if stage.status in PASSED:
            continue
        if stage.status is None:
            return enter(state, execution, stage)
        if stage.status is StageStatus.FAILED:
            return failed(state, world, execution, declared, stage)
        return _inside(state, world, execution, declared, stage)
    return [ev.ExecutionEnded(execution.id, ExecutionStatus.SUCCEEDED)]


def _inside(
    state: PipelineState, world: World, execution: Execution, declared: StageDeclaration, stage: StageExecution
) -> list[ev.Event]:
    entry = holds(execution, declared, stage, "BEFORE_ENTRY")
    if entry is None:
        return evaluate(state, world, execution, declared, stage, "BEFORE_ENTRY")
    if not entry:
        return _not_let_in(execution, stage)
    current = {name: state.actions[ids[-1]] for name, ids in stage.actions.items() if name not in stage.rerun}
    if any(not action.live and not action.status.passes for action in current.values()):
        return [ev.StageEnded(execution.id, stage.name, StageStatus.FAILED)]
    done = {name for name, action in current.items() if not action.live}
    if turns := list(ready(declared, current, done, world.after)):
        return [event for action in turns for event in _schedule(state, world, execution, stage, action)]
    if any(action.live for action in current.values()):
        return []
    return _all_done(state, world, execution, declared, stage, current)


def _all_done(
    state: PipelineState,
    world: World,
    execution: Execution,
    declared: StageDeclaration,
    stage: StageExecution,
    current: dict[str, ActionExecution],
) -> list[ev.Event]:
    match holds(execution, declared, stage, "ON_SUCCESS"):
        case None:
            return evaluate(state, world, execution, declared, stage, "ON_SUCCESS")
        case False:  # the lock is kept until what follows is known
            return [ev.StageEnded(execution.id, stage.name, StageStatus.FAILED, _refused(stage))]
        case _:
            skipped = all(action.status is ActionStatus.SKIPPED for action in current.values())
            return _left(execution, stage, StageStatus.SKIPPED if skipped else StageStatus.SUCCEEDED)


def _not_let_in(execution: Execution, stage: StageExecution) -> list[ev.Event]:
    condition = stage.condition("BEFORE_ENTRY")
    if condition and condition.result == "SKIP":
        return _left(execution, stage, StageStatus.SKIPPED, _refused(stage))
    return [ev.StageEnded(execution.id, stage.name, StageStatus.FAILED, _refused(stage))]


def _refused(stage: StageExecution) -> str:
    return next((told(found) for found in stage.conditions if found.stands and not found.passed), "")


def _left(execution: Execution, stage: StageExecution, status: StageStatus, summary: str = "") -> list[ev.Event]:
    ended: list[ev.Event] = [ev.StageEnded(execution.id, stage.name, status, summary)]
    return [*ended, ev.StageReleased(execution.id, stage.name)] if stage.holds_lock else ended


def _schedule(
    state: PipelineState, world: World, execution: Execution, stage: StageExecution, action: ActionDeclaration
) -> Iterator[ev.Event]:
    identity = world.new_id()
    attempt = len(stage.actions.get(action.name, ())) + 1
    how, earlier = taken_up(state, execution, stage, action.name)
    resumes = earlier.id if earlier else ""
    yield ev.ActionScheduled(execution.id, stage.name, action.name, identity, attempt, resume=how, resumes=resumes)
    if execution.selected and f"{stage.name}/{action.name}" not in execution.selected:
        yield ev.ActionEnded(identity, ActionStatus.SKIPPED, summary="not selected")
