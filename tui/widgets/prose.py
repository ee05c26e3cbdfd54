"""Text for people, written line by line: headings, labelled values, lists. Never parses markup."""

from __future__ import annotations

from textual.content import Content

LABEL = 14


class Prose:
    """Collects styled lines; `content` is what a Static shows."""

    def __init__(self) -> None:
        self._lines: list[Content] = []

    def head(self, text: str, aside: str = "") -> Prose:
        """A heading, with space above it unless it is the first line."""
        if self._lines:
            self._lines.append(Content(""))
        parts: list[tuple[str, str]] = [(text, "bold $primary")]
        if aside:
            parts.append((f"  {aside}", "$muted"))
        return self._add(*parts)

    def line(self, text: str, style: str = "", indent: int = 2) -> Prose:
        """One line, or several where the text has several."""
        for part in text.splitlines() or [""]:
            self._add((" " * indent, ""), (part, style))
        return self

    def row(self, label: str, value: str, style: str = "", aside: str = "") -> Prose:
        """A label and its value; further lines of the value stand below it."""
        first, *rest = value.splitlines() or [""]
        parts = [("  ", ""), (label.ljust(LABEL), "$muted"), (" ", ""), (first, style)]
        if aside:
            parts.append((f"  {aside}", "$muted"))
        self._add(*parts)
        for further in rest:
            self._add((" " * (LABEL + 3), ""), (further, style))
        return self

    def marked(self, glyph: str, mark: str, text: str, aside: str = "") -> Prose:
        """A line that begins with a state's glyph."""
        return self._add(("  ", ""), (glyph, f"$status-{mark}"), (f" {text}", ""), (f"  {aside}", "$muted"))

    def spans(self, *parts: tuple[str, str]) -> Prose:
        """A line of (text, style) parts."""
        return self._add(*parts)

    def quiet(self, text: str) -> Prose:
        """A line that only says that there is nothing."""
        return self.line(text, "$muted")

    def _add(self, *parts: tuple[str, str]) -> Prose:
        self._lines.append(Content.assemble(*((text, style) if style else text for text, style in parts if text)))
        return self

    def content(self) -> Content:
        """Everything written so far."""
        return Content("\n").join(self._lines)
