"""What a click or a key in the lines of a log means: a place it names, a fold, lines to be copied."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from tui.log.links import Link
from tui.log.outline import Entry
from tui.widgets._log_view import LogView


class PickView(LogView, inherit_bindings=True):
    """A log's lines that can be pointed at."""

    class Followed(Message):
        """A link is to be opened; `several` are there to choose from."""

        def __init__(self, several: tuple[Link, ...]) -> None:
            super().__init__()
            self.several = several

    class Folding(Message):
        """A phase or command is to be folded, or opened."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    _selecting: tuple[int, int] | None = None  # rows: where it began, where it is

    def on_click(self, event: events.Click) -> None:
        """On a link it opens it, on what is folded or the mark of what can be folded it does so."""
        place = event.get_content_offset(self)
        if event.button != 1 or place is None or self.text_selection is not None:
            return
        number, character = self._under(place)
        if self.lens is None or number < 0 or number >= self.line_count:
            return
        found = self._line(number)
        if found.lead and (
            entry := self.lens.fold_at(number) or (character < found.lead and self.lens.header_at(number))
        ):
            self.post_message(self.Folding(entry))
            return
        chosen = tuple(link for link in found.links if link.start <= character < link.end)
        if chosen:
            self.post_message(self.Followed(chosen))

    def _under(self, place: Offset) -> tuple[int, int]:
        """The row and the character at a place of the screen; row -1 where there is none."""
        row = self._row(place.y, self._look())
        if row is None:
            return -1, 0
        cell = row.left + place.x
        text = self.text_of(row.line)
        if text.isascii():
            return row.line, cell
        at = 0
        for character, letter in enumerate(text):
            at += cell_len(letter)
            if at > cell:
                return row.line, character
        return row.line, len(text)

    def action_open(self) -> None:
        """What the current line names, or its fold; without a current line the first one on screen that has any."""
        lens = self.lens
        if lens is None or not self.visible_rows:
            return
        current = None if self.current is None else lens.row(self.current)
        if current is None or current not in self.visible_rows:
            self._point()
            return
        if found := self.links_of(current):
            self.post_message(self.Followed(found))
        elif entry := lens.fold_at(current) or lens.header_at(current):
            self.post_message(self.Folding(entry))

    def _point(self) -> None:
        """Makes the first line current that something can be opened of."""
        lens = self.lens
        assert lens is not None
        rows = self.visible_rows
        found = next((row for row in rows if self.links_of(row) or lens.header_at(row)), None)
        if found is not None:
            self.follow = False
            self.current = lens.line(found)
            self.repaint()

    def action_select(self, step: int) -> None:
        """Selects whole lines, from the current one or the first on screen."""
        if not self.line_count:
            return
        if self._selecting is None or self.text_selection is None:
            at = self.cursor_row
            if self.current is None and self.follow:
                at = self.visible_rows[-1]
            self._selecting = (at, at)
        else:
            first, at = self._selecting
            self._selecting = (first, min(self.line_count - 1, max(0, at + step)))
        first, at = self._selecting
        top, bottom = min(first, at), max(first, at)
        self.follow = False
        self.screen.selections = {self: Selection(Offset(0, top), Offset(len(self._line(bottom).text), bottom))}
        if at not in self.visible_rows:
            self.scroll_to(y=at if at < self.scroll_y else at - self.page_size.height + 1, animate=False, force=True)
        self.refresh()
