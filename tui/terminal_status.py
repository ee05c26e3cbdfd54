"""The window's title and its progress bar: what runs can be seen in a tab or a task bar while looking elsewhere."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tui.graph.marks import Mark
from tui.widgets.header import execution_mark

if TYPE_CHECKING:
    from tui.store import Store

_SAVE, _RESTORE = "\x1b[22;2t", "\x1b[23;2t"  # xterm's stack of titles
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# OSC 9;4 is ConEmu's; a terminal that does not know it may show it as a notification, so only these get it.
_PROGRESS_PROGRAMS = ("ghostty", "WezTerm", "vscode")
_PROGRESS_VARIABLES = ("WT_SESSION", "ConEmuPID")
_FAILED, _BUSY, _PAUSED, _NONE = 2, 1, 4, 0


class TerminalStatus:
    """Says what to write to the terminal where anything is new; the caller writes it."""

    def __init__(self) -> None:
        self._title = ""
        self._progress = ""
        self._has_progress = os.environ.get("TERM_PROGRAM") in _PROGRESS_PROGRAMS or any(
            name in os.environ for name in _PROGRESS_VARIABLES
        )

    def update(self, store: Store) -> str:
        """The sequences for what the store says now, empty where they were written already."""
        found = ""
        title = _title(store)
        if title != self._title:
            found += ("" if self._title else _SAVE) + f"\x1b]2;{title}\a"
            self._title = title
        progress = _progress(store) if self._has_progress else ""
        if progress != self._progress:
            found += progress
            self._progress = progress
        return found

    def end(self) -> str:
        """The sequences that put back what was there before."""
        return (_RESTORE if self._title else "") + (f"\x1b]9;4;{_NONE};0\a" if self._progress else "")


def _title(store: Store) -> str:
    state = store.state.latest if store.state else None
    if state is None:
        return _CONTROL.sub(" ", f"greenroom: {store.title}")
    mark = execution_mark(state, waits=bool(store.approvals()), paused=bool(store.paused()))
    glyph = "●" if mark is Mark.RUNNING else mark.glyph()
    return _CONTROL.sub(" ", f"{glyph} {store.title} #{state.number}")


def _progress(store: Store) -> str:
    """How much of the latest run is done, red where it failed, yellow where it waits for a person."""
    latest = store.state.latest if store.state else None
    if latest is None or not latest.active:
        failed = latest is not None and latest.status == "Failed"
        return f"\x1b]9;4;{_FAILED};100\a" if failed else f"\x1b]9;4;{_NONE};0\a"
    actions = store.picture().actions
    done = sum(action.mark in (Mark.SUCCEEDED, Mark.REUSED, Mark.STUBBED, Mark.SKIPPED) for action in actions)
    kind = _PAUSED if store.approvals() or store.paused() else _BUSY
    return f"\x1b]9;4;{kind};{100 * done // max(1, len(actions))}\a"
