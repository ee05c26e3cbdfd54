"""The table: a measure a row, greenroom beside what it is compared with, and whether the goal was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio should be at most."""

    at_most: float

    def verdict(self, ratio: float) -> str:
        """Met, or by how much not."""
        return "yes" if ratio <= self.at_most else f"NO: {ratio / self.at_most:.2g}x too much"

    def __str__(self) -> str:
        return f"<= {self.at_most:g}x"


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of what was measured side by side."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=False))


def duration(seconds: float) -> str:
    """Seconds with the unit that suits them."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.2f} s"


class Table:
    """Rows of text, printed as they come, so that a long run shows something."""

    def __init__(self, title: str, columns: Sequence[str]) -> None:
        self._columns = columns
        print(f"\n### {title}\n")
        self.row(*columns)
        self.row(*("---" for _ in columns))

    def row(self, *cells: str) -> None:
        """One row of as many cells as there are columns."""
        print("| " + " | ".join(cells) + " |", flush=True)
