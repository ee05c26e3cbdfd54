"""Logs side by side that scroll as one: to the same moment, or where none is known to the same line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tui.log.file import LogFile
from tui.log.moments import Moments
from tui.widgets._log_view import LogView

By = Literal["time", "line"]


class Together:
    """Keeps views with the one that somebody moves."""

    def __init__(self, views: Sequence[LogView]) -> None:
        self._views = views
        self._moments: dict[LogFile, Moments] = {}

    @property
    def by(self) -> By:
        """By time where all logs have times and some moment is in all of them, else by line."""
        spans = [moments.span() for view in self._views if (moments := self._of(view)) is not None]
        known = [span for span in spans if span is not None]
        both = len(known) == len(self._views) and max(first for first, _ in known) <= min(last for _, last in known)
        return "time" if both else "line"

    def lead(self, leader: LogView) -> None:
        """The others go to where this one is."""
        lens = leader.lens
        if lens is None or leader.document is None or leader.document.partial or not leader.line_count:
            return
        others = [view for view in self._views if view is not leader]
        if leader.follow:
            for view in others:
                with view.led():
                    view.follow = True
            return
        line, by = lens.line(leader.cursor_row), self.by
        moment = self._moment(leader, line) if by == "time" else None
        down = leader.cursor_row - leader.scroll_offset.y
        for view in others:
            with view.led():
                self._bring(view, line if by == "line" else self._line_at(view, moment), down)

    def _bring(self, view: LogView, line: int | None, down: int) -> None:
        """A line comes so many rows below the top."""
        lens, document = view.lens, view.document
        if line is None or lens is None or document is None or document.partial or not view.line_count:
            return
        view.follow = False
        row = lens.row(min(line, max(0, document.line_count - 1)))
        view.scroll_to(y=max(0, row - down), animate=False, force=True)

    def _moment(self, view: LogView, line: int) -> float | None:
        moments, index = self._of(view), view.document.index if view.document else None
        return moments.at(index.start_of(line)) if moments is not None and index is not None else None

    def _line_at(self, view: LogView, moment: float | None) -> int | None:
        moments = self._of(view)
        found = moments.find(moment) if moments is not None and moment is not None else None
        return view.document.line_of(found) if found is not None and view.document is not None else None

    def _of(self, view: LogView) -> Moments | None:
        file = view.document.file if view.document else None
        if file is None:
            return None
        if file not in self._moments:
            self._moments[file] = Moments(file)
        return self._moments[file]
