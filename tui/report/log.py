"""A log as HTML: its colours kept, everything else that a terminal would obey left out."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tui.log.ansi import PLAIN, Colour, Pen, runs

MOST_BYTES = 400_000  # of a log that a page holds: its end, which says how it ended
LONGEST_LINE = 4_000

_BASIC = (
    "#3b4252", "#c0392b", "#1e8e5a", "#9a6b00", "#2d6cdf", "#8e44ad", "#0e7c86", "#8a8f98",
    "#6b7280", "#e05a47", "#2fb67c", "#d09a1f", "#5b93f5", "#b06fd0", "#2aa5b0", "#d5d9e0",
)  # fmt: skip
_LEVELS = (0, 95, 135, 175, 215, 255)


def log_as_html(file: Path) -> str:
    """The end of a log file, at most `MOST_BYTES` of it, with a line that says what was left out."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(0, size - MOST_BYTES))
        text = stream.read().decode("utf-8", "replace")
    lines = text.split("\n")
    if size > MOST_BYTES:
        lines[0] = f"… {size - MOST_BYTES:,} bytes before this are left out"
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    cut = line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …"
    return "".join(_span(run.text, run.pen) for run in runs(cut))


def _span(text: str, pen: Pen) -> str:
    if pen == PLAIN:
        return escape(text)
    front, back = (pen.background, pen.foreground) if pen.reverse else (pen.foreground, pen.background)
    styles = [
        f"color:{_hex(front)}" if front is not None else "",
        f"background:{_hex(back)}" if back is not None else "",
    ]
    styles += ["font-weight:bold" if pen.bold else "", "opacity:.7" if pen.dim else ""]
    styles += ["font-style:italic" if pen.italic else "", "text-decoration:underline" if pen.underline else ""]
    return f'<span style="{";".join(style for style in styles if style)}">{escape(text)}</span>'


def _hex(colour: Colour) -> str:
    if isinstance(colour, tuple):
        return "#{:02x}{:02x}{:02x}".format(*colour)
    number = colour or 0
    if number < 16:
        return _BASIC[number]
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    red, rest = divmod(number - 16, 36)
    return f"#{_LEVELS[red]:02x}{_LEVELS[rest // 6]:02x}{_LEVELS[rest % 6]:02x}"
