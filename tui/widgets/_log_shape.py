"""What of a log is on show: its phases and commands folded or open, and only the lines that a filter lets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.log.file import LogFile
from tui.log.filter import Filter
from tui.log.needle import Needle
from tui.log.outline import Entry, Outline
from tui.log.reading import Reading
from tui.widgets._log_view import LogView

BELOW = 2
"""Rows below what failed: how its phase ended, and why."""
AT_ONCE = 4
"""Windows looked at before anything is painted, in a millisecond."""


class Shaper:
    """The folds and the filter of one pane. Both are read from the file in threads, see `Seeker`."""

    def __init__(self, view: LogView, say: Callable[[str], None]) -> None:
        self._view = view
        self._say = say
        self._outline: Reading[Outline] | None = None
        self._filter: Reading[Filter] | None = None
        self._untouched = True
        self.needle: Needle | None = None
        """What lines are filtered by."""
        self.inverted = False
        self.context = 0

    # --- phases and commands ---

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Phases and commands known so far."""
        return self._outline.reader.entries if self._outline else ()

    @property
    def outlined(self) -> bool:
        """Whether all of the log has been looked at for them."""
        return self._outline is None or self._outline.reader.complete

    def fold(self, folded: bool) -> None:
        """Folds the innermost open phase or command around the current line, or opens the fold there."""
        if not self._ready():
            return
        lens, view = self._view.lens, self._view
        assert lens is not None
        here = lens.line(view.cursor_row)
        around = lens.around(here)
        if folded:
            open_ones = [entry for entry in around if entry.offset not in lens.folded]
            if open_ones:
                self._reshape([open_ones[-1]], True, keep=open_ones[-1].line)
        else:
            shut = [entry for entry in around if entry.offset in lens.folded]
            self._reshape(shut[:1], False, keep=here)

    def toggle(self, entry: Entry) -> None:
        """Folds what is open, opens what is folded."""
        if self._view.lens is not None and self._ready():
            self._reshape([entry], entry.offset not in self._view.lens.folded, keep=entry.line)

    def fold_all(self, folded: bool) -> None:
        """Folds or opens everything. What failed is folded only when all else is already, whole logs at last."""
        lens = self._view.lens
        if lens is None or not self._ready():
            return
        parts = [entry for entry in lens.entries if not entry.whole]
        steps = [[entry for entry in parts if not entry.failed], parts, lens.entries]
        still_open = (step for step in steps if any(entry.offset not in lens.folded for entry in step))
        wanted = next(still_open, lens.entries) if folded else lens.entries
        self._reshape(wanted, folded, keep=lens.line(self._view.cursor_row))

    def _reshape(self, entries: Sequence[Entry], folded: bool, *, keep: int) -> None:
        self._untouched = False
        lens = self._view.lens
        if lens is not None and entries:
            with self._view.reshaping(keep):
                lens.fold(entries, folded)

    def _ready(self) -> bool:
        view = self._view
        if view.lens is None or not self.entries:
            self._say("This log has no phases: it is not a build's." if self.outlined else "Still reading this log.")
            return False
        view.number_from_start()
        self._take_up()
        return True

    def _take_up(self) -> None:
        """Shows what is known of phases by now. Lines of a large log are numbered from its end at first."""
        view, lens = self._view, self._view.lens
        if lens is None or view.document is None or view.document.partial:
            return
        if lens.outline(self.entries, self._outline.reader.weave if self._outline else None):
            view.forget()
            view.sync()
        if self._untouched and not view.live and self._outline is not None and self.outlined:
            failed = [entry.end for entry in lens.entries if entry.failed and entry.end is not None]
            self._untouched = not failed
            if failed and view.follow and lens.row_count > view.page_size.height and lens.filter is None:
                self._show_what_failed(min(failed))

    def _show_what_failed(self, end: int) -> None:
        """The log of a build that has failed: what went well takes a line each, and the failure is in view.

        `end` is where what failed first ends: after that CodeBuild still has much to tell that nobody looks for.
        """
        view, lens = self._view, self._view.lens
        assert lens is not None
        with view.reshaping(None):
            lens.fold(entry for entry in lens.entries if entry.end is not None and not entry.failed)
        top = max(0, lens.row(end) + BELOW - view.page_size.height)
        if top < view.max_scroll_y:
            view.follow = False
            view.scroll_to(y=top, animate=False, force=True)

    # --- the filter ---

    def sift(self, needle: Needle | None, *, inverted: bool = False, context: int = 0) -> None:
        """Shows only lines with the needle in them (or without it), and so many around each; None shows all."""
        self.needle, self.inverted, self.context = needle, inverted, context
        if self._filter is not None:
            self._filter.cancel()
            self._filter = None
        view = self._view
        view.number_from_start()
        document, lens = view.document, view.lens
        if document is None or lens is None:
            return
        keep = None if view.follow else lens.line(view.cursor_row)
        if needle is not None and document.file is not None:
            found = Filter(document.file, needle, context=context, inverted=inverted)
            self._filter = Reading("log-filter", found, view.report)
            with view.reshaping(keep):
                lens.sift(found)
        elif lens.filter is not None:
            with view.reshaping(keep):
                lens.sift(None)

    @property
    def shown(self) -> int:
        """Lines that the filter lets through, so far."""
        return self._filter.reader.row_count if self._filter else 0

    @property
    def complete(self) -> bool:
        """Whether `shown` is final."""
        return self._filter is None or self._filter.reader.complete

    # --- a log that grows, or another one ---

    def renew(self) -> None:
        """The log may be in another file than before, or in one at last."""
        document = self._view.document
        file = document.file if document else None
        if self._outline is None or self._outline.reader.file is not file:
            if self._outline is not None:
                self._outline.cancel()
            self._outline = self._begin(file) if file is not None else None
            self._take_up()
        if self.needle is not None and (self._filter is None or self._filter.reader.file is not file):
            self.sift(self.needle, inverted=self.inverted, context=self.context)

    def _begin(self, file: LogFile) -> Reading[Outline]:
        found = Outline(file)
        for _ in range(AT_ONCE):
            if not found.advance():
                break
        return Reading("log-outline", found, self._view.report)

    def resume(self) -> None:
        """The file grew."""
        for reading in (self._outline, self._filter):
            if reading is not None:
                reading.resume()

    def go_on(self) -> None:
        """Something was found."""
        self._take_up()

    def end(self) -> None:
        """Another log, or none, is going to be shown."""
        for reading in (self._outline, self._filter):
            if reading is not None:
                reading.cancel()
        self._outline = self._filter = None
        self._untouched = True
