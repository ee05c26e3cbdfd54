"""A widget that paints rows of cells: what the graph and the timeline have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui._compat import GrowingScrollView
from tui.graph.marks import Mark
from tui.graph.model import Key
from tui.graph.plan import Cell

_PARTS = ("edge", "reached", "closed", "frame", "stage", "name", "name-live", "idle", "badge", "note", "related",
          "marked", "critical", "over")  # fmt: skip


class CellView(GrowingScrollView, can_focus=True):
    """Rows of cells, each in the style that it names; those of the chosen action stand out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"cells--{name}" for name in (*_PARTS, *Mark)),
        "cells--selected",
        "cells--selected-blurred",
    }
    DEFAULT_CSS = """
    CellView {
        .cells--edge { color: $graph-edge; }
        .cells--reached { color: $text-muted; }
        .cells--closed { color: $status-failed; text-style: bold; }
        .cells--frame { color: $graph-frame; }
        .cells--stage { color: $foreground; text-style: bold; }
        .cells--name { color: $foreground; }
        .cells--name-live { color: $foreground; text-style: bold; }
        .cells--idle { color: $status-pending; }
        .cells--badge { color: $text-muted; }
        .cells--note { color: $text-muted; }
        .cells--related { color: $accent; text-style: bold; }
        .cells--marked { color: $accent; text-style: bold; }
        .cells--critical { color: $accent; }
        .cells--over { color: $status-waiting; }
        .cells--selected { background: $selection-background; color: $selection-foreground; text-style: bold; }
        .cells--selected-blurred { background: $selection-blurred; }
    }
    """
    DEFAULT_CSS += "".join(
        f"CellView .cells--{mark} {{ color: $status-{mark};"
        f"{' text-style: bold;' if mark.moves or mark is Mark.FAILED else ''} }}\n"
        for mark in Mark
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._styles: dict[tuple[str, str], Style] = {}

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        super().notify_style_update()
        self._styles.clear()

    def strip(self, cells: Sequence[Cell], left: int, width: int, chosen: Key | None) -> Strip:
        """A row from the column `left` on."""
        base = self._style("", "")
        over = "selected" if self.has_focus else "selected-blurred"
        segments: list[Segment] = []
        x = 0
        for cell in cells:
            if cell.x > x:
                segments.append(Segment(" " * (cell.x - x), base))
            stands_out = cell.owner is not None and cell.owner == chosen
            segment = Segment(cell.text, self._style(cell.style, over if stands_out else ""))
            segments.append(segment)
            x = cell.x + segment.cell_length
        return Strip(segments, x).crop_extend(left, left + width, base)

    def _style(self, name: str, over: str) -> Style:
        style = self._styles.get((name, over))
        if style is None:
            style = self.get_component_rich_style(f"cells--{name}") if name else self.rich_style
            if over:
                style += self.get_component_rich_style(f"cells--{over}", partial=True)
            self._styles[name, over] = style
        return style
