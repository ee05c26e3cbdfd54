"""A sheet of text cells: what a layout writes and what widgets and the command line read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rich.cells import cell_len, set_cell_size

from tui.graph.model import Key


@dataclass(frozen=True, slots=True)
class Cell:
    """Text on one row from column `x` on. `style` names its look, `owner` the action it belongs to."""

    x: int
    text: str
    style: str
    owner: Key | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """The place of an action on the sheet.

    `column` counts runOrder columns over all stages, `row` the actions in one, `band` the lines of stages where a
    long pipeline is wrapped.
    """

    x: int
    y: int
    width: int
    height: int
    column: int = 0
    row: int = 0
    band: int = 0


@dataclass(slots=True)
class Layout:
    """A drawn graph: rows of cells sorted by column, and where each action is."""

    rows: list[list[Cell]] = field(default_factory=list)
    width: int = 0
    boxes: dict[Key, Box] = field(default_factory=dict)
    lanes: bool = False

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    def put(self, x: int, y: int, text: str, style: str, owner: Key | None = None) -> int:
        """Write text at a place; returns the column after it."""
        while len(self.rows) <= y:
            self.rows.append([])
        end = x + cell_len(text)
        if text:
            self.rows[y].append(Cell(x, text, style, owner))
            self.width = max(self.width, end)
        return end

    def paste(self, other: Layout, x: int, y: int, *, column: int = 0, band: int = 0) -> None:
        """Put another sheet onto this one."""
        for dy, row in enumerate(other.rows):
            for cell in row:
                self.put(x + cell.x, y + dy, cell.text, cell.style, cell.owner)
        for key, box in other.boxes.items():
            moved = replace(box, x=x + box.x, y=y + box.y, column=column + box.column, band=band)
            self.boxes[key] = moved

    def seal(self) -> Layout:
        """Sort the cells of each row, once everything is written."""
        for row in self.rows:
            row.sort(key=lambda cell: cell.x)
        return self

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
    """The text in at most `width` cells, an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 1 else "…"[:width]


def pad(text: str, width: int) -> str:
    """The text in exactly `width` cells."""
    return set_cell_size(clip(text, width), width)
