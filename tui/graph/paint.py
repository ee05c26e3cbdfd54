"""What each part of a plan looks like now. Every painter fills its slot exactly, whatever happens."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from rich.cells import cell_len

from tui.graph.across import COMPACT
from tui.graph.brush import Brush, Scene, frame_style
from tui.graph.durations import duration
from tui.graph.fitting import Item, squeeze
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, StageNode
from tui.graph.pieces import (
    bar,
    expectation,
    head,
    notes,
    progress,
    queue,
    stage_time,
    state,
    tally,
    told,
)
from tui.graph.plan import Cell, Layout, Plan, Slot, clip_name

LEAST_TOLD = 12  # cells from which on a sentence is worth beginning


def paint_row(plan: Plan, scene: Scene, y: int, left: int = 0, right: int = sys.maxsize) -> list[Cell]:
    """The cells of one row that can be seen from the column `left` to before `right`."""
    cells: list[Cell] = []
    row = plan.rows[y]
    first = max(0, bisect_right(row, left, key=_begins) - 1)
    for piece in row[first : bisect_left(row, right, key=_begins)]:
        if isinstance(piece, Cell):
            cells.append(piece)
        else:
            cells.extend(_fill(piece, scene))
    return cells


def _begins(piece: Cell | Slot) -> int:
    return piece.x


def painted(plan: Plan, scene: Scene) -> Layout:
    """All rows."""
    rows = [paint_row(plan, scene, y) for y in range(plan.height)]
    return Layout(rows, plan.width, plan.boxes, plan.lanes)


def _fill(slot: Slot, scene: Scene) -> list[Cell]:
    brush = Brush(slot)
    stage, action = scene.stages.get(slot.key[0]), scene.actions.get(slot.key)
    if action is not None:
        _ACTIONS[slot.part](brush, scene, action, slot)
    elif stage is not None and not slot.key[1]:
        _STAGES[slot.part](brush, scene, stage, slot)
    brush.blank()
    return brush.cells


# -- from left to right --------------------------------------------------------------------------------------------


def _title(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """The upper edge of a box: glyph and name, then what is special, as far as it fits whole."""
    style = frame_style(stage)
    brush.put("╭─ ", style)
    brush.put(stage.mark.glyph(scene.frame), stage.mark)
    brush.put(f" {clip_name(stage.name, brush.room - 4)} ", "stage")
    kept = squeeze([*notes(stage), Item(stage_time(stage), "note", 9)], brush.room - 5, 3)
    if not kept and stage.waiting and brush.room >= 7:
        kept = [Item(queue(stage), Mark.QUEUED)]
    tail = " · ".join(item.text for item in kept)
    brush.put("─" * (brush.room - cell_len(tail) - (4 if tail else 1)), style)
    brush.put(f" {tail} " if tail else "", "note")
    brush.put("─╮" if tail else "╮", style)


def _side(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    brush.put(slot.flags, frame_style(stage))


def _foot(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """The lower edge, and how much lies behind the stage."""
    style, share = frame_style(stage), progress(stage)
    brush.put("╰", style)
    if share is None:
        brush.put("─" * (brush.room - 1), style)
    else:
        done, rest = bar(share, brush.room - 1)
        brush.put(done, style)
        brush.put("─" * len(rest), "frame")
    brush.put("╯", style)


def _arrow(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    reached = stage.mark not in (Mark.PENDING, Mark.SUPERSEDED)
    brush.put("──▶" if stage.open else "─╳─", "closed" if not stage.open else "reached" if reached else "edge")


def _queue(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    brush.put(queue(stage), Mark.QUEUED)


def _tally(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """How many are in each state, and the time where that fits as well."""
    brush.items([*tally(stage), Item(stage_time(stage), "note", 10)])


def _dot(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    brush.put(node.mark.glyph(scene.frame), node.mark)


def _line(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    """An action on one row: name on the left, its figure on the right."""
    if slot.flags in ("├", "└"):
        brush.put(f" {slot.flags} ", "edge")
    stub = 1 if slot.flags == "─" else 0
    short = node.note.split(" ")[0] or ("" if node.mark in (Mark.SUCCEEDED, Mark.PENDING) else node.word)
    style: str = node.mark
    if not short and node.usual and node.mark in (Mark.PENDING, Mark.QUEUED):
        short, style = f"~{duration(node.usual, coarse=node.usual >= 1)}", "idle"
    least = min(cell_len(node.text), COMPACT.name) + 3
    if cell_len(short) + 1 > brush.room - stub - least:
        short = ""
    head(brush, scene, node, brush.room - stub - (cell_len(short) + 1 if short else 0))
    brush.blank(brush.end - stub - cell_len(short))
    brush.put(short, style)
    brush.blank()


def _lines(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    """An action on two or three rows."""
    if slot.line == 0:
        head(brush, scene, node, brush.room - (2 if slot.flags else 0))
        if slot.flags:
            brush.put(" " + "─" * (brush.room - 1), "edge")
        return
    brush.put("   ", "note")
    room = brush.room - 1
    if slot.line == 2:
        brush.put(told(scene, node, room), "note")
        return
    before = brush.x
    expectation(brush, node, room, figure=node.note.split(" ")[0])
    if brush.x == before:
        brush.put(state(node, brush.room), node.mark)


# -- from top to bottom --------------------------------------------------------------------------------------------


def _header(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """A stage above its actions: name and notes, a rule, then sums and time."""
    _head(brush, scene, stage, slot)
    brush.put(" ", "note")
    room = max(0, brush.room - 8)
    kept = squeeze([*notes(stage), *tally(stage), Item(stage_time(stage), "note", 2)], room, 1)
    told_ = [item for item in kept if item.style == "note" and item.rank != 2]
    summed = [item for item in kept if item not in told_]
    brush.items(told_)
    brush.put(" " if told_ else "", "note")
    _rule(brush, stage, brush.room - sum(cell_len(item.text) + 1 for item in summed))
    brush.put(" " if summed else "", "note")
    brush.items(summed)


def _rule(brush: Brush, stage: StageNode, cells: int) -> None:
    """The line behind a stage's name, which fills while the stage goes on."""
    share = progress(stage)
    if share is None:
        brush.put("─" * cells, frame_style(stage))
    else:
        done, rest = bar(share, max(0, cells))
        brush.put(done, frame_style(stage))
        brush.put("─" * len(rest), "frame")


def _head(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """Glyph and name of a stage, and whether its transition is shut."""
    brush.put(stage.mark.glyph(scene.frame) + " ", stage.mark)
    signs = f"{'' if stage.open else ' ╳'}"
    brush.put(clip_name(stage.name, max(1, brush.room - len(signs) - (slot.part == "head"))), "stage")
    brush.put(signs, "closed")


def _tail(brush: Brush, scene: Scene, stage: StageNode, slot: Slot) -> None:
    """Sums, time and notes of a stage that is one row."""
    brush.put(" ", "note")
    special = [Item(item.text, item.style, item.rank + 6) for item in notes(stage)]
    kept = squeeze([*tally(stage), *special, Item(stage_time(stage), "note", 5)], brush.room, 1)
    time = kept.pop() if kept and kept[-1].rank == 5 else Item("")
    brush.items(kept)
    brush.blank(brush.end - cell_len(time.text))
    brush.put(time.text, time.style)


def _name(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    if slot.flags:
        brush.put(f" {slot.flags}", "edge")
    head(brush, scene, node, brush.room)


def _state(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    if node.mark in (Mark.PENDING, Mark.QUEUED) and node.usual and not node.word:
        brush.put(" ", "note")
        expectation(brush, node, brush.room)
        return
    brush.put(" " + state(node, brush.room - 1), node.mark)


def _rest(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    """How far it is, then what there is to say."""
    brush.put(" ", "note")
    if node.mark is Mark.RUNNING:
        expectation(brush, node, min(brush.room, 20))
        brush.put(" " if brush.x > slot.x + 1 else "", "note")
    if brush.room >= LEAST_TOLD and not slot.flags:  # else it has a row of its own
        brush.put(told(scene, node, brush.room), "note")


def _about(brush: Brush, scene: Scene, node: ActionNode, slot: Slot) -> None:
    brush.put(told(scene, node, brush.room), "note")


_STAGES: dict[str, Callable[[Brush, Scene, StageNode, Slot], None]] = {
    "title": _title,
    "side": _side,
    "foot": _foot,
    "arrow": _arrow,
    "queue": _queue,
    "tally": _tally,
    "header": _header,
    "head": _head,
    "tail": _tail,
}
_ACTIONS: dict[str, Callable[[Brush, Scene, ActionNode, Slot], None]] = {
    "dot": _dot,
    "line": _line,
    "lines": _lines,
    "name": _name,
    "state": _state,
    "rest": _rest,
    "about": _about,
}


def drawn(model: GraphModel, plan: Plan) -> Layout:
    """A plan painted with a model, without anything chosen."""
    from tui.graph.brush import scene_of

    return painted(plan, scene_of(model))
