"""Which lines of a document are on show, as rows from 0 on: all of them, or less what is folded or filtered out.

A folded phase or command is one row, that of its first line. Where a filter leaves that line out, but some line in
the fold in, the fold still has its row; where the filter leaves nothing of it, it has none. In a merged log a fold
takes away the lines of its own log, wherever they are; those of the others stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.log.document import Document
from tui.log.filter import Filter
from tui.log.folds import ENDLESS, Gaps
from tui.log.index import RawLine
from tui.log.outline import Entry
from tui.log.weave import Weave

_NEVER = (-1, -1)


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
        self._stand_ins: dict[int, int] = {}  # the other way round
        self._rows: dict[int, int] = {}  # of lines, in the filter; only those that will not change
        self._counted = _NEVER  # rows of the filter, lines of the weave when the gaps were counted
        self._weave: Weave | None = None

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
            return self._gaps.count(min(document.settled_lines, self._base))
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
        place = line if self.filter is None else self._stand_ins.get(line, self.filter.row_at(line))
        row = self._gaps.place(place)
        if self._weave is not None and self._gaps.hides(place):
            folds = [entry for entry in self.around(line) if entry.offset in self.folded and entry.line != line]
            return self.row(folds[0].line) if folds else max(0, row - 1)
        # The row of a fold that a filter left no first line of is behind the gap, all others are before it.
        return max(0, row - 1) if self._gaps.hides(place) else row

    def read(self, row: int) -> RawLine:
        """The bytes of a row's line."""
        return self.document.read(self.line(row))

    def fold_at(self, row: int) -> Entry | None:
        """What is folded into a row."""
        return None if not self.folded else self._heads.get(self.line(row))

    def grows(self, row: int) -> bool:
        """Whether a row stands for a fold that goes on, and so says something else before long."""
        entry = self.fold_at(row)
        return entry is not None and entry.end is None

    def header_at(self, row: int) -> Entry | None:
        """The phase or command that begins with a row."""
        return self._headers.get(self.line(row)) if self._headers else None

    def around(self, line: int) -> list[Entry]:
        """The phase and the command that a line is in, the outer one first; in a merged log its whole log before."""
        log = self._weave.owner(line) if self._weave else ""
        return [
            entry
            for entry in self.entries
            if entry.log == log and entry.line <= line < (ENDLESS if entry.end is None else entry.end)
        ]

    def inside(self, entry: Entry) -> int:
        """How many lines there are in a fold, the first one not counted."""
        end = self.document.line_count if entry.end is None else entry.end
        return sum(beyond - start for start, beyond in self._parts(entry, end))

    # --- what is on show ---

    def outline(self, entries: tuple[Entry, ...], weave: Weave | None = None) -> bool:
        """Takes up what is known of phases and commands, and of a merged log's lines; says whether that is news."""
        self._weave = weave
        if entries is self.entries:
            return False
        self.entries = entries
        self._headers = {entry.line: entry for entry in entries}
        self._counted = _NEVER
        return True

    def fold(self, entries: Iterable[Entry], folded: bool = True) -> None:
        """Folds or unfolds these."""
        offsets = {entry.offset for entry in entries}
        self.folded = self.folded | offsets if folded else self.folded - offsets
        self.plain = self.filter is None and not self.folded
        self._counted = _NEVER

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
        self._counted = _NEVER

    # --- how rows are counted ---

    @property
    def _base(self) -> int:
        """Lines, or places in the filter. Of a merged log no more than one knows whose they are."""
        lines = self.document.line_count
        if self._weave is not None and self._weave.lines < lines:
            return self._weave.lines if self.filter is None else self.filter.row_at(self._weave.lines)
        return lines if self.filter is None else self.filter.row_count

    def _refresh(self) -> None:
        """Where the gaps are. Only the end of a log moves, so this is done again only as that does."""
        counted = (
            0 if self.filter is None else self.filter.row_count,
            self._weave.lines if self._weave is not None and self.folded else 0,
        )
        if counted == self._counted:
            return
        self._counted = counted
        folds = [entry for entry in self.entries if entry.offset in self.folded]
        self._heads = {entry.line: entry for entry in folds}
        self._stands_for, self._stand_ins = {}, {}
        self._gaps = Gaps(gap for entry in folds for gap in self._hidden(entry))

    def _parts(self, entry: Entry, end: int) -> Iterator[tuple[int, int]]:
        """The lines of a fold up to `end`, without its first."""
        if entry.log and self._weave is not None:
            return self._weave.of(entry.log, entry.line + 1, end)
        return iter([(entry.line + 1, max(entry.line + 1, end))])

    def _hidden(self, entry: Entry) -> Iterator[tuple[int, int]]:
        """What of a fold has no row: lines, or places in the filter."""
        parts = self._parts(entry, ENDLESS if entry.end is None else entry.end)
        if self.filter is None:
            yield from parts
            return
        headed = self._place(entry.line) != self._place(entry.line + 1)
        for start, end in parts:
            first, beyond = self._place(start), ENDLESS if end == ENDLESS else self._place(end)
            if not headed and min(beyond, self.filter.row_count) > first:
                self._stand_ins[self._stands_for.setdefault(first, entry.line)] = first
                first, headed = first + 1, True
            yield first, max(first, beyond)

    def _place(self, line: int) -> int:
        """How many lines the filter shows before one; remembered once that is final."""
        assert self.filter is not None
        known = self._rows.get(line)
        if known is None:
            known = self.filter.row_at(line)
            if known < self.filter.settled:
                self._rows[line] = known
        return known
