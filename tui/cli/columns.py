"""Plain tables for results: aligned columns, nothing drawn around them, easy to cut and grep."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from tui.cli.terminal import Terminal, Tone

Cell = str | tuple[str, Tone | None]


def width(text: str) -> int:
    """How many terminal cells the text takes."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def clipped(text: str, most: int) -> str:
    """At most that many characters, the end replaced by an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def table(terminal: Terminal, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """The rows under their header, each column as wide as its widest cell; the last one is never padded."""
    plain = [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows]
    widths = [max(width(line[i]) for line in [list(header), *plain]) for i in range(len(header))]
    lines = [_line(terminal, [(title, "dim") for title in header], widths)]
    lines += [_line(terminal, row, widths) for row in rows]
    return "\n".join(lines)


def _line(terminal: Terminal, row: Sequence[Cell], widths: Sequence[int]) -> str:
    shown = []
    for cell, wide in zip(row, widths, strict=True):
        text, tone = (cell, None) if isinstance(cell, str) else cell
        shown.append(terminal.paint(text, tone, result=True) + " " * (wide - width(text)))
    return "  ".join(shown).rstrip()
