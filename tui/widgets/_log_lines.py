"""The lines of a document as rows of a screen: which part of which line, in which style, and as selected text."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from tui._compat import GrowingScrollView
from tui.log.arrivals import Arrivals
from tui.log.document import Document
from tui.log.headings import folded, opened, timed
from tui.log.lens import Lens
from tui.log.line import Line, line, message
from tui.log.links import Link, links
from tui.log.needle import Needle
from tui.log.places import Places
from tui.log.wrap import Row, page
from tui.widgets._log_paint import Finish, Highlight, Painter, placed

REMEMBERED = 1024
"""Lines kept as painted: they never change, except the last."""
COPY_LIMIT = 100_000
"""Lines that one copy takes at most."""


class _Frame(NamedTuple):
    """What all rows of one paint have in common."""

    width: int
    height: int
    left: int
    top: int
    lines: int
    selection: Selection | None
    chip: str
    wrap: bool


class LogLines(GrowingScrollView):
    """Paints what is visible of a document, and nothing else."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(Painter.COMPONENTS)
    DEFAULT_CSS = """
    LogLines {
        background: $surface;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & .log--error { color: $text-error; text-style: bold; }
        & .log--warning { color: $text-warning; }
        & .log--command { text-style: bold; }
        & .log--prefix { color: $text-muted; }
        & .log--mark { color: $text-muted; text-style: italic; }
        & .log--link { text-style: underline; }
        & .log--match { background: $secondary-muted; color: $text; }
        & .log--match-current { background: $warning; color: auto; text-style: bold; }
        & .log--current { background: $boost; }
        & .log--chip { background: $primary; color: auto; text-style: bold; }
    }
    """

    follow: reactive[bool] = reactive(True)
    wrap: reactive[bool] = reactive(False)
    timestamps: reactive[bool] = reactive(True)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.document: Document | None = None
        self.lens: Lens | None = None
        """Which of the document's lines are on show. What is numbered here are its rows."""
        self.places = Places()
        """Where files are that a line names."""
        self.placeholder = "No log"
        self.needle: Needle | None = None
        """What to highlight."""
        self.current: int | None = None
        """The document's line that was gone to last."""
        self._lines: LRUCache[int, Line] = LRUCache(REMEMBERED)
        self._strips: LRUCache[int, Strip] = LRUCache(REMEMBERED)
        self._rows: LRUCache[tuple[Row, int], Strip] = LRUCache(REMEMBERED)
        self._finish_key: tuple[object, ...] = ()
        self._page: list[Row] = []
        self._page_key: tuple[int, ...] = ()
        self._painter: Painter | None = None
        self._frame: _Frame | None = None
        self._widest = 0
        self.arrivals: Arrivals | None = None
        """When lines came, where that is to be shown."""
        self._stamped = True  # `timestamps`, which costs more to ask than a line to paint
        self._left_at = 0  # byte: line numbers change while a large log is being indexed

    @property
    def line_count(self) -> int:
        """Rows known now."""
        return self.lens.row_count if self.lens else 0

    @property
    def page_size(self) -> Size:
        """Room for text; `size` includes what the scrollbar covers."""
        width, height = self.size
        return Size(max(0, width - self.scrollbar_size_vertical), height)

    def forget(self) -> None:
        """What is remembered of lines holds no more."""
        self._page_key = ()
        self._lines.clear()
        self._forget_paint()

    def _forget_paint(self) -> None:
        self._strips.clear()
        self._rows.clear()

    @property
    def allow_horizontal_scroll(self) -> bool:
        """Sideways without a scrollbar: that would come and go, and take a row."""
        return not self.wrap

    @property
    def painter(self) -> Painter:
        """The styles in force."""
        if self._painter is None:
            self._painter = Painter(self)
        return self._painter

    def notify_style_update(self) -> None:
        """The theme or a style changed."""
        super().notify_style_update()
        self._painter = None
        self._forget_paint()

    def repaint(self) -> None:
        """After a change of what is highlighted."""
        self._forget_paint()
        self.refresh()

    def text_of(self, number: int) -> str:
        """The text of a row as shown."""
        found = self._line(number)
        return found.text + found.mark

    def links_of(self, number: int) -> tuple[Link, ...]:
        """Where a row leads."""
        return self._line(number).links

    def _line(self, number: int) -> Line:
        found = self._lines.get(number)
        if found is None:
            assert self.lens is not None
            lens = self.lens
            settled = number < (lens.document.settled_lines if lens.plain else lens.settled_rows)
            found = self._made(number, lens)
            if settled and not lens.grows(number):
                self._lines[number] = found
        return found

    def _made(self, number: int, lens: Lens) -> Line:
        found = self._plain(number, lens)
        if self.arrivals is None:
            return found
        index = lens.document.index
        return timed(found, self.arrivals.at(index.start_of(lens.line(number))) if index else None)

    def _plain(self, number: int, lens: Lens) -> Line:
        if not lens.plain and (entry := lens.fold_at(number)) is not None:
            return folded(entry, lens.inside(entry))
        found = line(lens.document.read(number if lens.plain else lens.line(number)), timestamps=self._stamped)
        if lens.header_at(number) is not None:
            return opened(found)
        linked = links(found.text, found.runs, self.places.find, lambda back: self._above(number, back))
        return found._replace(links=linked) if linked else found

    def _above(self, number: int, back: int) -> str:
        assert self.lens is not None
        above = self.lens.line(number) - back
        return line(self.lens.document.read(above)).text if above >= 0 else ""

    def _strip(self, number: int, selection: Selection | None = None) -> Strip:
        span = selection.get_span(number) if selection else None
        if span is None and (strip := self._strips.get(number)) is not None:
            return strip
        found, current = self._line(number), False
        if self.current is not None and self.lens is not None:
            current = self.lens.line(number) == self.current
        strip = self.painter.strip(found, self._highlights(found, span, current), current=current)
        self._widest = max(self._widest, strip.cell_length)
        if span is None and number in self._lines:
            self._strips[number] = strip
        return strip

    def _highlights(self, found: Line, selected: tuple[int, int] | None, current: bool) -> list[Highlight]:
        highlights: list[Highlight] = []
        if found.links:
            highlights += [(link.start, link.end, self.painter.link(link)) for link in found.links]
        if self.needle is not None:
            style = self.painter.match_current if current else self.painter.match
            highlights += [(start, end, style) for start, end in self.needle.spans(found.text) if end > found.lead]
        if selected is not None:
            highlights.append((*selected, self.painter.selection))
        return highlights

    def _look(self) -> _Frame:
        left, top = self.scroll_offset
        selection = self.text_selection if self.is_attached else None
        return _Frame(*self.page_size, left, top, self.line_count, selection, self.chip, self.wrap)

    def _row(self, y: int, frame: _Frame) -> Row | None:
        line, left, width = frame.top + y, frame.left, frame.width
        if not frame.wrap:
            return Row(line, left, left, left + width) if line < frame.lines else None
        key = (frame.top, width, frame.height, frame.lines, self.document.end if self.document else 0)
        if key != self._page_key:
            self._page, self._page_key = page(self.text_of, frame.top, frame.lines, width, frame.height), key
        return self._page[y] if y < len(self._page) else None

    def render_lines(self, crop: Region) -> list[Strip]:
        """A paint: what is the same for all its rows is looked up once.

        Rows of a log need none of what Textual does to the lines of a widget, unless somebody's style asks for it.
        """
        self._frame = frame = self._look()
        try:
            if not (frame.width and frame.height) or self._decorated:
                return super().render_lines(crop)
            finish = Finish(self.get_line_filters(), self.background_colors[1], self.painter.base)
            if finish.key != self._finish_key:
                self._finish_key = finish.key
                self._rows.clear()
            strips = [self._painted(y, frame, finish) for y in crop.line_range]
            left, right = crop.column_span
            # What the scrollbar covers is left to it: else every row would be cut in two there.
            return strips if left <= 0 and right >= frame.width else [strip.crop(left, right) for strip in strips]
        finally:
            self._frame = None

    @property
    def _decorated(self) -> bool:
        styles = self.styles
        return bool(
            styles.gutter.totals != (0, 0)
            or any(kind for kind, _ in styles.outline)
            or styles.tint.a
            or styles.text_opacity != 1
            or self.opacity != 1
            or styles.has_rule("hatch")
        )

    def _painted(self, y: int, frame: _Frame, finish: Finish) -> Strip:
        row = self._row(y, frame)
        if row is None or frame.selection is not None or (frame.chip and y == frame.height - 1):
            return finish(self.render_line(y), frame.width)
        strip = self._rows.get((row, frame.width))
        if strip is None:
            strip = finish(self._strip(row.line).crop(row.left, row.right), frame.width)
            if row.line in self._lines:
                self._rows[row, frame.width] = strip
        return strip

    def render_line(self, y: int) -> Strip:
        """One row that knows where in the log it is; Textual asks for it when text is selected."""
        frame, painter = self._frame or self._look(), self.painter
        width = frame.width
        row = self._row(y, frame)
        if row is not None:
            strip = self._strip(row.line, frame.selection).crop(row.left, row.right)
            strip = placed(strip, self._character(row), row.line, width, painter.base)
        elif y == 0 and not frame.lines:
            strip = painter.strip(message(self._emptiness)).adjust_cell_length(width, painter.base)
        else:
            strip = Strip.blank(width, painter.base)
        chip = frame.chip if y == frame.height - 1 else ""
        if chip and len(chip) < width:
            return Strip.join([strip.crop(0, width - len(chip)), painter.strip_of_chip(chip)])
        return strip

    @property
    def _emptiness(self) -> str:
        """Why there is nothing to see."""
        sifted = self.lens.filter if self.lens else None
        if sifted is None or self.document is None or not self.document.line_count:
            return self.placeholder
        return "No line matches" if sifted.complete else "Looking…"

    def _character(self, row: Row) -> int:
        """The first character of a row: not the cell it is in, where wide ones come before."""
        if self.wrap or not row.left or self.text_of(row.line).isascii():
            return row.start
        return len(self._strip(row.line).crop(0, row.left).text)

    @property
    def chip(self) -> str:
        """How much came since the end was left."""
        index = self.document.index if self.document and not self.follow else None
        fresh = index.newlines - index.line_at(self._left_at) if index else 0
        return f" +{fresh:,} line{'s' * (fresh != 1)} ↓ " if fresh > 0 else ""

    def on_click(self, event: events.Click) -> None:
        """A click on the chip goes to the end."""
        offset = event.get_content_offset(self)
        if (
            offset
            and self.chip
            and offset.y == self.page_size.height - 1
            and offset.x >= self.page_size.width - len(self.chip)
        ):
            self.follow = True

    @property
    def visible_rows(self) -> range:
        """The rows on screen; one that is wrapped counts once."""
        frame = self._look()
        rows = [row for y in range(frame.height) if (row := self._row(y, frame)) is not None]
        return range(rows[0].line, rows[-1].line + 1) if rows else range(0)

    @property
    def visible_lines(self) -> range:
        """From the document's first line on screen to the last."""
        rows, lens = self.visible_rows, self.lens
        return range(lens.line(rows[0]), lens.line(rows[-1]) + 1) if lens and rows else range(0)

    @property
    def cursor_row(self) -> int:
        """The row that keys are about: the current line's if it is on screen, else the first one there."""
        rows = self.visible_rows
        row = self.lens.row(self.current) if self.lens and self.current is not None else -1
        return row if row in rows else rows.start

    def selection_updated(self, selection: Selection | None) -> None:
        """Text being selected must not run away."""
        if selection is not None:
            self.follow = False
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text: reads those lines and no others."""
        if self.lens is None:
            return None
        start = selection.start.y if selection.start else 0
        end = selection.end.y if selection.end else self.line_count - 1
        end = min(end, self.line_count - 1, start + COPY_LIMIT - 1)
        parts = []
        for number in range(start, end + 1):
            found = self._made(number, self.lens)
            first, last = selection.get_span(number) or (0, -1)
            parts.append(found.text[max(first, found.lead) : None if last < 0 else last])
        return ("\n".join(parts), "\n") if parts else None
