"""A widget that paints rows of cells: what the graph and the timeline have in common."""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from tui._compat import GrowingScrollView
from tui.graph.marks import Mark
from tui.graph.model import Key
from tui.graph.plan import Cell

_VARIABLES: dict[str, str] = {
    "edge": "graph-edge",
    "reached": "muted",
    "closed": "status-failed",
    "frame": "graph-frame",
    "stage": "foreground",
    "name": "foreground",
    "name-live": "foreground",
    "idle": "status-pending",
    "badge": "muted",
    "note": "muted",
    "related": "accent",
    "marked": "accent",
    "critical": "accent",
    "over": "status-waiting",
    **{mark: f"status-{mark}" for mark in Mark},
}
"""The theme's variable that colours each style of a cell."""
_BOLD = {"closed", "stage", "name-live", "related", "marked", *(mark for mark in Mark if mark.moves), Mark.FAILED}


class CellView(GrowingScrollView, can_focus=True):
    """Rows of cells, each in the style that it names; those of the chosen action stand out.

    The styles come straight from the theme: as component classes they would be matched against every rule whenever a
    class changes on the screen, which takes longer than painting.
    """

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
            style = self._styles[name, over] = self.rich_style + self._plain(name) + self._selected(over)
        return style

    def _plain(self, name: str) -> Style:
        return Style(color=self._color(_VARIABLES[name]), bold=name in _BOLD) if name else Style()

    def _selected(self, over: str) -> Style:
        if over == "selected":
            colors = (self._color("selection-foreground"), self._color("selection-background"))
            return Style(color=colors[0], bgcolor=colors[1], bold=True)
        return Style(bgcolor=self._color("selection-blurred")) if over else Style()

    def _color(self, variable: str) -> RichColor:
        return Color.parse(self.app.theme_variables[variable]).rich_color
