"""Sets of characters for the screen: unicode, ascii for terminals that have nothing else, nerd for patched fonts.

The screens are drawn in unicode; a set says what stands for a character there. It is applied to finished lines, so
that every screen, border and scrollbar follows it. Every character stays one cell wide.
"""

from __future__ import annotations

import locale
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.graph.marks import SPINNER, Mark

_ASCII_MARKS = {
    Mark.PENDING: "o",
    Mark.QUEUED: ".",
    Mark.CANCELLING: "~",
    Mark.WAITING: "?",
    Mark.PAUSED: "H",
    Mark.SUCCEEDED: "+",
    Mark.REUSED: "=",
    Mark.FAILED: "X",
    Mark.STUBBED: "%",
    Mark.SKIPPED: "0",
    Mark.STOPPED: "#",
    Mark.ABANDONED: "!",
    Mark.SUPERSEDED: ">",
}
_NERD_MARKS = {
    Mark.PENDING: "\uf10c",
    Mark.QUEUED: "\uf017",
    Mark.WAITING: "\uf256",
    Mark.PAUSED: "\uf04c",
    Mark.SUCCEEDED: "\uf058",
    Mark.REUSED: "\uf1da",
    Mark.FAILED: "\uf057",
    Mark.SKIPPED: "\uf05e",
    Mark.STOPPED: "\uf28d",
    Mark.ABANDONED: "\uf127",
    Mark.SUPERSEDED: "\uf101",
}
_PLAIN = {  # what stands for all of these
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼",
    "-": "─╌╶╴–—",
    "|": "│┃▌▐▎▊▕▏‖┆┊",
    "=": "━╸╺",
    ">": "▶▸›→⇥",
    "<": "◂‹←⇤",
    "v": "▾↓",
    "^": "↑⇧",
    "x": "╳×",
    "~": "≈╍",
    "!": "≠",
    ".": "…·░",
    "*": "●",
    "_": "▁▂▃▔┄",
    "#": "▄▅▆▇█▓",
    ":": "▒",
}
SETS: dict[str, dict[int, str]] = {
    "unicode": {},
    "ascii": {
        **{ord(fine): plain for plain, several in _PLAIN.items() for fine in several},
        **{ord(mark.glyph()): glyph for mark, glyph in _ASCII_MARKS.items()},
        **dict(zip(map(ord, SPINNER), "|/-\\", strict=True)),
    },
    "nerd": {ord(mark.glyph()): glyph for mark, glyph in _NERD_MARKS.items()},
}


class GlyphFilter(LineFilter):
    """Writes finished lines with the characters of a set."""

    def __init__(self, table: Mapping[int, str]) -> None:
        super().__init__(enabled=bool(table))
        self._table = dict(table)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in other characters."""
        return [Segment(text.translate(self._table), style, control) for text, style, control in segments]


def table(wanted: object) -> dict[int, str]:
    """The table of a theme's ``glyphs``: the name of a set, or a table of marks (``failed = "!"``).

    Raises `ValueError` with what is wrong with it.
    """
    if isinstance(wanted, str):
        if wanted not in SETS:
            raise ValueError(f"there are no glyphs {wanted!r} (there are {', '.join(SETS)})")
        return SETS[wanted]
    if not isinstance(wanted, dict):
        raise ValueError(f"`glyphs` must be one of {', '.join(SETS)}, or a table of marks")
    base = table(wanted.get("base", "unicode"))
    own: dict[int, str] = {}
    for name, glyph in wanted.items():
        if name == "base":
            continue
        if name not in set(Mark):
            raise ValueError(f"unknown mark {name!r} in [glyphs] (there are {', '.join(Mark)})")
        if not isinstance(glyph, str) or cell_len(glyph) != 1 or not glyph.isprintable():
            raise ValueError(f"glyph {name} = {glyph!r} must be one character, one cell wide")
        own |= dict.fromkeys(map(ord, SPINNER), glyph) if name == Mark.RUNNING else {ord(Mark(name).glyph()): glyph}
    return {**base, **own}


def suited(wanted: str) -> str:
    """The set that a person wants, else ascii where the terminal has nothing else, else none in particular."""
    if wanted or "utf" in locale.getpreferredencoding(do_setlocale=False).lower():
        return wanted
    return "ascii"
