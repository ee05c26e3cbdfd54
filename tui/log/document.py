"""A log as a numbered list of lines, whatever happens to the file meanwhile.

Opening a large log shows its end at once: a small index over the last page serves while a thread indexes the
whole; then `expand` changes over and says by how much line numbers shift.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from tui.log.file import LogFile
from tui.log.index import LineIndex, RawLine
from tui.log.task import Task

AT_ONCE = 1 << 20
"""Bytes indexed without a thread: about a millisecond."""
TAIL = 256 << 10
"""Bytes at the end of a large log that are shown before all of it is indexed."""


class Change(Enum):
    """What `Document.poll` found."""

    NONE = "none"
    GREW = "grew"
    RESET = "reset"


class Document:
    """The lines of the log at `path`, which may not exist yet. `report` is called from a thread, see `Task`."""

    def __init__(self, path: Path, report: Callable[[], None], *, at_once: int = AT_ONCE, tail: int = TAIL) -> None:
        self.path = path
        self.file: LogFile | None = None
        self._report = report
        self._at_once = at_once
        self._tail_size = tail
        self._full: LineIndex | None = None
        self._tail: LineIndex | None = None
        self._task: Task | None = None
        self._last_end = 0

    @property
    def index(self) -> LineIndex | None:
        """The index in use: of the last page while the whole is being indexed, else of everything."""
        return self._tail or self._full

    @property
    def indexing(self) -> bool:
        """True while a thread is reading the file."""
        return self._task is not None and not self._task.done

    @property
    def partial(self) -> bool:
        """True while line 0 is not the file's first line."""
        return self._tail is not None

    @property
    def line_count(self) -> int:
        """Lines known now."""
        return self.index.line_count if self.index else 0

    @property
    def settled_lines(self) -> int:
        """Lines that have an ending, and so never change."""
        return self.index.newlines if self.index else 0

    @property
    def end(self) -> int:
        """Bytes known now."""
        return self.index.end if self.index else 0

    def read(self, line: int) -> RawLine:
        """The bytes of a line; none beyond the last."""
        return self.index.read(line) if self.index else RawLine(b"")

    def poll(self) -> Change:
        """Looks at the file, in bounded time. Call it regularly."""
        if self.file is None or self.file.stale() or not self._intact():
            return self._reopen()
        index = self.index
        assert index is not None
        if not (index is self._full and self.indexing):
            index.extend(self._at_once)
        if index is self._full and not self.indexing and self.file.size() > index.end:
            self._index_all()  # it grows faster than we look: a thread catches up
        grew = index.end != self._last_end
        self._last_end = index.end
        return Change.GREW if grew else Change.NONE

    @property
    def ready(self) -> bool:
        """True when the whole file is indexed while only the last page is in use: time to `expand`."""
        return self._tail is not None and not self.indexing

    def expand(self) -> int | None:
        """Changes over to what is indexed from the file's beginning, complete or not.

        Returns how many lines there are before the former line 0; None while that is not known.
        """
        tail, full = self._tail, self._full
        if tail is None or full is None:
            return 0
        self._tail = None
        if not self.indexing:
            full.extend(self._at_once)
        self._last_end = full.end
        return full.line_at(tail.start) if full.end >= tail.start else None

    def line_of(self, offset: int) -> int | None:
        """The line at a byte of the file; None while that byte is not indexed."""
        index = self.index
        if index is None or not index.start <= offset < index.end:
            return None
        return index.line_at(offset)

    def close(self) -> None:
        """Ends the thread and closes the file."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.file is not None:
            self.file.close()
        self.file = self._full = self._tail = None
        self._last_end = 0

    def _intact(self) -> bool:
        return self.index is not None and self.index.intact()

    def _reopen(self) -> Change:
        had = self.file is not None
        self.close()
        self.file = LogFile.open(self.path)
        if self.file is None:
            return Change.RESET if had else Change.NONE
        self._full = LineIndex(self.file)
        if self.file.size() <= self._at_once:
            self._full.extend(self._at_once)
        else:
            self._tail = self._index_tail(self.file)
            self._index_all()
        self._last_end = self.end
        return Change.RESET

    def _index_tail(self, file: LogFile) -> LineIndex:
        start = max(0, file.size() - self._tail_size)
        # From the first line that begins in the page; a line longer than the page begins wherever the page does.
        start += file.read(start, self._tail_size).find(b"\n") + 1
        index = LineIndex(file, start)
        index.extend(self._tail_size + self._at_once)
        return index

    def _index_all(self) -> None:
        full, slice_size = self._full, self._at_once
        assert full is not None
        self._task = Task("log-index", lambda: full.extend(slice_size) > 0, self._report)
        self._task.start()
