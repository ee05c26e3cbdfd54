"""Filling the slots of a plan with what is known now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.cells import cell_len

from tui.graph.fitting import Item, squeeze
from tui.graph.marks import CRITICAL, MARKED, Mark
from tui.graph.model import ActionNode, GraphModel, Key, StageNode
from tui.graph.plan import Cell, Slot, clip


class Scene(NamedTuple):
    """What a plan is painted with.

    `related` and `marked` are signs in front of actions, `doing` is what running ones are at, `frame` turns the
    spinners.
    """

    actions: Mapping[Key, ActionNode]
    stages: Mapping[str, StageNode]
    related: Mapping[Key, str] = {}
    marked: frozenset[Key] = frozenset()
    doing: Mapping[Key, str] = {}
    frame: int = 0

    def turned(self, frame: int) -> Scene:
        """The same at another step of the spinners."""
        return self._replace(frame=frame)

    def sign(self, node: ActionNode) -> tuple[str, str]:
        """What stands in front of an action, and its style."""
        if node.key in self.marked:
            return MARKED, "marked"
        if node.key in self.related:
            return self.related[node.key], "related"
        return (CRITICAL, "critical") if node.critical else (" ", "note")


def scene_of(
    model: GraphModel,
    *,
    related: Mapping[Key, str] | None = None,
    marked: Iterable[Key] = (),
    doing: Mapping[Key, str] | None = None,
    frame: int = 0,
) -> Scene:
    """The scene of a model."""
    actions = {node.key: node for node in model.nodes}
    stages = {stage.name: stage for stage in model.stages}
    return Scene(actions, stages, related or {}, frozenset(marked), doing or {}, frame)


class Brush:
    """Writes cells into one slot, from left to right, and never beyond it."""

    def __init__(self, slot: Slot) -> None:
        self.cells: list[Cell] = []
        self.x = slot.x
        self.end = slot.x + slot.width
        self._owner = slot.key if slot.key[1] else None

    @property
    def room(self) -> int:
        """Cells that are left."""
        return self.end - self.x

    def put(self, text: str, style: str) -> None:
        """Write text, as much of it as there is room for."""
        wide = cell_len(text)
        if wide > self.room:
            text = clip(text, self.room)
            wide = cell_len(text)
        if text:
            self.cells.append(Cell(self.x, text, style, self._owner))
            self.x += wide

    def items(self, items: Iterable[Item], gap: int = 1) -> None:
        """Write as many of these as fit whole."""
        for number, item in enumerate(squeeze(list(items), self.room, gap)):
            self.put(" " * gap if number else "", "note")
            if cell_len(item.text) <= self.room:
                self.put(item.text, item.style)

    def blank(self, until: int | None = None) -> None:
        """Leave the rest, or everything up to a column, blank: a selection covers it, too."""
        self.put(" " * ((self.end if until is None else min(until, self.end)) - self.x), "note")


def name_style(node: ActionNode) -> str:
    """How a name looks: what moves or has failed stands out, what is still to come stands back."""
    if node.mark.moves or node.mark is Mark.FAILED:
        return "name-live"
    return "idle" if node.mark is Mark.PENDING else "name"


def frame_style(stage: StageNode) -> str:
    """How the lines of a stage look."""
    return stage.mark if stage.mark.moves or stage.mark is Mark.FAILED else "frame"
