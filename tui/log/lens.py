"""Which lines of a document are on show, as rows from 0 on: all of them, or less what is folded or filtered out.

A folded phase or command is one row, that of its first line. Where a filter leaves that line out, but some line in
the fold in, the fold still has its row; where the filter leaves nothing of it, it has none.
"""

from __future__ import annotations

from collections.abc import Iterable

from tui.log.document import Document
from tui.log.filter import Filter
from tui.log.folds import ENDLESS, Gaps
from tui.log.index import RawLine
from tui.log.outline import Entry


class Lens:
    """The rows of a document. It counts lines from the document's beginning: not for a `partial` one, unless plain."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.filter: Filter | None = None
        self.entries: tuple[Entry, ...] = ()
        """Phases and commands."""
        self.folded: set[int] = set()
        """The offsets of those that are folded."""
        self.plain = True
        """Whether each line is a row."""
        self._heads: dict[int, Entry] = {}  # of folds on show, by line
        self._headers: dict[int, Entry] = {}  # all, by line
        self._gaps = Gaps()
        self._stands_for: dict[int, int] = {}  # line of a head, by the place of a line that the filter does show
        self._rows: dict[int, int] = {}  # of lines, in the filter; only those that will not change
        self._counted = -1  # rows of the filter when the gaps were counted

    @property
    def row_count(self) -> int:
        """Rows now."""
        if self.plain:
            return self.document.line_count
        self._refresh()
        return self._gaps.count(self._base)

    @property
    def settled_rows(self) -> int:
        """Rows from the first on that will not change, except by folding."""
        if self.plain:
            return self.document.settled_lines
        self._refresh()
        document, found = self.document, self.filter
        if found is None:
            return self._gaps.count(document.settled_lines)
        # The filter may be ahead of the index for a moment: what cannot be read yet is not settled.
        known = found.row_at(document.settled_lines) if document.indexing else found.settled
        return self._gaps.count(min(known, found.settled))

    def line(self, row: int) -> int:
        """The line that a row shows, the first one if it is a fold's."""
        if self.plain:
            return row
        self._refresh()
        place = self._gaps.number(row)
        if self.filter is None:
            return place
        head = self._stands_for.get(place)
        return self.filter.line(place) if head is None else head

    def row(self, line: int) -> int:
        """The row that shows a line or the fold it is in; of a line that is filtered out, the next that is not."""
        if self.plain:
            return line
        self._refresh()
        place = line if self.filter is None else self.filter.row_at(line)
        row = self._gaps.place(place)
        # The row of a fold that a filter left no first line of is behind the gap, all others are before it.
        return max(0, row - 1) if self._gaps.hides(place) else row

    def read(self, row: int) -> RawLine:
        """The bytes of a row's line."""
        return self.document.read(self.line(row))

    def fold_at(self, row: int) -> Entry | None:
        """What is folded into a row."""
        return None if not self.folded else self._heads.get(self.line(row))

    def header_at(self, row: int) -> Entry | None:
        """The phase or command that begins with a row."""
        return self._headers.get(self.line(row)) if self._headers else None

    def around(self, line: int) -> list[Entry]:
        """The phase and the command that a line is in, the outer one first."""
        return [entry for entry in self.entries if entry.line <= line < (ENDLESS if entry.end is None else entry.end)]

    # --- what is on show ---

    def outline(self, entries: tuple[Entry, ...]) -> bool:
        """Takes up what is known of phases and commands; says whether that is news."""
        if entries is self.entries:
            return False
        self.entries = entries
        self._headers = {entry.line: entry for entry in entries}
        self._counted = -1
        return True

    def fold(self, entries: Iterable[Entry], folded: bool = True) -> None:
        """Folds or unfolds these."""
        offsets = {entry.offset for entry in entries}
        self.folded = self.folded | offsets if folded else self.folded - offsets
        self.plain = self.filter is None and not self.folded
        self._counted = -1

    def unfold(self, line: int) -> bool:
        """Opens whatever hides a line; says whether anything did."""
        hiding = [entry for entry in self.around(line) if entry.offset in self.folded and entry.line != line]
        self.fold(hiding, False)
        return bool(hiding)

    def sift(self, found: Filter | None) -> None:
        """Shows only what a filter shows, or all."""
        self.filter = found
        self.plain = found is None and not self.folded
        self._rows = {}
        self._counted = -1

    # --- how rows are counted ---

    @property
    def _base(self) -> int:
        return self.document.line_count if self.filter is None else self.filter.row_count

    def _refresh(self) -> None:
        """Where the gaps are. Only the end of a log moves, so this is done again only as that does."""
        count = 0 if self.filter is None else self.filter.row_count
        if count == self._counted:
            return
        self._counted = count
        folds = [entry for entry in self.entries if entry.offset in self.folded]
        self._heads = {entry.line: entry for entry in folds}
        self._stands_for = {}
        hidden = [self._hidden(entry) for entry in folds]
        self._gaps = Gaps(hidden)

    def _hidden(self, entry: Entry) -> tuple[int, int]:
        """What of a fold has no row: lines, or places in the filter."""
        end = ENDLESS if entry.end is None else entry.end
        if self.filter is None:
            return entry.line + 1, end
        first, start = self._place(entry.line), self._place(entry.line + 1)
        beyond = ENDLESS if end == ENDLESS else self._place(end)
        if first == start and min(beyond, self.filter.row_count) > start:
            self._stands_for.setdefault(start, entry.line)
            start += 1
        return start, max(start, beyond)

    def _place(self, line: int) -> int:
        """How many lines the filter shows before one; remembered once that is final."""
        assert self.filter is not None
        known = self._rows.get(line)
        if known is None:
            known = self.filter.row_at(line)
            if known < self.filter.settled:
                self._rows[line] = known
        return known
