"""Text for people, written line by line: headings, labelled values, lists. Never parses markup.

A line that is too long goes on below its own text, not at the left edge.
"""

from __future__ import annotations

from textual.content import Content

LABEL = 14


class Prose:
    """Collects styled lines; `content` lays them out for a width."""

    def __init__(self) -> None:
        self._lines: list[tuple[Content, int]] = []

    def head(self, text: str, aside: str = "") -> Prose:
        """A heading, with space above it unless it is the first line."""
        if self._lines:
            self._lines.append((Content(""), 0))
        parts: list[tuple[str, str]] = [(text, "bold $primary")]
        if aside:
            parts.append((f"  {aside}", "$muted"))
        return self._add(*parts)

    def line(self, text: str, style: str = "", indent: int = 2) -> Prose:
        """One line, or several where the text has several."""
        for part in text.splitlines() or [""]:
            self._add((" " * indent, ""), (part, style), hang=indent)
        return self

    def row(self, label: str, value: str, style: str = "", aside: str = "") -> Prose:
        """A label and its value; further lines of the value stand below it."""
        first, *rest = value.splitlines() or [""]
        parts = [("  ", ""), (label.ljust(LABEL), "$muted"), (" ", ""), (first, style)]
        if aside:
            parts.append((f"  {aside}", "$muted"))
        self._add(*parts, hang=LABEL + 3)
        for further in rest:
            self._add((" " * (LABEL + 3), ""), (further, style), hang=LABEL + 3)
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
        line = Content.assemble(*((text, style) if style else text for text, style in parts if text))
        self._lines.append((line, hang))
        return self

    @property
    def plain(self) -> str:
        """The text alone."""
        return self.content().plain

    def content(self, width: int = 0) -> Content:
        """Everything written so far, in lines of at most `width` cells (0: as long as they are)."""
        lines: list[Content] = []
        for line, hang in self._lines:
            lines += _hanging(line, width, hang) if 0 < width < line.cell_length else [line]
        return Content("\n").join(lines)


def _hanging(line: Content, width: int, hang: int) -> list[Content]:
    """The line in pieces, all but the first moved in by `hang`."""
    if width < hang + 12:
        return line.wrap(width)
    head, body = line[:hang], line[hang:]
    first, *rest = body.wrap(width - hang)
    return [Content.assemble(head, first), *(piece.pad_left(hang) for piece in rest)]
