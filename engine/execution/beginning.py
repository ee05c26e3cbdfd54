"""What becomes of a prepared action: reused, adopted, started; or nothing yet, because it has to wait."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.naming import name_of
from engine.execution.reuse import is_forced, standing
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.execution.world import World

PARALLEL_ACTIONS = 5  # AWS's cap for each execution of mode PARALLEL


def judged(state: PipelineState, world: World, execution: Execution, live: list[ActionExecution]) -> list[ev.Event]:
    """What becomes of prepared actions: all that are reused at once, for they do not depend on each other."""
    reused: list[ev.Event] = []
    for action in live:
        if action.step == "prepared" and (found := _judge(state, world, execution, action)):
            if not isinstance(found[0], ev.ActionReused):
                return reused or found
            reused += found
    return reused


def is_full(state: PipelineState, execution: Execution) -> bool:
    """Whether a parallel execution runs as many actions as it may."""
    if execution.mode != "PARALLEL":
        return False
    return sum(action.busy for action in state.live_in(execution)) >= PARALLEL_ACTIONS


def _judge(state: PipelineState, world: World, execution: Execution, action: ActionExecution) -> list[ev.Event]:
    prepared = action.prepared
    if prepared is None:
        return []
    forced = is_forced(execution.forced, action.stage, action.action) or bool(action.resume)
    source = None if forced else standing(state, action.stage, action.action, prepared)
    if source is not None:
        return [ev.ActionReused(action.id, source.id, saved=state.origin(source).seconds)]
    if rival := _rival(state, execution, action):
        return _meet(action, rival, forced)
    if _target_busy(state, action) or is_full(state, execution):
        return []
    if prepared.cost and used_slots(state) + prepared.cost > max(world.jobs, prepared.cost):
        return _make_room(state)
    started: list[ev.Event] = [ev.ActionStarted(action.id)]
    if prepared.kind == "approval" and _approved_ahead(execution, action):
        started.append(ev.ApprovalDecided(action.id, True, "approved in advance", "--approve"))
    return started


def _rival(state: PipelineState, execution: Execution, action: ActionExecution) -> ActionExecution | None:
    """The same action, still running for another execution. Parallel ones stay apart, but a save takes over."""
    for owner in state.active:
        other = state.current(owner, action.stage, action.action)
        if (
            other
            and other.id != action.id
            and other.running
            and owner.lane == execution.lane
            and (execution.mode != "PARALLEL" or owner.yields_to)
        ):
            return other
    return None


def _meet(action: ActionExecution, rival: ActionExecution, forced: bool) -> list[ev.Event]:
    same = rival.fingerprint == action.fingerprint and rival.step == "running"
    if same and not forced and not action.condition:
        return [ev.ActionAdopted(action.id, rival.id)]
    if _may_be_ended(rival):
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


def used_slots(state: PipelineState) -> int:
    """How many of the job slots are taken, in all executions."""
    return sum(action.slots for action in state.live())


def _make_room(state: PipelineState) -> list[ev.Event]:
    """No slot is free: end something that only an outdated execution still wants."""
    for execution in state.active:
        for action in state.live_in(execution) if execution.yields_to else ():
            if _may_be_ended(action):
                return [ev.ActionCancelling(action.id, f"superseded by {name_of(state, execution.yields_to)}")]
    return []


def _may_be_ended(action: ActionExecution) -> bool:
    """Whether a save may end what runs."""
    restarts = action.prepared is not None and action.prepared.on_change == "restart"
    return restarts and action.step == "running" and not action.attended


def _approved_ahead(execution: Execution, action: ActionExecution) -> bool:
    return bool({"all", action.action, f"{action.stage}/{action.action}"} & set(execution.approve))
