"""How the first line of a phase or a command is shown: open, or with all of it folded in."""

from __future__ import annotations

from tui.graph.durations import duration
from tui.log.ansi import PLAIN, Run
from tui.log.line import Kind, Line
from tui.log.outline import Entry

OPEN = "▾ "
FOLDED = "▸ "


def opened(line: Line) -> Line:
    """The line itself, marked as one that can be folded."""
    return line._replace(
        text=OPEN + line.text,
        runs=(Run(OPEN, PLAIN), *line.runs),
        prefix=line.prefix + len(OPEN),
        lead=len(OPEN),
    )


def folded(entry: Entry, lines: int) -> Line:
    """``▸ npm test  12s  ✘ FAILED  4,031 lines``: what it was, what became of it, and how much there is to see.

    `lines` are those in it, the first one not counted.
    """
    text = FOLDED + ("" if entry.command else "Phase ") + entry.text
    aside = "" if entry.seconds is None else f"  {duration(entry.seconds)}"
    aside += f"  ✘ {entry.state}" if entry.failed else "" if entry.end is None else "  ✔"
    if lines:
        aside += f"  {lines:,} line{'s' * (lines != 1)}"
    kind = Kind.ERROR if entry.failed else Kind.COMMAND
    return Line(text, (Run(text, PLAIN),), kind, mark=aside, lead=len(FOLDED))
