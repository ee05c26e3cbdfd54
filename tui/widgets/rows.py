"""A list to choose from: headings, rows, a cursor; as long as it likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from tui.widgets.lines import Lines

Span = tuple[str, str]
"""A text and its style."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `key` is what it stands for, None for a heading or a remark: the cursor passes over those.

    `aside` stands at the right edge, where there is room.
    """

    key: object
    spans: tuple[Span, ...]
    aside: str = ""

    @property
    def plain(self) -> str:
        """Its text."""
        return "".join(text for text, _ in self.spans)


def heading(text: str, aside: str = "") -> Row:
    """What stands above a group."""
    return Row(None, ((text, "bold $primary"), (f"  {aside}" if aside else "", "$muted")))


def remark(text: str, indent: int = 2) -> Row:
    """A line that only says something."""
    return Row(None, ((" " * indent + text, "$muted"),))


BLANK = Row(None, (("", ""),))


class Rows(Lines):
    """The cursor is on a row that stands for something. Enter or a click takes it."""

    DEFAULT_CSS = """
    Rows { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Open", id="rows.take"),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: Rows) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Rows:
            """Where."""
            return self.rows

    class Taken(Moved):
        """The row under the cursor was taken."""

    class Aside(Moved):
        """Left (`cells` below 0) or right: lists that are trees close and open."""

        def __init__(self, rows: Rows, cells: int) -> None:
            super().__init__(rows)
            self.cells = cells

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[Row] = ()
        self.cursor = 0

    @property
    def chosen(self) -> object:
        """What the row under the cursor stands for."""
        return self.rows[self.cursor].key if self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show these; the cursor stays on what it was on, as far as that is still there."""
        if rows == self.rows:
            return
        here = self.chosen
        self.rows = rows
        self.put(len(rows), self._written)
        at = next((at for at, row in enumerate(rows) if row.key == here), None) if here is not None else None
        self.go_to(self._near(self.cursor if at is None else at, 1), tell=here != self._key(at))

    def _key(self, at: int | None) -> object:
        return None if at is None else self.rows[at].key

    def _near(self, at: int, step: int) -> int:
        """The nearest row that stands for something, in this direction if there is one there."""
        order = [*range(at, len(self.rows)), *range(min(at, len(self.rows)) - 1, -1, -1)]
        if step < 0:
            order = [*range(min(at, len(self.rows) - 1), -1, -1), *range(at + 1, len(self.rows))]
        return next((place for place in order if place >= 0 and self.rows[place].key is not None), 0)

    def go_to(self, at: int, *, tell: bool = True) -> None:
        """Put the cursor on a row."""
        self.cursor = max(0, min(at, len(self.rows) - 1))
        self.refresh()
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        low = self.cursor
        while low > 0 and self.rows[low - 1].key is None:  # with its heading, where that fits
            low -= 1
        low = low if self.cursor - low < height // 2 else self.cursor
        if low < top:
            self.scroll_to(y=low, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)
        if tell:
            self.post_message(self.Moved(self))

    def choose(self, key: object) -> None:
        """Put the cursor on what a row stands for, if there is one."""
        at = next((at for at, row in enumerate(self.rows) if row.key == key), None)
        if at is not None:
            self.go_to(at)

    # -- painting -----------------------------------------------------------------------------------------------

    def look_of(self, at: int) -> object:
        """The row under the cursor looks different."""
        return at == self.cursor

    def _written(self, at: int, width: int) -> Content:
        row = self.rows[at]
        content = Content.assemble(*((text, style) if style else text for text, style in row.spans if text))
        space = cell_len(row.aside)
        if not row.aside or not width:
            return content
        if content.cell_length + space + 2 > width and space <= width // 2:
            content = Content.assemble(content.truncate(width - space - 3), ("…", "$muted"))
        room = width - content.cell_length - space
        return Content.assemble(content, " " * room, (row.aside, "$muted")) if room >= 2 else content

    def content_at(self, at: int, width: int) -> Content:
        """With the cursor, and never wider than the list."""
        content = self._written(at, width)
        if content.cell_length > width > 1:
            content = Content.assemble(content.truncate(width - 1), ("…", "$muted"))
        if at == self.cursor and self.rows[at].key is not None:
            content = content.pad_right(max(0, width - content.cell_length))
            focused = "bold $selection-foreground on $selection-background"
            content = content.stylize(focused if self.has_focus else "on $selection-blurred")
        return content

    # -- moving -------------------------------------------------------------------------------------------------

    def action_line(self, lines: int) -> None:
        """Up or down by rows; at the first row the headings above it come into view."""
        step = 1 if lines > 0 else -1
        at = self._near(self.cursor + step, step) if 0 <= self.cursor + step < len(self.rows) else self.cursor
        if (at - self.cursor) * step > 0:
            self.go_to(at)
        elif step < 0:
            self.scroll_home(animate=False)

    def action_page(self, pages: int) -> None:
        """A page up or down."""
        at = self.cursor + pages * max(1, self.size.height - 1)
        self.go_to(self._near(max(0, min(at, len(self.rows) - 1)), pages))

    def action_edge(self, end: int) -> None:
        """To the first or the last row."""
        self.go_to(self._near(len(self.rows) - 1 if end else 0, -1 if end else 1))
        if not end:
            self.scroll_home(animate=False)

    def action_aside(self, cells: int) -> None:
        """Left or right."""
        self.post_message(self.Aside(self, cells))

    def action_take(self) -> None:
        """Take the row under the cursor."""
        if self.chosen is not None:
            self.post_message(self.Taken(self))

    async def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; on the row under it, or twice, takes it."""
        at = event.y - self.styles.padding.top + self.scroll_offset.y
        if 0 <= at < len(self.rows) and self.rows[at].key is not None:
            event.stop()
            again = at == self.cursor
            self.focus()
            self.go_to(at)
            if again or event.chain > 1:
                self.action_take()
