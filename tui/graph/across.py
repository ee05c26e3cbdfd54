"""The graph from left to right: a box for each stage, a column for each runOrder, actions below each other.

Consecutive columns are joined completely (everything in one waits for everything in the one before), so one bus
for each gap says it all and no line ever crosses another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from tui.graph.dots import place_dots, row_length
from tui.graph.plan import Box, Plan, Slot
from tui.graph.shape import ActionShape, Shape, StageShape

BUS = 5  # " ─┬▶ " without the blank before it, which the marker column of the next action gives
GAP = 3  # "──▶" between two stages
TOLD = 5  # cells behind a stage's name, so that it can say whose run it shows
TALLY = 13  # cells in which the states of a folded stage are summed up


class Density(NamedTuple):
    """How much room an action gets. `height` rows; names up to `name`, states `note` cells wide, `badge` for marks."""

    height: int
    name: int
    note: int
    badge: int = 2


FULL = Density(height=3, name=28, note=22, badge=5)
ROOMY = Density(height=2, name=26, note=15)
SNUG = Density(height=2, name=20, note=10)
SLIM = Density(height=2, name=16, note=5)
COMPACT = Density(height=1, name=20, note=6)
TIGHT = Density(height=1, name=14, note=0, badge=0)


def plan_across(shape: Shape, density: Density = ROOMY, *, wrap: int = 0, folded: Collection[str] = ()) -> Plan:
    """Where everything is; stages that would pass the column `wrap` begin a new band below.

    `folded` are the stages whose actions are dots.
    """
    plan = Plan(tells=density.height > 2)
    x = y = column = band = below = 0
    for number, part in enumerate(_parts(shape, density, folded)):
        stage, last = shape[number], number == len(shape) - 1
        if wrap and number and x + part.width + (0 if last else GAP) > wrap:
            x, y, band = 0, below, band + 1
            x = _transition(plan, stage, x, y)
        plan.paste(part, x, y, column=column, band=band)
        plan.stages[stage.name] = (x, x + part.width, y, y + part.height)
        x += part.width
        below = max(below, y + part.height)
        column += 1 + max((box.column for box in part.boxes.values()), default=0)
        if not last:
            x = _transition(plan, shape[number + 1], x, y)
    return plan.seal()


def size_across(shape: Shape, density: Density, *, wrap: int = 0, folded: Collection[str] = ()) -> tuple[int, int]:
    """How wide and high that plan would be; much cheaper than to make it."""
    x = y = below = widest = 0
    for number, part in enumerate(_parts(shape, density, folded)):
        last = number == len(shape) - 1
        if wrap and number and x + part.width + (0 if last else GAP) > wrap:
            x, y = GAP, below
        x += part.width + (0 if last else GAP)
        below = max(below, y + part.height)
        widest = max(widest, x)
    return widest, below


def _parts(shape: Shape, density: Density, folded: Collection[str]) -> list[Plan]:
    """The boxes of all stages."""
    last = len(shape) - 1
    return [
        _stage(stage, density, first=number == 0, last=number == last, folded=stage.name in folded)
        for number, stage in enumerate(shape)
    ]


def _transition(plan: Plan, after: StageShape, x: int, y: int) -> int:
    """The arrow into a stage, and who waits there."""
    plan.leave(y, Slot(x, GAP, "queue", (after.name, "")))
    return plan.leave(y + 1, Slot(x, GAP, "arrow", (after.name, "")))


@lru_cache(maxsize=1024)
def _stage(stage: StageShape, density: Density, *, first: bool, last: bool, folded: bool) -> Plan:
    plan = Plan()
    inside = _dots(plan, stage) if folded else _columns(plan, stage, density)
    told = TOLD if density.height > 1 and not folded else 0
    width = max(inside + 2, cell_len(stage.name) + 8 + told)
    height = max(3, plan.height + 1)
    key = (stage.name, "")
    plan.leave(0, Slot(0, width, "title", key))
    for y in range(1, height - 1):
        plan.leave(y, Slot(0, 1, "side", key, flags="┤" if y == 1 and not first else "│"))
        plan.leave(y, Slot(width - 1, 1, "side", key, flags="├" if y == 1 and not last else "│"))
    plan.leave(height - 1, Slot(0, width, "foot", key))
    return plan


def _dots(plan: Plan, stage: StageShape) -> int:
    """The inside of a folded stage; returns its width."""
    across = row_length(stage)
    inside = max(across, TALLY, cell_len(stage.name) + 4)
    rows = place_dots(plan, stage, 2, 1, across)
    plan.leave(1 + rows, Slot(2, inside, "tally", (stage.name, "")))
    return inside + 2


def _columns(plan: Plan, stage: StageShape, density: Density) -> int:
    """The inside of a stage with all its actions; returns its width."""
    x = 1
    before: list[int] = []
    for column, group in enumerate(stage.groups):
        more = group is not stage.groups[-1]
        width = 3 + more + max(_text_width(action, density) for action in group)
        rows = _tops(group, density)
        if before:
            _bus(plan, x, before, rows)
            x += BUS - 1
        number = 0
        for action, y in zip(group, rows, strict=True):
            _action(plan, action, Box(x, y, width, density.height, column, number), more)
            number += action.rows
        x += width
        before = rows
    return x


def _tops(group: Sequence[ActionShape], density: Density) -> list[int]:
    """The first row of each action."""
    rows, y = [], 1
    for action in group:
        rows.append(y)
        y += density.height + len(action.children)
    return rows


def _text_width(action: ActionShape, density: Density) -> int:
    name = min(density.name, max(cell_len(action.text), *(cell_len(c.text) + 2 for c in action.children), 0))
    name += density.badge
    if density.height > 1:
        return max(name, density.note)
    return name + (density.note + 1 if density.note else 0)


def _action(plan: Plan, action: ActionShape, box: Box, more: bool) -> None:
    plan.boxes[action.key] = box
    for line in range(box.height):
        flags = "─" if more and line == 0 else ""
        part = "line" if box.height == 1 else "lines"
        plan.leave(box.y + line, Slot(box.x, box.width, part, action.key, line, flags))
    for number, child in enumerate(action.children):
        y = box.y + box.height + number
        branch = "└" if number == len(action.children) - 1 else "├"
        plan.leave(y, Slot(box.x, box.width, "line", child.key, flags=branch))
        plan.boxes[child.key] = Box(box.x, y, box.width, 1, box.column, box.row + 1 + number)


def _bus(plan: Plan, x: int, before: Collection[int], after: Collection[int]) -> None:
    """Join every action of one column with every action of the next."""
    first, last = 1, max(*before, *after)
    for y in range(first, last + 1):
        left, right = y in before, y in after
        piece = ("─" if left else " ") + _joint(left, right, y == first, y == last) + ("─▶" if right else "  ")
        plan.put(x, y, piece, "edge")


def _joint(left: bool, right: bool, first: bool, last: bool) -> str:
    """The piece of the bus at one row."""
    if first:
        return "─" if last else "┬"
    if last:
        return "┴" if left and right else "┘" if left else "└"
    return "┼" if left and right else "┤" if left else "├" if right else "│"
