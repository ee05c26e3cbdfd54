"""The graph from left to right: a box for each stage, a column for each runOrder, actions below each other.

Consecutive columns are joined completely (everything in one waits for everything in the one before), so one bus
for each gap says it all and no line ever crosses another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from tui.graph.canvas import Box, Layout, clip
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, Key, StageNode

BUS = 5  # " ─┬▶ " without the blank before it, which the marker column of the next action gives
GAP = 3  # "──▶" between two stages


@dataclass(frozen=True, slots=True)
class Density:
    """How much room an action gets. `height` rows; names up to `name`, states `note` cells wide."""

    height: int
    name: int
    note: int


ROOMY = Density(height=2, name=26, note=15)
SNUG = Density(height=2, name=20, note=10)
SLIM = Density(height=2, name=16, note=5)
COMPACT = Density(height=1, name=20, note=6)
TIGHT = Density(height=1, name=14, note=0)


@dataclass(frozen=True, slots=True)
class Pen:
    """What drawing needs at every step: the sheet, the room, the spinner's place, marks of related actions."""

    sheet: Layout
    density: Density
    frame: int
    related: Mapping[Key, str]


def columns(
    model: GraphModel,
    density: Density = ROOMY,
    *,
    wrap: int = 0,
    frame: int = 0,
    related: Mapping[Key, str] | None = None,
) -> Layout:
    """Draw the graph from left to right; stages that would pass the column `wrap` begin a new band below."""
    sheet = Layout()
    x = y = column = band = 0
    below = 0
    for number, stage in enumerate(model.stages):
        last = number == len(model.stages) - 1
        part = Layout()
        _stage(Pen(part, density, frame, related or {}), stage, first=number == 0, last=last)
        if wrap and number and x + part.width + (0 if last else GAP) > wrap:
            x, y, band = 0, below, band + 1
            x = _transition(sheet, stage, x, y)
        sheet.paste(part, x, y, column=column, band=band)
        x += part.width
        below = max(below, y + part.height)
        column += len(stage.groups)
        if not last:
            x = _transition(sheet, model.stages[number + 1], x, y)
    return sheet.seal()


def _transition(sheet: Layout, after: StageNode, x: int, y: int) -> int:
    """The arrow into a stage."""
    reached = after.mark not in (Mark.PENDING, Mark.SUPERSEDED)
    return sheet.put(x, y + 1, "──▶" if after.open else "─╳─", "reached" if reached else "edge")


def fit(
    model: GraphModel,
    width: int,
    height: int,
    *,
    bands: bool = True,
    frame: int = 0,
    related: Mapping[Key, str] | None = None,
) -> Layout:
    """The roomiest drawing that fits, in several bands if need be; else the compact one, to be scrolled."""
    attempts = [(density, 0) for density in (ROOMY, SNUG, SLIM, COMPACT, TIGHT)]
    if bands:
        attempts += [(density, width) for density in (SNUG, SLIM, COMPACT, TIGHT)]
    for density, wrap in attempts:
        drawn = columns(model, density, wrap=wrap, frame=frame, related=related)
        if drawn.width <= width and drawn.height <= height:
            return drawn
    return columns(model, COMPACT, frame=frame, related=related)


def _stage(pen: Pen, stage: StageNode, *, first: bool, last: bool) -> None:
    """Draw one stage's box."""
    x = 1
    previous = 0
    for column, group in enumerate(stage.groups):
        more = group is not stage.groups[-1]
        width = 3 + more + max(_text_width(action, pen.density) for action in group)
        if previous:
            _bus(pen, x, previous, len(group))
            x += BUS - 1
        for row, action in enumerate(group):
            box = Box(x, 1 + row * pen.density.height, width, pen.density.height, column, row)
            _action(pen, action, box, more)
        x += width
        previous = len(group)
    title_width = cell_len(stage.name) + 7 + (cell_len(stage.note) + 3 if stage.note else 0)
    height = max(len(group) for group in stage.groups) * pen.density.height + 2
    _frame(pen, stage, max(x + 1, title_width), height, first, last)


def _text_width(action: ActionNode, density: Density) -> int:
    name = min(density.name, cell_len(action.text)) + (cell_len(action.badges) + 1 if action.badges else 0)
    if density.height > 1:
        return max(name, density.note)
    return name + (density.note + 1 if density.note else 0)


def _action(pen: Pen, action: ActionNode, box: Box, more: bool) -> None:
    """Draw one action: marker, glyph, name and badges; below or behind it the state."""
    put, key, density = pen.sheet.put, action.key, pen.density
    x, y, width = box.x, box.y, box.width
    pen.sheet.boxes[key] = box
    marker = pen.related.get(key, " ")
    at = put(x, y, marker, "related", key)
    at = put(at, y, action.mark.glyph(pen.frame) + " ", action.mark, key)
    live = action.mark.moves or action.mark is Mark.FAILED
    name = clip(action.text, density.name)
    at = put(at, y, name, "name-live" if live else "name" if action.mark is not Mark.PENDING else "idle", key)
    if action.badges:
        at = put(at, y, " " + action.badges, "badge", key)
    end = x + width
    if density.height > 1:
        rest = end - at
        at = put(at, y, " " + "─" * (rest - 1) if more and rest > 1 else " " * rest, "edge", key)
        below = put(x, y + 1, "   ", "note", key)
        below = put(below, y + 1, _state(action, density, width - 3), action.mark, key)
        put(below, y + 1, " " * (end - below), "note", key)
    else:
        note = clip(_short(action), density.note)
        at = put(at, y, " " * (end - more - at - cell_len(note)), "note", key)
        at = put(at, y, note, action.mark, key)
        put(at, y, " " * (end - at), "note", key)


def _state(action: ActionNode, density: Density, width: int) -> str:
    """State and figure; the figure alone where room is short, for the glyph tells the state."""
    whole = action.state
    if density is not SLIM and cell_len(whole) <= width:
        return whole
    figure = action.note or action.word
    return figure if cell_len(figure) <= width else clip(action.note, width)


def _short(action: ActionNode) -> str:
    """The figure alone, or the state's word where there is none and the glyph may need it."""
    if action.note:
        return action.note.split(" ")[0]
    return "" if action.mark in (Mark.SUCCEEDED, Mark.PENDING) else action.word


def _bus(pen: Pen, x: int, before: int, after: int) -> None:
    """Join every action of one column with every action of the next."""
    most = max(before, after)
    for row in range(most):
        y = 1 + row * pen.density.height
        stub = "─" if row < before else " "
        arrow = "─▶" if row < after else "  "
        pen.sheet.put(x, y, stub + _joint(row, before, after) + arrow, "edge")
        if row < most - 1:
            for below in range(1, pen.density.height):
                pen.sheet.put(x + 1, y + below, "│", "edge")


def _joint(row: int, before: int, after: int) -> str:
    """The piece of the bus at one row."""
    if max(before, after) == 1:
        return "─"
    last = row == max(before, after) - 1
    if row == 0:
        return "┬"
    left, right = row < before, row < after
    if last:
        return "┴" if left and right else "┘" if left else "└"
    return "┼" if left and right else "┤" if left else "├"


def _frame(pen: Pen, stage: StageNode, right: int, height: int, first: bool, last: bool) -> None:
    """The box around a stage, its title in the upper edge, ports where transitions meet it."""
    put = pen.sheet.put
    style = stage.mark if stage.mark.moves or stage.mark is Mark.FAILED else "frame"
    at = put(0, 0, "╭─ ", style)
    at = put(at, 0, stage.mark.glyph(pen.frame), stage.mark)
    at = put(at, 0, f" {stage.name} ", "stage")
    tail = f" {stage.note} ─" if stage.note else ""
    put(at, 0, "─" * (right - at - cell_len(tail)) + tail + "╮", style)
    for y in range(1, height - 1):
        put(0, y, "┤" if y == 1 and not first else "│", style)
        put(right, y, "├" if y == 1 and not last else "│", style)
    put(0, height - 1, "╰" + "─" * (right - 1) + "╯", style)
