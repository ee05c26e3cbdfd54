"""A plan of text cells: what a layout says is where. It is painted row by row, only where somebody looks."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from tui.graph.model import Key


class Cell(NamedTuple):
    """Text on one row from column `x` on. `style` names its look, `owner` the action it belongs to."""

    x: int
    text: str
    style: str
    owner: Key | None = None


class Slot(NamedTuple):
    """Room on one row for something that changes while a run goes on; it never needs more or less of it.

    `part` says what is painted there, `key` whose it is: (stage, action), or (stage, "") for the stage itself.
    `line` counts the rows of one action, `flags` are details for the painter.
    """

    x: int
    width: int
    part: str
    key: Key
    line: int = 0
    flags: str = ""


class Box(NamedTuple):
    """The place of an action on the sheet.

    `column` counts columns over all stages, `row` the actions in one, `band` the lines of stages where a long pipeline
    is wrapped.
    """

    x: int
    y: int
    width: int
    height: int
    column: int = 0
    row: int = 0
    band: int = 0

    @property
    def right(self) -> int:
        """The column after it."""
        return self.x + self.width


class Plan:
    """Where everything is: fixed cells and slots by row, and the box of each action.

    `stages` are the columns that each stage stands on, its first row and the row after it. `lanes`: from top to bottom;
    `tells`: there is room for what actions are at.
    """

    def __init__(self, *, lanes: bool = False, tells: bool = False) -> None:
        self.rows: list[list[Cell | Slot]] = []
        self.width = 0
        self.boxes: dict[Key, Box] = {}
        self.stages: dict[str, tuple[int, int, int, int]] = {}
        self.lanes = lanes
        self.tells = tells

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    def put(self, x: int, y: int, text: str, style: str) -> int:
        """Write text that stays; returns the column after it."""
        if text:
            self._row(y).append(Cell(x, text, style))
        return self._reach(x + cell_len(text))

    def leave(self, y: int, slot: Slot) -> int:
        """Leave room; returns the column after it."""
        if slot.width > 0:
            self._row(y).append(slot)
        return self._reach(slot.x + slot.width)

    def _row(self, y: int) -> list[Cell | Slot]:
        while len(self.rows) <= y:
            self.rows.append([])
        return self.rows[y]

    def _reach(self, end: int) -> int:
        self.width = max(self.width, end)
        return end

    def paste(self, other: Plan, x: int, y: int, *, column: int = 0, band: int = 0) -> None:
        """Put another plan onto this one."""
        for dy, row in enumerate(other.rows):
            self._row(y + dy).extend(piece._replace(x=x + piece.x) for piece in row)
        self._reach(x + other.width)
        for key, box in other.boxes.items():
            moved = box._replace(x=x + box.x, y=y + box.y, column=column + box.column, band=band)
            self.boxes[key] = moved

    def seal(self) -> Plan:
        """Sort the pieces of each row, once everything has its place."""
        for row in self.rows:
            row.sort(key=lambda piece: piece.x)
        return self


class Layout(NamedTuple):
    """A painted graph: rows of cells sorted by column, and where each action is."""

    rows: list[list[Cell]]
    width: int
    boxes: dict[Key, Box]
    lanes: bool = False

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    def lines(self) -> list[str]:
        """The sheet as plain text."""
        out = []
        for row in self.rows:
            line, x = "", 0
            for cell in row:
                line += " " * (cell.x - x) + cell.text
                x = cell.x + cell_len(cell.text)
            out.append(line.rstrip())
        return out


def clip(text: str, width: int) -> str:
    """The text in at most `width` cells, an ellipsis where something is left out: between words where that can be."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    kept = set_cell_size(text, width - 1)
    at = kept.rfind(" ")
    if at > width // 2 and text[len(kept) : len(kept) + 1] not in ("", " "):
        kept = kept[:at]
    return kept.rstrip() + "…"


def clip_name(name: str, width: int) -> str:
    """The name in at most `width` cells. Names of a family differ at their ends, so the middle goes."""
    if cell_len(name) <= width:
        return name
    if width < 5 or cell_len(name) != len(name):
        return clip(name, width)
    tail = (width - 1) // 3
    return f"{name[: width - 1 - tail]}…{name[len(name) - tail :]}"


def pad(text: str, width: int) -> str:
    """The text in exactly `width` cells."""
    return set_cell_size(clip(text, width), width)
