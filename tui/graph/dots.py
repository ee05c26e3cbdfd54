"""A stage at a glance: a dot for each action, in rows. Which dot goes where depends on the definition alone."""

from __future__ import annotations

from typing import NamedTuple

from tui.graph.model import Key
from tui.graph.plan import Box, Plan, Slot
from tui.graph.shape import StageShape

LONGEST = 13
"""Dots on a row of a box: more are hard to count."""


class Dot(NamedTuple):
    """A dot, or the sign between two columns of a stage, which has no key."""

    x: int
    y: int
    key: Key | None


def dots(stage: StageShape, width: int) -> list[Dot]:
    """Every action of a stage in rows of at most `width` cells, a sign before what waits for those before it."""
    found: list[Dot] = []
    x = y = 0
    for number, group in enumerate(stage.groups):
        signs: list[Key | None] = [None] if number else []
        for key in [*signs, *(action.key for action in group)]:
            if x == width:
                x, y = 0, y + 1
            found.append(Dot(x, y, key))
            x += 1
    return found


def place_dots(plan: Plan, stage: StageShape, x: int, y: int, width: int) -> int:
    """Put the dots of a stage onto a plan; returns how many rows they take."""
    placed = dots(stage, width)
    for dot in placed:
        if dot.key is None:
            plan.put(x + dot.x, y + dot.y, "▸", "edge")
            continue
        plan.leave(y + dot.y, Slot(x + dot.x, 1, "dot", dot.key))
        plan.boxes[dot.key] = Box(x + dot.x, y + dot.y, 1, 1, dot.x, dot.y)
    return placed[-1].y + 1 if placed else 0


def row_length(stage: StageShape) -> int:
    """Cells of the longest row of dots in a box: rows of about the same length."""
    cells = len(stage.actions) + len(stage.groups) - 1
    rows = -(-cells // LONGEST)
    return -(-cells // rows) if rows else 1
