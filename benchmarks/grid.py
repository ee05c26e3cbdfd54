"""The work that is measured: a grid of actions, stages by columns.

In each column the first action is given a share of the source files and reads one of them (`main.txt`); every later
one reads what the one before it wrote. An action appends its name to a run log and writes one small file, so that
what is measured is the tool and not the work. The run log tells how many actions really ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One action of the grid."""

    stage: int
    column: int

    @property
    def name(self) -> str:
        """Its name in every tool."""
        return f"s{self.stage}a{self.column}"

    @property
    def folder(self) -> str:
        """Its folder, relative to the workload."""
        return f"p/{self.name}"

    @property
    def before(self) -> Cell:
        """The action whose output it reads."""
        return Cell(self.stage - 1, self.column)

    @property
    def main(self) -> str:
        """The source file that it reads, where it is the first of its column."""
        return f"{self.folder}/src/main.txt"

    def filler(self, number: int) -> str:
        """One of the source files that it is given and does not read."""
        return f"{self.folder}/src/k{number // 100:03}/f{number % 100:02}.txt"


@dataclass(frozen=True, slots=True)
class Grid:
    """So many stages of so many parallel actions over so many source files."""

    stages: int
    columns: int
    files: int

    def __str__(self) -> str:
        return f"{self.stages}x{self.columns} actions, {self.files:,} files"

    @property
    def actions(self) -> int:
        """How many actions a run from nothing takes."""
        return self.stages * self.columns

    @property
    def share(self) -> int:
        """How many source files each column is given."""
        return max(1, self.files // self.columns)

    @property
    def last(self) -> list[Cell]:
        """The last action of every column."""
        return [Cell(self.stages - 1, column) for column in range(self.columns)]

    def cells(self) -> Iterator[Cell]:
        """Every action, stage by stage."""
        for stage in range(self.stages):
            for column in range(self.columns):
                yield Cell(stage, column)
