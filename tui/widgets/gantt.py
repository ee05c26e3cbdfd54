"""The bars of a timeline as a widget: rows scroll, time zooms and pans, a row is chosen."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui.graph.gantt import Columns, Row, Window, axis, columns_of, paint, rows_of
from tui.graph.model import Key
from tui.graph.timeline import Bar, Timeline
from tui.messages import ActionOpened
from tui.widgets.cells import CellView

_PAN = 0.125  # of what is seen
_NEARER = 0.5


class GanttView(CellView):
    """A row for each stage and action below an axis that stays; Enter or a double click opens."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    GanttView { padding: 0 1; background: $background; scrollbar-size: 0 1; overflow-x: hidden; overflow-y: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="gantt.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="gantt.up"),
        Binding("home,g", "edge(0)", "First", show=False, id="gantt.first"),
        Binding("end,G", "edge(-1)", "Last", show=False, id="gantt.last"),
        Binding("pagedown,ctrl+d", "page(1)", "A page down", show=False, id="gantt.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", "A page up", show=False, id="gantt.page_up"),
        Binding("plus", "nearer(1)", "Less time, nearer", id="gantt.nearer"),
        Binding("minus", "nearer(-1)", "More time", id="gantt.further"),
        Binding("left,h", "pan(-1)", "Earlier", show=False, id="gantt.earlier"),
        Binding("right,l", "pan(1)", "Later", show=False, id="gantt.later"),
        Binding("0", "whole", "All of it", id="gantt.whole"),
        Binding("enter", "open", "Open", id="gantt.open"),
    ]

    class Chosen(Message):
        """Another row is chosen."""

    def __init__(self, chosen: Key, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.found = Timeline()
        self.rows: list[Row] = []
        self.window: Window | None = None  # None: all of it
        self._key: Key | None = chosen
        self._width = 1
        self._columns = Columns(0, 1, 0)

    def show(self, found: Timeline) -> None:
        """Show this one; what was chosen stays so."""
        self.found = found
        self.rows = rows_of(found)
        self._measure()
        self.refresh()

    def _measure(self) -> None:
        self.grow(Size(self.content_size.width, len(self.rows) + 1))
        self._width = max(1, self.scrollable_content_region.width)  # without the scrollbar, which may be new
        self._columns = columns_of(self.found, self._width)

    @property
    def seen(self) -> Window:
        """The part of the axis that is seen."""
        whole = Window(0.0, self.found.horizon)
        return whole if self.window is None else self.window.moved(0.0, max(whole.length, self.window.length))

    @property
    def index(self) -> int:
        """The chosen row: an action's."""
        keys = [row.node.key if isinstance(row, Bar) else None for row in self.rows]
        if self._key in keys:
            return keys.index(self._key)
        return next((number for number, key in enumerate(keys) if key), 0)

    @property
    def chosen(self) -> Bar | None:
        """The chosen action."""
        row = self.rows[self.index] if self.rows else None
        return row if isinstance(row, Bar) else None

    # -- painting -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The axis on top, whatever is scrolled; rows below it."""
        width = self._width
        if y == 0:
            return self.strip(axis(self.seen, self._columns), 0, width, None)
        at = y - 1 + self.scroll_offset.y
        cells = paint(self.rows[at], self.seen, self._columns) if at < len(self.rows) else []
        chosen = self.chosen
        return self.strip(cells, 0, width, chosen.node.key if chosen else None)

    def on_resize(self) -> None:
        """Fit the new width."""
        self._measure()
        self.refresh()
        self.reveal()

    def reveal(self) -> None:
        """Scroll so that the chosen row is seen, its stage's name too where that can be."""
        region = Region(0, max(0, self.index - 1), 1, 4)  # the axis covers a row
        self.scroll_to_region(region, animate=False, force=True, immediate=True, x_axis=False)

    # -- moving -------------------------------------------------------------------------------------------------

    def _go(self, index: int, way: int) -> None:
        """Choose the action at a row, or the next one in that direction."""
        while 0 <= index < len(self.rows):
            row = self.rows[index]
            if isinstance(row, Bar):
                self._key = row.node.key
                self.reveal()
                self.refresh()
                self.post_message(self.Chosen())
                return
            index += way

    def action_move(self, rows: int) -> None:
        """The action above or below."""
        self._go(self.index + rows, rows)

    def action_edge(self, at: int) -> None:
        """The first or the last."""
        self._go(0 if at == 0 else len(self.rows) - 1, 1 if at == 0 else -1)

    def action_page(self, way: int) -> None:
        """A page on."""
        step = max(1, self.size.height - 2)
        self._go(min(max(0, self.index + way * step), len(self.rows) - 1), -way if way > 0 else 1)

    def action_nearer(self, way: int) -> None:
        """Zoom in or out around the chosen bar."""
        whole = self.found.horizon
        around = (self.chosen.start + self.chosen.end) / 2 if self.chosen else whole / 2
        seen = self.seen
        if not seen.start <= around <= seen.start + seen.length:
            around = seen.start + seen.length / 2
        window = seen.zoomed(_NEARER if way > 0 else 1 / _NEARER, around, whole)
        self.window = None if window.length >= whole else window
        self.refresh()

    def action_pan(self, way: int) -> None:
        """Earlier or later."""
        if self.window is not None:
            self.window = self.seen.moved(way * _PAN * self.seen.length, self.found.horizon)
            self.refresh()

    def action_whole(self) -> None:
        """All of the time."""
        self.window = None
        self.refresh()

    def action_open(self) -> None:
        """Go to the chosen action."""
        if self.chosen is not None:
            self.post_message(ActionOpened(self.chosen.node.key))

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a double click opens."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y == 0:
            return
        at = offset.y - 1 + self.scroll_offset.y
        if at < len(self.rows):
            self._go(at, 1)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With ctrl further away, with shift later."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """With ctrl nearer, with shift earlier."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseScrollDown | events.MouseScrollUp, way: int) -> None:
        if event.ctrl or event.shift:
            event.prevent_default()
            event.stop()
            if event.ctrl:
                self.action_nearer(-way)
            else:
                self.action_pan(way)

    def on_focus(self) -> None:
        """The chosen row looks different with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The chosen row looks different without the focus."""
        self.refresh()
