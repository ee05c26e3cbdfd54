"""The graph from top to bottom, one row for each action: for narrow screens and side bars."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from tui.graph.canvas import Box, Layout, clip, pad
from tui.graph.marks import Mark
from tui.graph.model import ActionNode, GraphModel, Key, StageNode

LEFT = 4  # gutter, lane, marker


def lanes(
    model: GraphModel,
    width: int,
    *,
    frame: int = 0,
    related: Mapping[Key, str] | None = None,
) -> Layout:
    """Draw the graph from top to bottom within `width` cells."""
    sheet = Layout(lanes=True)
    labels = [cell_len(f"{a.text} {a.badges}".strip()) for a in model.actions]
    width = max(width, 12)
    state = 18 if width >= 46 else 9 if width >= 26 else 0
    label = min(max([*labels, 8]) + 2, max(6, width - LEFT - 3 - state))
    for number, stage in enumerate(model.stages):
        _header(sheet, stage, width, frame)
        last_stage = number == len(model.stages) - 1
        for group in stage.groups:
            for row, action in enumerate(group):
                y = sheet.height
                sheet.put(0, y, " " if last_stage else "│", "edge")
                sheet.put(2, y, _lane(row, len(group)), "edge")
                marker = (related or {}).get(action.key, " ")
                _action(sheet, action, marker, width, label, state, frame)
    return sheet.seal()


def _header(sheet: Layout, stage: StageNode, width: int, frame: int) -> None:
    y = sheet.height
    live = stage.mark.moves or stage.mark is Mark.FAILED
    at = sheet.put(0, y, stage.mark.glyph(frame) + " ", stage.mark)
    note = f" {stage.note}" if stage.note else ""
    closed = "" if stage.open else " ╳"
    at = sheet.put(at, y, clip(stage.name, max(1, width - at - cell_len(note + closed))), "stage")
    at = sheet.put(at, y, note, "note")
    at = sheet.put(at, y, closed, Mark.FAILED)
    if width - at > 2:
        sheet.put(at + 1, y, "─" * (width - at - 1), stage.mark if live else "frame")


def _lane(row: int, count: int) -> str:
    """The bracket that holds parallel actions together."""
    if count == 1:
        return " "
    return "┌" if row == 0 else "└" if row == count - 1 else "├"


def _action(sheet: Layout, action: ActionNode, marker: str, width: int, label: int, state: int, frame: int) -> None:
    y, key = sheet.height - 1, action.key
    at = sheet.put(3, y, marker, "related", key)
    at = sheet.put(at, y, action.mark.glyph(frame) + " ", action.mark, key)
    live = action.mark.moves or action.mark is Mark.FAILED
    room = label - (cell_len(action.badges) + 1 if action.badges else 0)
    name = clip(action.text, max(1, min(room, width - at)))
    at = sheet.put(at, y, name, "name-live" if live else "name" if action.mark is not Mark.PENDING else "idle", key)
    if action.badges and width - at > cell_len(action.badges):
        at = sheet.put(at, y, " " + action.badges, "badge", key)
    stop = LEFT + 2 + label
    at = sheet.put(at, y, " " * max(0, min(stop, width) - at), "note", key)
    if state:
        text = action.state if state > 9 else action.note or action.word
        at = sheet.put(at, y, pad(" " + text, min(state + 1, width - at)), action.mark, key)
    if width - at > 12 and action.detail:
        at = sheet.put(at, y, " " + clip(action.detail, width - at - 1), "note", key)
    at = sheet.put(at, y, " " * (width - at), "note", key)
    sheet.boxes[key] = Box(3, y, at - 3, 1, row=y)
