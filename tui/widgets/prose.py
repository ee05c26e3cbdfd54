"""Text for people, written line by line: headings, labelled values, lists. Never parses markup.

A line that is too long goes on below its own text, not at the left edge.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

LABEL = 14
WIDEST = 24  # of a label that still moves the values of its block


class _Line(NamedTuple):
    """One line as written. A row has a label (empty below its first line), and shares a column with its `block`."""

    content: Content
    hang: int
    label: str | None = None
    block: int = 0


class Prose:
    """Collects styled lines; `content` lays them out for a width."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._block = 0

    def head(self, text: str, aside: str = "") -> Prose:
        """A heading, with space above it unless it is the first line."""
        self._block += 1
        if self._lines:
            self._lines.append(_Line(Content(""), 0))
        parts: list[tuple[str, str]] = [(text, "bold $primary")]
        if aside:
            parts.append((f"  {aside}", "$muted"))
        return self._add(*parts)

    def line(self, text: str, style: str = "", indent: int = 2) -> Prose:
        """One line, or several where the text has several."""
        for part in text.splitlines() or [""]:
            inner = len(part) - len(part.lstrip(" "))
            self._add((" " * indent, ""), (part, style), hang=indent + inner)
        return self

    def row(self, label: str, value: str, style: str = "", aside: str = "") -> Prose:
        """A label and its value; further lines of the value stand below it."""
        first, *rest = value.splitlines() or [""]
        self._lines.append(_Line(_styled((first, style), (aside and f"  {aside}", "$muted")), 0, label, self._block))
        self._lines += [_Line(_styled((further, style)), 0, "", self._block) for further in rest]
        return self

    def marked(self, glyph: str, mark: str, text: str, aside: str = "") -> Prose:
        """A line that begins with a state's glyph."""
        return self._add(("  ", ""), (glyph, f"$status-{mark}"), (f" {text}", ""), (f"  {aside}", "$muted"), hang=4)

    def spans(self, *parts: tuple[str, str], hang: int = 2) -> Prose:
        """A line of (text, style) parts."""
        return self._add(*parts, hang=hang)

    def quiet(self, text: str) -> Prose:
        """A line that only says that there is nothing."""
        return self.line(text, "$muted")

    def _add(self, *parts: tuple[str, str], hang: int = 2) -> Prose:
        self._lines.append(_Line(_styled(*parts), hang))
        return self

    @property
    def plain(self) -> str:
        """The text alone."""
        return self.content().plain

    def content(self, width: int = 0) -> Content:
        """Everything written so far, in lines of at most `width` cells (0: as long as they are)."""
        columns: dict[int, int] = {}
        for line in self._lines:
            if line.label is not None:
                columns[line.block] = max(columns.get(line.block, LABEL), min(cell_len(line.label), WIDEST))
        lines: list[Content] = []
        for line in self._lines:
            laid, hang = _laid_out(line, columns.get(line.block, 0))
            lines += _hanging(laid, width, hang) if 0 < width < laid.cell_length else [laid]
        return Content("\n").join(lines)


def _styled(*parts: tuple[str, str]) -> Content:
    return Content.assemble(*((text, style) if style else text for text, style in parts if text))


def _laid_out(line: _Line, column: int) -> tuple[Content, int]:
    """A line with its label before it, and how far its continuation moves in."""
    if line.label is None:
        return line.content, line.hang
    label = line.label + " " * max(0, column - cell_len(line.label))
    return Content.assemble("  ", (label, "$muted"), " ", line.content), column + 3


def _hanging(line: Content, width: int, hang: int) -> list[Content]:
    """The line in pieces, all but the first moved in by `hang`."""
    if width < hang + 12:
        return line.wrap(width)
    head, body = line[:hang], line[hang:]
    first, *rest = body.wrap(width - hang)
    return [Content.assemble(head, first), *(piece.pad_left(hang) for piece in rest)]
