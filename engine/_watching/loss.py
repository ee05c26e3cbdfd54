"""When the system may have dropped changes without a word.

The kernel keeps a queue of changes; when it is full it drops what follows and says so, but that word does not reach
us through watchfiles. So everything that makes a loss likely is taken for one: looking at all files again costs a
fraction of a second, a lost save costs trust. Pure: time is given in seconds of any one clock.
"""

from __future__ import annotations

from typing import Final

BURST: Final = 1_000
"""This many changed paths between two quiet moments are enough to suspect: the queue holds 16384 events, and one
new file makes about four."""

STALLED: Final = 0.5
"""So many seconds late means that the process did not run: stopped, asleep, or on a machine out of breath."""

PAUSE: Final = 0.15
"""Seconds without a change that end a burst."""

SETTLED: Final = 0.25
"""Seconds without a change after which it is worth looking at everything."""

APART: Final = 1.0
"""Seconds between two looks at everything, whatever happens: looking must not be what keeps the machine busy."""

RESTLESS: Final = 1.0
"""Seconds of changes without a pause that make a loss likely however few the paths."""

PATIENCE: Final = 2.0
"""Seconds until everything is looked at even though changes go on; doubled each time they still do."""


class LossDetector:
    """Told of every look at the queue, it says when everything has to be looked at again, and why."""

    def __init__(self, at: float, rescan_seconds: float) -> None:
        self._every = rescan_seconds
        self._scanned = at
        self._active = at - PAUSE
        self._began = at
        self._count = 0
        self._suspicion = ""
        self._suspected = at
        self._patience = min(PATIENCE, rescan_seconds)

    @property
    def suspicious(self) -> bool:
        """A loss is suspected and nothing has been done about it yet."""
        return bool(self._suspicion)

    def looked(self, at: float, changes: int, late: float = 0.0) -> None:
        """A look found so many changed paths; it came `late` seconds later than it should have."""
        if late >= STALLED:
            self.suspect(at, "greenroom could not look for a while")
        if not changes:
            return
        if at - self._active > PAUSE:
            self._began, self._count = at, 0
        self._active = at
        self._count += changes
        if self._count >= BURST:
            self.suspect(at, "very many files changed at once")
        elif at - self._began >= RESTLESS:
            self.suspect(at, "files change without a pause")

    def suspect(self, at: float, reason: str) -> None:
        """Something else says that changes were lost."""
        if not self._suspicion:
            self._suspicion, self._suspected = reason, at

    def due(self, at: float) -> str:
        """Why everything has to be looked at now; "" as long as it need not be."""
        if at < self.deadline:
            return ""
        return self._suspicion or "routine"

    @property
    def deadline(self) -> float:
        """When `due` has an answer next unless something happens first."""
        if self._suspicion:
            settled = min(self._active + SETTLED, self._suspected + self._patience)
            return max(settled, self._scanned + min(APART, self._every))
        return self._scanned + self._every

    def rescanned(self, at: float) -> None:
        """The request to look at everything went out."""
        settled = at - self._active >= SETTLED
        self._patience = min(PATIENCE if settled else self._patience * 2, self._every)
        self._scanned = at
        self._suspicion = ""
        self._count = 0
        self._began = at
