"""The live graph as a widget: paints the rows of a layout, moves the selection, follows what runs."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.graph.canvas import Cell, Layout
from tui.graph.columns import fit
from tui.graph.lanes import lanes
from tui.graph.marks import Mark
from tui.graph.model import GraphModel
from tui.graph.steer import relatives, step
from tui.messages import ActionChosen, ActionOpened
from tui.store import Store

_PARTS = ("edge", "reached", "frame", "stage", "name", "name-live", "idle", "badge", "note", "related")

MARKED = "▌"


class PipelineGraph(ScrollView, can_focus=True):
    """Stages and actions with their states; arrows or hjkl move, Enter or a click opens."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"graph--{name}" for name in (*_PARTS, *Mark)),
        "graph--selected",
        "graph--selected-blurred",
    }
    DEFAULT_CSS = """
    PipelineGraph {
        background: $background; overflow: auto; scrollbar-size: 1 1; padding: 0 1;
        &.-lanes { overflow-x: hidden; }
        .graph--edge { color: $graph-edge; }
        .graph--reached { color: $text-muted; }
        .graph--frame { color: $graph-frame; }
        .graph--stage { color: $foreground; text-style: bold; }
        .graph--name { color: $foreground; }
        .graph--name-live { color: $foreground; text-style: bold; }
        .graph--idle { color: $status-pending; }
        .graph--badge { color: $text-muted; }
        .graph--note { color: $text-muted; }
        .graph--related { color: $accent; text-style: bold; }
        .graph--selected { background: $selection-background; color: $selection-foreground; text-style: bold; }
        .graph--selected-blurred { background: $selection-blurred; }
    }
    """
    DEFAULT_CSS += "".join(
        f"PipelineGraph .graph--{mark} {{ color: $status-{mark};"
        f"{' text-style: bold;' if mark.moves or mark is Mark.FAILED else ''} }}\n"
        for mark in Mark
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1,0)", "Left", show=False, id="graph.left"),
        Binding("right,l", "move(1,0)", "Right", show=False, id="graph.right"),
        Binding("up,k", "move(0,-1)", "Up", show=False, id="graph.up"),
        Binding("down,j", "move(0,1)", "Down", show=False, id="graph.down"),
        Binding("home,g", "edge(0)", "First action", show=False, id="graph.first"),
        Binding("end,G", "edge(-1)", "Last action", show=False, id="graph.last"),
        Binding("enter", "open", "Open", id="graph.open"),
    ]

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self.model = GraphModel()
        self.sheet = Layout()
        self._frame = 0
        self._styles: dict[str, Style] = {}

    # -- what is drawn ------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Draw what the store holds now; repaint only the rows that differ."""
        self.model = self.store.picture()
        self._redraw()

    def spin(self) -> None:
        """Turn what runs one step further."""
        self._frame += 1
        if any(action.mark is Mark.RUNNING for action in self.model.actions):
            self._redraw()

    def _redraw(self) -> None:
        before = self.sheet
        after = self.sheet = self._draw()
        size = Size(after.width, after.height)
        if size != self.virtual_size:
            self.virtual_size = size
        if len(before.rows) != len(after.rows):
            self.refresh()
            return
        top = self.scroll_offset.y
        for y, (old, new) in enumerate(zip(before.rows, after.rows, strict=True)):
            if old != new:
                self.refresh_line(y - top)

    def _draw(self) -> Layout:
        size = self.content_size
        related = {**relatives(self.store.declaration, self.store.chosen), **dict.fromkeys(self.store.marked, MARKED)}
        if self.has_class("-lanes"):
            return lanes(self.model, size.width, frame=self._frame, related=related)
        return fit(self.model, size.width, size.height, frame=self._frame, related=related)

    def reveal(self) -> None:
        """Scroll so that the selection and what is around it can be seen."""
        box = self.sheet.boxes.get(self.store.chosen)
        if box is not None:
            region = Region(box.x, box.y, box.width, box.height).grow((1, 3, 1, 3))
            self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def on_resize(self) -> None:
        """Fit the new size."""
        self._redraw()
        self.refresh()
        self.reveal()

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        super().notify_style_update()
        self._styles.clear()

    # -- painting -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the sheet, cropped to what is scrolled into view."""
        scroll_x, scroll_y = self.scroll_offset
        base = self._style("")
        row = self.sheet.rows[y + scroll_y] if y + scroll_y < len(self.sheet.rows) else []
        segments: list[Segment] = []
        x = 0
        for cell in row:
            if cell.x > x:
                segments.append(Segment(" " * (cell.x - x), base))
            segment = Segment(cell.text, self._cell_style(cell))
            segments.append(segment)
            x = cell.x + segment.cell_length
        return Strip(segments, x).crop_extend(scroll_x, scroll_x + self.content_size.width, base)

    def _cell_style(self, cell: Cell) -> Style:
        style = self._style(cell.style)
        if cell.owner is None:
            return style
        if cell.owner == self.store.chosen:
            style += self._style("selected" if self.has_focus else "selected-blurred")
        return style + Style.from_meta({"place": cell.owner})

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            if not name:
                self._styles[name] = self.rich_style
            else:
                partial = name.startswith("selected")
                self._styles[name] = self.get_component_rich_style(f"graph--{name}", partial=partial)
        return self._styles[name]

    # -- moving -------------------------------------------------------------------------------------------------

    def action_move(self, dx: int, dy: int) -> None:
        """Select the action next to the selected one."""
        self.post_message(ActionChosen(step(self.sheet, self.store.chosen, dx, dy)))

    def action_edge(self, index: int) -> None:
        """Select the first or last action."""
        actions = self.model.actions
        if actions:
            self.post_message(ActionChosen(actions[index].key))

    def action_open(self) -> None:
        """Open the selected action's pane."""
        self.post_message(ActionOpened(self.store.chosen))

    def on_click(self, event: events.Click) -> None:
        """A click selects, a double click opens."""
        place = event.style.meta.get("place")
        if place is None:
            return
        self.post_message(ActionOpened(place) if event.chain > 1 else ActionChosen(place))

    def on_focus(self) -> None:
        """The selection looks different with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The selection looks different without the focus."""
        self.refresh()
