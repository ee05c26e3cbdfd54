"""What a watch reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that belong together.

    `paths` were made, changed or removed; a directory among them stands for everything in it. With `rescan`
    more may have changed than is known, so everything has to be looked at. `reason` is for people.
    """

    paths: frozenset[Path]
    rescan: bool
    reason: str

    def __or__(self, later: Batch) -> Batch:
        """Both as one, for a reader that did not keep up."""
        reason = self.reason if self.rescan and not later.rescan else later.reason
        return Batch(self.paths | later.paths, self.rescan or later.rescan, reason)
