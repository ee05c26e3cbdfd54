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
    others = [(key, other) for key, other in layout.boxes.items() if _ahead(box, other, dx, dy)]
    if not others:
        return here
    return min(others, key=lambda item: _distance(box, item[1], dx))[0]


def _ahead(box: Box, other: Box, dx: int, dy: int) -> bool:
    if dx:
        return (other.x - box.x) * dx > 0
    return other.x == box.x and (other.y - box.y) * dy > 0


def _distance(box: Box, other: Box, dx: int) -> tuple[int, int]:
    across, down = abs(other.x - box.x), abs(other.y - box.y)
    return (across, down) if dx else (down, across)


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
