"""Stock lists: read them, ask them."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Item:
    """So many pieces of one thing."""

    name: str
    pieces: int


def read(file: Path) -> list[Item]:
    """The items of a CSV file with the columns `name` and `pieces`."""
    with file.open(newline="") as lines:
        return [Item(row["name"], int(row["pieces"])) for row in csv.DictReader(lines)]


def short(items: Iterable[Item], below: int) -> list[Item]:
    """The items with fewer than `below` pieces, scarcest first."""
    return sorted((item for item in items if item.pieces < below), key=lambda item: (item.pieces, item.name))
