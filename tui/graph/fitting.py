"""Leaving out what matters least, until the rest fits on a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len


class Item(NamedTuple):
    """A piece of a line. The one with the highest `rank` goes first when room runs out; 0 always stays."""

    text: str
    style: str = ""
    rank: int = 0
    action: str = ""


def squeeze(items: Sequence[Item], width: int, gap: int = 0) -> list[Item]:
    """The items that fit into `width` cells with `gap` between them, in their order."""
    kept = [item for item in items if item.text]
    while kept and sum(cell_len(item.text) for item in kept) + gap * (len(kept) - 1) > width:
        # Of equals the rightmost goes, for what matters most stands left.
        index = max(range(len(kept)), key=lambda i: (kept[i].rank, i))
        if kept[index].rank == 0:
            break
        del kept[index]
    return kept
