"""The graph from top to bottom, a row for each action: for narrow screens and side bars."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from rich.cells import cell_len

from tui.graph.dots import place_dots
from tui.graph.plan import Box, Plan, Slot
from tui.graph.shape import ActionShape, Shape, StageShape

LEFT = 6  # gutter, lane, marker, glyph and a blank
NARROWEST = 12
TELLING = 60  # columns from which there is room for what actions are at
LONGEST_NAME = 28
LONGEST_STAGE = 24


class Ruler(NamedTuple):
    """The columns of every row: where names end, where states end, where the dots of a folded stage begin and end."""

    width: int
    name: int
    state: int
    dots: int
    end: int


def plan_down(shape: Shape, width: int, *, detail: bool = False, folded: Collection[str] = ()) -> Plan:
    """Where everything is within `width` cells. `detail`: a second row for each action; `folded`: stages as dots."""
    plan = Plan(lanes=True, tells=width >= TELLING)
    ruler = _ruler(shape, max(width, NARROWEST), folded)
    for number, stage in enumerate(shape):
        last = number == len(shape) - 1
        top = plan.height
        if stage.name in folded:
            _folded(plan, stage, ruler, last)
        else:
            plan.leave(top, Slot(0, ruler.width, "header", (stage.name, "")))
            for group in stage.groups:
                _group(plan, group, ruler, detail, last)
        plan.stages[stage.name] = (0, ruler.width, top, plan.height)
    return plan.seal()


def _ruler(shape: Shape, width: int, folded: Collection[str]) -> Ruler:
    names = [cell_len(action.text) for stage in shape for action in stage.actions]
    names += [cell_len(child.text) + 2 for stage in shape for action in stage.actions for child in action.children]
    state = 15 if width >= 46 else 9 if width >= 26 else 0
    longest = min(LONGEST_NAME, max([*names, 8])) + 6  # the marks behind a name
    name = LEFT + min(longest, max(6, width - LEFT - 3 - state))
    titles = [cell_len(stage.name) for stage in shape if stage.name in folded]
    dots = min(3 + min(LONGEST_STAGE, max(titles, default=0)), width // 2)
    tail = 30 if width >= 76 else 16 if width >= 46 else 0
    most = max((len(stage.actions) + len(stage.groups) for stage in shape if stage.name in folded), default=1)
    return Ruler(width, min(name, width), min(name + state, width), dots, min(width - tail, dots + most))


def _folded(plan: Plan, stage: StageShape, ruler: Ruler, last: bool) -> None:
    """A stage as one row, or a few."""
    y, key = plan.height, (stage.name, "")
    plan.leave(y, Slot(0, ruler.dots, "head", key))
    rows = place_dots(plan, stage, ruler.dots, y, max(1, ruler.end - ruler.dots))
    plan.leave(y, Slot(ruler.end, ruler.width - ruler.end, "tail", key))
    for below in range(1, rows):
        plan.put(0, y + below, " " if last else "│", "edge")


def _group(plan: Plan, group: tuple[ActionShape, ...], ruler: Ruler, detail: bool, last: bool) -> None:
    """Actions that run beside each other."""
    for row, action in enumerate(group):
        top = plan.height
        _row(plan, action, top, ruler, about="below" if detail else "")
        height = 1
        if detail:
            plan.leave(top + 1, Slot(LEFT, ruler.width - LEFT, "about", action.key, 1))
            height = 2
        plan.boxes[action.key] = Box(3, top, ruler.width - 3, height, row=top)
        for number, child in enumerate(action.children):
            y = top + height + number
            _row(plan, child, y, ruler, "└" if number == len(action.children) - 1 else "├")
            plan.boxes[child.key] = Box(3, y, ruler.width - 3, 1, row=y)
        for y in range(top, plan.height):
            plan.put(0, y, " " if last else "│", "edge")
            plan.put(2, y, _lane(row, len(group), y == top), "edge")


def _row(plan: Plan, action: ActionShape, y: int, ruler: Ruler, branch: str = "", about: str = "") -> None:
    plan.leave(y, Slot(3, ruler.name - 3, "name", action.key, flags=branch))
    plan.leave(y, Slot(ruler.name, ruler.state - ruler.name, "state", action.key))
    plan.leave(y, Slot(ruler.state, ruler.width - ruler.state, "rest", action.key, flags=about))


def _lane(row: int, count: int, top: bool) -> str:
    """The bracket that holds parallel actions together."""
    if count == 1 or (row == count - 1 and not top):
        return " "
    if not top:
        return "│"
    return "┌" if row == 0 else "└" if row == count - 1 else "├"
