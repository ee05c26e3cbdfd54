"""Moving a selection over a drawn graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.graph.canvas import Box, Layout
from tui.graph.model import Key

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration


def step(layout: Layout, here: Key, dx: int, dy: int) -> Key:
    """The action next to `here` in a direction; `here` itself at the edge."""
    if here not in layout.boxes:
        return next(iter(layout.boxes), here)
    if layout.lanes and dx:
        return _other_stage(layout, here, dx)
    box = layout.boxes[here]
    for ahead in (_in_line, _in_next_band):
        found = [(ahead(box, other, dx, dy), key) for key, other in layout.boxes.items()]
        costs = [(cost, key) for cost, key in found if cost is not None]
        if costs:
            return min(costs, key=lambda item: item[0])[1]
    return here


def _in_line(box: Box, other: Box, dx: int, dy: int) -> tuple[int, int] | None:
    """How far the other is in the direction of the step; None where it is not."""
    across, down = (other.column - box.column) * dx, (other.row - box.row) * dy
    if dx:
        return (across, abs(other.row - box.row)) if across > 0 else None
    return (down, 0) if down > 0 and other.column == box.column else None


def _in_next_band(box: Box, other: Box, dx: int, dy: int) -> tuple[int, int] | None:
    """From the last row of a band into the next one, from the first into the one before."""
    if not dy or other.band != box.band + dy:
        return None
    return abs(other.x - box.x), abs(other.y - box.y)


def _other_stage(layout: Layout, here: Key, dx: int) -> Key:
    """Where every action is in one column, sideways goes to the first action of the stage before or after."""
    stages = list(dict.fromkeys(stage for stage, _ in layout.boxes))
    index = min(max(stages.index(here[0]) + dx, 0), len(stages) - 1)
    return next(key for key in layout.boxes if key[0] == stages[index])


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
