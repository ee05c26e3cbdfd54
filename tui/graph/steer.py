"""Moving a selection over a drawn graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from tui.graph.model import Key
from tui.graph.plan import Box, Plan

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration


class Steer:
    """Steps over a plan that keep their row, or their column, over stages that have no such row."""

    def __init__(self) -> None:
        self._aim: tuple[Key, int, bool] | None = None

    def step(self, plan: Plan, here: Key, dx: int, dy: int) -> Key:
        """The action next to `here` in a direction; `here` itself at the edge."""
        box = plan.boxes.get(here)
        if box is None:
            return next(iter(plan.boxes), here)
        sideways = bool(dx)
        kept = self._aim[1] if self._aim and self._aim[0] == here and self._aim[2] == sideways else None
        move = _in_lanes if plan.lanes else _in_columns
        aim = kept if kept is not None else _place(plan, here, sideways)
        after = move(plan, here, dx, dy, aim)
        self._aim = (after, aim, sideways)
        return after


def step(plan: Plan, here: Key, dx: int, dy: int) -> Key:
    """One step that remembers nothing."""
    return Steer().step(plan, here, dx, dy)


def _place(plan: Plan, here: Key, sideways: bool) -> int:
    """What a way keeps: sideways the row within a column or a stage, up and down the cell."""
    box = plan.boxes[here]
    if not sideways:
        return box.x
    if not plan.lanes:
        return box.row
    return _siblings(plan, here[0]).index(here)


def _siblings(plan: Plan, stage: str) -> list[Key]:
    return [key for key in plan.boxes if key[0] == stage]


def _nearest(boxes: Iterable[tuple[Key, Box]], cost: Callable[[Box], tuple[int, int] | None]) -> Key | None:
    costs = [(found, key) for key, box in boxes if (found := cost(box)) is not None]
    return min(costs, key=lambda item: item[0])[1] if costs else None


def _in_columns(plan: Plan, here: Key, dx: int, dy: int, aim: int) -> Key:
    box = plan.boxes[here]

    def along(other: Box) -> tuple[int, int] | None:
        across, below = (other.column - box.column) * dx, (other.row - box.row) * dy
        if dx:
            return (across, abs(other.row - aim)) if across > 0 else None
        return (below, 0) if below > 0 and other.column == box.column else None

    def beyond(other: Box) -> tuple[int, int] | None:
        """From the last row of a band into the next one, from the first into the one before."""
        if not dy or other.band != box.band + dy:
            return None
        return abs(other.x - aim), abs(other.y - box.y)

    return _nearest(plan.boxes.items(), along) or _nearest(plan.boxes.items(), beyond) or here


def _in_lanes(plan: Plan, here: Key, dx: int, dy: int, aim: int) -> Key:
    box = plan.boxes[here]

    def along(other: Box) -> tuple[int, int] | None:
        across, below = (other.x - box.x) * dx, (other.y - box.y) * dy
        if dx:
            return (across, 0) if across > 0 and other.y == box.y else None
        return (below, abs(other.x - aim)) if below > 0 else None

    return _nearest(plan.boxes.items(), along) or (_other_stage(plan, here, dx, aim) if dx else here)


def _other_stage(plan: Plan, here: Key, dx: int, aim: int) -> Key:
    """Where actions are below each other, sideways goes to the same place in the stage before or after."""
    stages = list(plan.stages)
    index = stages.index(here[0]) + dx
    while 0 <= index < len(stages) and not _siblings(plan, stages[index]):
        index += dx
    if not 0 <= index < len(stages):
        return here
    found = _siblings(plan, stages[index])
    return found[min(aim, len(found) - 1)]


def at(plan: Plan, x: int, y: int) -> Key | None:
    """The action at a cell; for a stage's own lines its first one."""
    for key, box in plan.boxes.items():
        if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
            return key
    for stage, (left, right, top, below) in plan.stages.items():
        if left <= x < right and top <= y < below:
            return next((key for key in plan.boxes if key[0] == stage), None)
    return None


def relatives(declaration: PipelineDeclaration | None, here: Key) -> Mapping[Key, str]:
    """Who makes what this action reads (‹) and who reads what it makes (›)."""
    if declaration is None:
        return {}
    reads: set[str] = set()
    makes: set[str] = set()
    for stage in declaration.stages:
        for action in stage.actions:
            if (stage.name, action.name) == here:
                reads = {artifact.name for artifact in action.inputArtifacts}
                makes = {artifact.name for artifact in action.outputArtifacts}
    found: dict[Key, str] = {}
    for stage in declaration.stages:
        for action in stage.actions:
            if (stage.name, action.name) == here:
                continue
            if reads & {artifact.name for artifact in action.outputArtifacts}:
                found[stage.name, action.name] = "‹"
            elif makes & {artifact.name for artifact in action.inputArtifacts}:
                found[stage.name, action.name] = "›"
    return found
