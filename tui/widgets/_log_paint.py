"""From a line to a strip: which style each character of a log gets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.filter import LineFilter
from textual.strip import Strip

from tui.log.ansi import PLAIN, Colour, Pen
from tui.log.line import Kind, Line
from tui.log.links import Link

if TYPE_CHECKING:
    from textual.widget import Widget

Highlight = tuple[int, int, Style]
"""A style over the characters from one position to another."""


@lru_cache(maxsize=4096)
def pen_style(pen: Pen) -> Style:
    """Rich's style for a pen. Palette colours stay palette colours: Textual maps them to the theme's."""
    return Style(
        color=_colour(pen.foreground),
        bgcolor=_colour(pen.background),
        bold=pen.bold or None,
        dim=pen.dim or None,
        italic=pen.italic or None,
        underline=pen.underline or None,
        reverse=pen.reverse or None,
        strike=pen.strike or None,
    )


def _colour(colour: Colour) -> Color | None:
    if colour is None:
        return None
    return Color.from_ansi(colour) if isinstance(colour, int) else Color.from_rgb(*colour)


def placed(strip: Strip, start: int, line: int, width: int, fill: Style) -> Strip:
    """A strip filled up to `width` that knows where in the log it is, for selection with the mouse.

    One strip instead of the two that `extend_cell_length` and `apply_offsets` make. Still each row gets styles that
    no other has, so whoever only paints takes `Finish` instead.
    """
    segments = []
    for text, style, _ in strip:
        where = Style.from_meta({"offset": (start, line)})
        segments.append(Segment(text, style + where if style else where))
        start += len(text)
    room = width - strip.cell_length
    if room > 0:
        segments.append(Segment(" " * room, fill))
    return Strip(segments, max(width, strip.cell_length))


class Finish:
    """The last steps of a row on its way to the screen: filled up to its width, in colours the terminal has."""

    def __init__(self, filters: Sequence[LineFilter], background: Ground, fill: Style) -> None:
        self.key = (*filters, background, fill)
        self._filters = filters
        self._background = background
        self._fill = fill

    def __call__(self, strip: Strip, width: int) -> Strip:
        """The row."""
        segments = list(strip)
        room = width - strip.cell_length
        if room > 0:
            segments.append(Segment(" " * room, self._fill))
        for line_filter in self._filters:
            segments = line_filter.apply(segments, self._background)
        return Strip(segments, max(width, strip.cell_length))


class Painter:
    """The styles of a log at this moment. Made anew when the theme or the widget's own styles change."""

    COMPONENTS = frozenset(
        f"log--{name}"
        for name in (
            "error",
            "warning",
            "command",
            "prefix",
            "match",
            "match-current",
            "current",
            "mark",
            "chip",
            "link",
        )
    )

    def __init__(self, widget: Widget) -> None:
        # Full styles: $text-muted and other automatic colours need the background to be computed against.
        style = {name: widget.get_component_rich_style(name) for name in self.COMPONENTS}
        self.base = widget.rich_style
        self.prefix = style["log--prefix"]
        self.match = style["log--match"]
        self.match_current = style["log--match-current"]
        self.mark = style["log--mark"]
        self.chip = style["log--chip"]
        self._link = Style(underline=style["log--link"].underline or True)
        self.selection = widget.screen.get_component_rich_style("screen--selection")
        self._current = Style(bgcolor=style["log--current"].bgcolor)
        self._kinds = {
            Kind.PLAIN: self.base,
            Kind.COMMAND: style["log--command"],
            Kind.WARNING: style["log--warning"],
            Kind.ERROR: style["log--error"],
        }

    def strip(self, line: Line, highlights: Sequence[Highlight] = (), *, current: bool = False) -> Strip:
        """The whole line, uncut. `highlights` later in the sequence win."""
        base = self._kinds[line.kind]
        if current:
            base += self._current
        if not (highlights or line.prefix) and len(line.runs) == 1 and line.runs[0].pen is PLAIN:
            segments = [Segment(line.text, base)]
        else:
            segments = self._segments(line, base, highlights)
        if line.mark:
            segments.append(Segment(line.mark, self.mark))
        return Strip(segments)

    def link(self, link: Link) -> Style:
        """A link as the terminal knows it, too: an address as the log has it, a file of ours as where it is here."""
        target = link.url or (link.file.as_uri() if link.file is not None and link.file.is_absolute() else "")
        return self._link + Style(link=target) if target.isascii() and target.isprintable() else self._link

    def strip_of_chip(self, text: str) -> Strip:
        """The note over the last row."""
        return Strip([Segment(text, self.chip)], len(text))

    def _segments(self, line: Line, base: Style, highlights: Sequence[Highlight]) -> list[Segment]:
        # One style per character: lines are capped at a few thousand, and overlaps need no thought this way.
        styles: list[Style] = []
        for text, pen in line.runs:
            styles += [base if pen is PLAIN else base + pen_style(pen)] * len(text)
        # What the log has coloured itself stays so: the letters of merged logs.
        styles[: line.prefix] = [self.prefix if style is base else style for style in styles[: line.prefix]]
        for start, end, style in highlights:
            end = len(styles) if end < 0 else min(end, len(styles))
            styles[start:end] = [below + style for below in styles[start:end]]
        grouped = groupby(zip(line.text, styles, strict=True), key=itemgetter(1))
        return [Segment("".join(character for character, _ in group), style) for style, group in grouped]
