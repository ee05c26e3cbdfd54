"""Many lines of text, of which only those on the screen are painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

from tui._compat import GrowingScrollView

Writer = Callable[[int, int], Content]
"""From a line's number and the width of the view to what stands there."""

REMEMBERED = 512


class Lines(GrowingScrollView, can_focus=True):
    """Scrolls both ways, can be selected with the mouse. `show` says what there is."""

    DEFAULT_CSS = """
    Lines {
        background: $surface; overflow: hidden auto; scrollbar-size: 1 1; text-wrap: nowrap; text-overflow: clip;
        &:focus { background-tint: $surface 0%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "line(1)", show=False, id="lines.down"),
        Binding("k,up", "line(-1)", show=False, id="lines.up"),
        Binding("pagedown,ctrl+d,space", "page(1)", show=False, id="lines.page_down"),
        Binding("pageup,ctrl+u", "page(-1)", show=False, id="lines.page_up"),
        Binding("home,g", "edge(0)", show=False, id="lines.first"),
        Binding("end,G", "edge(1)", show=False, id="lines.last"),
        Binding("right,l", "aside(8)", show=False, id="lines.right"),
        Binding("left,h", "aside(-8)", show=False, id="lines.left"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._count = 0
        self._writer: Writer = lambda at, width: Content("")
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(REMEMBERED)

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return self._count

    def put(self, count: int, writer: Writer, widest: int = 0) -> None:
        """Show that many lines. `widest` is how far one can go to the right, in cells."""
        self._count, self._writer = count, writer
        self.repaint()
        self.grow(Size(widest, count))
        self.scroll_to(y=min(self.scroll_offset.y, max(0, count - 1)), animate=False)

    def repaint(self) -> None:
        """What is remembered of the lines holds no more."""
        self._strips.clear()
        self.refresh()

    @property
    def text(self) -> str:
        """Everything, to be copied."""
        return "\n".join(self._writer(at, 0).plain.rstrip() for at in range(self._count))

    @property
    def allow_horizontal_scroll(self) -> bool:
        """Sideways without a scrollbar."""
        return True

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._strips.clear()

    # -- painting -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        left, top = self.scroll_offset
        width, at = self.scrollable_content_region.width, top + y
        if at >= self._count:
            return Strip.blank(width, self.rich_style)
        selection = self.text_selection
        span = selection.get_span(at) if selection else None
        key = (at, width, span, self.look_of(at), self.app.theme, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._paint(at, width, span)
        return strip.crop_extend(left, left + width, self.rich_style).apply_offsets(left, at)

    def look_of(self, at: int) -> object:
        """What besides its text decides how a line looks."""
        return None

    def content_at(self, at: int, width: int) -> Content:
        """A line as it is painted."""
        return self._writer(at, width)

    def _paint(self, at: int, width: int, span: tuple[int, int] | None) -> Strip:
        content = self.content_at(at, width)
        if span is not None:
            content = content.stylize("on $selection-background", span[0], span[1] if span[1] >= 0 else None)
        room = max(1, width, content.cell_length)
        found = Visual.to_strips(self, content, room, 1, self.visual_style, apply_selection=False)
        return found[0] if found else Strip.blank(width, self.rich_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected, and how its lines are joined."""
        return selection.extract(self.text), "\n"

    # -- moving -------------------------------------------------------------------------------------------------

    def action_line(self, lines: int) -> None:
        """Up or down."""
        self.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """A page up or down."""
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False)

    def action_edge(self, end: int) -> None:
        """To the first or the last line."""
        self.scroll_to(x=0, y=self._count if end else 0, animate=False)

    def action_aside(self, cells: int) -> None:
        """Sideways."""
        self.scroll_relative(x=cells, animate=False)
