"""A grid laid out on disk, with the description of every tool beside it."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dialects import doit, greenroom, javascript, make, shell
from benchmarks.grid import Cell, Grid

LEFT_BEHIND = ("out.txt", "node_modules", ".turbo", ".wireit", ".doit.db*", ".greenroom")


@dataclass(frozen=True, slots=True)
class Workload:
    """One grid on disk. `log` is where each action leaves its name."""

    grid: Grid
    directory: Path
    log: Path

    def change(self, text: str) -> None:
        """Save the file that the first action of the first column reads."""
        (self.directory / Cell(0, 0).main).write_text(f"{text}\n")

    def change_bystander(self, text: str) -> bool:
        """Save a file that this action is given and does not read. False where there is none."""
        if self.grid.share < 2:
            return False
        (self.directory / Cell(0, 0).filler(0)).write_text(f"{text}\n")
        return True

    def forget(self, patterns: tuple[str, ...]) -> None:
        """Remove what a tool remembers, and every output: the next run starts from nothing."""
        for pattern in (*patterns, "p/*/out.txt"):
            for found in self.directory.glob(pattern):
                shutil.rmtree(found) if found.is_dir() else found.unlink()


def lay_out(grid: Grid, directory: Path, log: Path) -> Workload:
    """Write the source files and every tool's description of the work, and commit them."""
    descriptions = (describe(grid, log) for describe in (shell, make, doit, javascript, greenroom))
    for name, text in _sources(grid):
        _write(directory / name, text)
    for description in descriptions:
        for name, text in description.items():
            _write(directory / name, text)
    _write(directory / ".gitignore", "\n".join(LEFT_BEHIND) + "\n")
    _commit(directory)
    return Workload(grid, directory, log)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _sources(grid: Grid) -> Iterator[tuple[str, str]]:
    chance = random.Random(7)
    for column in range(grid.columns):
        cell = Cell(0, column)
        yield cell.main, f"main {column}\n"
        for number in range(grid.share - 1):
            yield cell.filler(number), f"{column} {number} " + "x" * chance.randint(20, 600) + "\n"


def _commit(directory: Path) -> None:
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "grid")):
        subprocess.run(["git", "-C", str(directory), *who, *command], check=True, stdout=subprocess.DEVNULL)
