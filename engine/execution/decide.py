"""What happens next: a pure function from the state to events.

`decide` looks at every active execution, oldest first, and returns the next few events, or none when everything
waits for the world. The conductor records them and asks again. Semantics follow
https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from engine.execution import events as ev
from engine.execution.due import due
from engine.execution.reuse import is_forced, standing
from engine.execution.state import ActionExecution, Execution, PipelineState, StageExecution
from engine.model.pipeline import ActionDeclaration, StageDeclaration
from engine.model.status import ActionStatus, ExecutionStatus, StageStatus

PASSED = (StageStatus.SUCCEEDED, StageStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class World:
    """What a decision needs besides the state: the time, fresh ids, and how many actions may run at once."""

    now: float
    new_id: Callable[[], str]
    jobs: int


def decide(state: PipelineState, world: World) -> list[ev.Event]:
    """The next events, to be recorded in this order before asking again. Empty: wait for the world."""
    for execution in state.active:
        if found := _next(state, world, execution):
            return found
    return []


def next_deadline(state: PipelineState) -> float | None:
    """When `decide` must be asked again even if nothing happens: the earliest timeout of a running action."""
    deadlines = [
        action.started_at + action.prepared.deadline
        for action in state.live()
        if action.step == "running" and action.prepared and action.prepared.deadline
    ]
    return min(deadlines, default=None)


def _next(state: PipelineState, world: World, execution: Execution) -> list[ev.Event]:
    live = _live(state, execution)
    if found := [event for action in live for event in due(world.now, action)]:
        return found
    if execution.stop:
        return _stopping(execution, live)
    if execution.yields_to:
        return _yielding(state, execution, live)
    return _judged(state, world, execution, live) or _progress(state, world, execution)


def _judged(state: PipelineState, world: World, execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    """What becomes of prepared actions: all that are reused at once, for they do not depend on each other."""
    reused: list[ev.Event] = []
    for action in live:
        if action.step == "prepared" and (found := _judge(state, world, execution, action)):
            if not isinstance(found[0], ev.ActionReused):
                return reused or found
            reused += found
    return reused


def _live(state: PipelineState, execution: Execution) -> list[ActionExecution]:
    return [
        action
        for stage in execution.stages.values()
        if stage.status is not None
        for ids in stage.actions.values()
        if (action := state.actions[ids[-1]]).live and action.execution_id == execution.id
    ]


# -- one action ----------------------------------------------------------------------------------------------------


def _judge(state: PipelineState, world: World, execution: Execution, action: ActionExecution) -> list[ev.Event]:
    """What becomes of a prepared action: reused, adopted, started; or nothing yet, because it has to wait."""
    prepared = action.prepared
    if prepared is None:
        return []
    forced = is_forced(execution.forced, action.stage, action.action)
    source = None if forced else standing(state, action.stage, action.action, prepared)
    if source is not None:
        return [ev.ActionReused(action.id, source.id, saved=state.origin(source).seconds)]
    if rival := _rival(state, execution, action):
        return _meet(action, rival, forced)
    if _target_busy(state, action):
        return []
    if prepared.cost and _used_slots(state) + prepared.cost > max(world.jobs, prepared.cost):
        return _make_room(state)
    started: list[ev.Event] = [ev.ActionStarted(action.id)]
    if prepared.kind == "approval" and _approved_ahead(execution, action):
        started.append(ev.ApprovalDecided(action.id, True, "approved in advance", "--approve"))
    return started


def _rival(state: PipelineState, execution: Execution, action: ActionExecution) -> ActionExecution | None:
    """The same action, still running for another execution. Parallel ones stay apart, but a save takes over."""
    for owner in state.active:
        other = state.current(owner, action.stage, action.action)
        if other and other.id != action.id and other.running and (execution.mode != "PARALLEL" or owner.yields_to):
            return other
    return None


def _meet(action: ActionExecution, rival: ActionExecution, forced: bool) -> list[ev.Event]:
    same = rival.fingerprint == action.fingerprint and rival.step == "running"
    if same and not forced:
        return [ev.ActionAdopted(action.id, rival.id)]
    if rival.step == "running" and rival.prepared and rival.prepared.on_change == "restart":
        return [ev.ActionCancelling(rival.id, "its inputs changed")]
    return []


def _target_busy(state: PipelineState, action: ActionExecution) -> bool:
    """Whether another running effect changes the same target: two at once would leave nobody knows what."""
    if action.kind != "effect" or action.prepared is None:
        return False
    return any(
        other.id != action.id and other.running and other.prepared and other.prepared.target == action.prepared.target
        for other in state.live()
    )


def _used_slots(state: PipelineState) -> int:
    return sum(action.prepared.cost for action in state.live() if action.running and action.prepared)


def _make_room(state: PipelineState) -> list[ev.Event]:
    """No slot is free: end something that only an outdated execution still wants."""
    for execution in state.active:
        for action in _live(state, execution) if execution.yields_to else ():
            if action.step == "running" and action.prepared and action.prepared.on_change == "restart":
                return [ev.ActionCancelling(action.id, f"superseded by {_name(state, execution.yields_to)}")]
    return []


def _approved_ahead(execution: Execution, action: ActionExecution) -> bool:
    return bool({"all", action.action, f"{action.stage}/{action.action}"} & set(execution.approve))


# -- ends ----------------------------------------------------------------------------------------------------------


def _stopping(execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    found = _drop_unstarted(live, "the execution was stopped")
    if execution.stop and execution.stop.abandon:
        found += [ev.ActionCancelling(action.id, "stopped") for action in live if action.step == "running"]
    if execution.stop and not execution.stop.abandon:  # nobody will answer a question of a stopping execution
        found += [
            ev.ActionCancelling(action.id, "the execution was stopped")
            for action in live
            if action.step == "running" and action.kind == "approval"
        ]
    if found or live:
        return found
    reason = execution.stop.reason if execution.stop else ""
    return [
        *_close_stages(execution, StageStatus.STOPPED),
        ev.ExecutionEnded(execution.id, ExecutionStatus.STOPPED, reason),
    ]


def _yielding(state: PipelineState, execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    found = _drop_unstarted(live, "a newer save took over")
    successor = _successor(state, execution)
    found += [
        ev.ActionCancelling(action.id, f"superseded by {_name(state, execution.yields_to)}")
        for action in live
        if action.step == "running" and action.prepared and action.prepared.on_change == "restart"
        if not _may_adopt(state, successor, action)
    ]
    if found or live:
        return found
    return [
        *_close_stages(execution, StageStatus.CANCELLED),
        ev.ExecutionEnded(
            execution.id,
            ExecutionStatus.SUPERSEDED,
            f"superseded by {_name(state, execution.yields_to)}",
            by=execution.yields_to,
        ),
    ]


def _successor(state: PipelineState, execution: Execution) -> Execution:
    while execution.yields_to:
        execution = state.executions[execution.yields_to]
    return execution


def _may_adopt(state: PipelineState, successor: Execution, action: ActionExecution) -> bool:
    """Whether the newest save may still come to want what runs: it has the action, and no result for it yet."""
    declared = (stage for stage in state.declaration(successor).stages if stage.name == action.stage)
    known = any(action.action == other.name for stage in declared for other in stage.actions)
    current = state.current(successor, action.stage, action.action)
    return successor.active and known and (current is None or current.live)


def _drop_unstarted(live: list[ActionExecution], why: str) -> list[ev.Event]:
    return [
        ev.ActionEnded(action.id, ActionStatus.ABANDONED, summary=f"not started: {why}")
        for action in live
        if not action.running
    ]


def _close_stages(execution: Execution, status: StageStatus) -> list[ev.Event]:
    found: list[ev.Event] = []
    for stage in execution.stages.values():
        if stage.status in (StageStatus.IN_PROGRESS, StageStatus.STOPPING):
            found.append(ev.StageEnded(execution.id, stage.name, status))
        if stage.holds_lock:
            found.append(ev.StageReleased(execution.id, stage.name))
    return found


# -- stages --------------------------------------------------------------------------------------------------------


def _progress(state: PipelineState, world: World, execution: Execution) -> list[ev.Event]:
    for declared in state.declaration(execution).stages:
        stage = execution.stages[declared.name]
        if stage.status in PASSED:
            continue
        if stage.status is None:
            return _enter(state, execution, stage)
        if stage.status is StageStatus.FAILED:
            return _failed(state, execution, stage)
        return _inside(state, world, execution, declared, stage)
    return [ev.ExecutionEnded(execution.id, ExecutionStatus.SUCCEEDED)]


def _failed(state: PipelineState, execution: Execution, stage: StageExecution) -> list[ev.Event]:
    """A failed stage keeps its lock until the siblings of the failed action are done."""
    if any(state.actions[ids[-1]].live for ids in stage.actions.values()):
        return []
    found: list[ev.Event] = [ev.StageReleased(execution.id, stage.name)] if stage.holds_lock else []
    return [*found, ev.ExecutionEnded(execution.id, ExecutionStatus.FAILED, f"stage {stage.name} failed")]


def _inside(
    state: PipelineState, world: World, execution: Execution, declared: StageDeclaration, stage: StageExecution
) -> list[ev.Event]:
    current = {name: state.actions[ids[-1]] for name, ids in stage.actions.items() if name not in stage.rerun}
    if any(not action.live and not action.status.passes for action in current.values()):
        return [ev.StageEnded(execution.id, stage.name, StageStatus.FAILED)]
    ordered = sorted(declared.actions, key=lambda action: action.runOrder)
    for _, group in groupby(ordered, key=lambda action: action.runOrder):
        actions = list(group)
        missing = [action for action in actions if action.name not in current]
        if missing:
            return [event for action in missing for event in _schedule(world, execution, stage, action)]
        if any(current[action.name].live for action in actions):
            return []
    skipped = all(action.status is ActionStatus.SKIPPED for action in current.values())
    status = StageStatus.SKIPPED if skipped else StageStatus.SUCCEEDED
    found: list[ev.Event] = [ev.StageEnded(execution.id, stage.name, status)]
    return [*found, ev.StageReleased(execution.id, stage.name)] if stage.holds_lock else found


def _schedule(
    world: World, execution: Execution, stage: StageExecution, action: ActionDeclaration
) -> Iterator[ev.Event]:
    identity = world.new_id()
    attempt = len(stage.actions.get(action.name, ())) + 1
    yield ev.ActionScheduled(execution.id, stage.name, action.name, identity, attempt)
    if execution.selected and f"{stage.name}/{action.name}" not in execution.selected:
        yield ev.ActionEnded(identity, ActionStatus.SKIPPED, summary="not selected")


# -- the lock and the waiting place in front of it -----------------------------------------------------------------


def _enter(state: PipelineState, execution: Execution, stage: StageExecution) -> list[ev.Event]:
    if execution.mode == "PARALLEL":
        return [ev.StageEntered(execution.id, stage.name)]
    queue = state.waiting.get(stage.name, [])
    if execution.mode == "SUPERSEDED" and (found := _supersede(state, execution, queue)):
        return found
    holder = state.executions.get(state.locks.get(stage.name, ""))
    first = not queue or queue[0] == execution.id
    if holder is None and first:
        return [ev.StageEntered(execution.id, stage.name)]
    if holder is not None and first and _gives_way(state, holder, stage.name):
        return [ev.StageReleased(holder.id, stage.name), ev.StageEntered(execution.id, stage.name)]
    if execution.id in queue:
        return []
    blocker = holder or state.executions[queue[0]]
    reason = f"stage {stage.name} is locked by #{blocker.number}" if holder else f"behind #{blocker.number}"
    return [ev.StageWaiting(execution.id, stage.name, reason)]


def _supersede(state: PipelineState, execution: Execution, queue: list[str]) -> list[ev.Event]:
    """One waiting slot: a newer execution supersedes an older one there, never the other way round."""
    for identity in queue:
        other = state.executions[identity]
        if other is execution or not other.active:
            continue
        loser, winner = (other, execution) if other.number < execution.number else (execution, other)
        return [
            ev.ExecutionEnded(loser.id, ExecutionStatus.SUPERSEDED, f"superseded by #{winner.number}", by=winner.id)
        ]
    return []


def _gives_way(state: PipelineState, holder: Execution, stage: str) -> bool:
    """Whether an outdated holder lets a newer save in: unless something in there must finish first."""
    if not holder.yields_to:
        return False
    currents = (state.actions[ids[-1]] for ids in holder.stages[stage].actions.values())
    return not any(
        action.running and action.execution_id == holder.id and action.prepared.on_change != "restart"
        for action in currents
        if action.prepared
    )


def _name(state: PipelineState, identity: str) -> str:
    execution = state.executions.get(identity)
    return f"#{execution.number}" if execution else "a newer execution"
