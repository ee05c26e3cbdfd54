"""What stands in front of lines, or for several: marks of phases and commands, folds, times."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.graph.durations import duration
from tui.log.ansi import PLAIN, Pen, Run
from tui.log.line import Kind, Line
from tui.log.merge import colour
from tui.log.outline import Entry

OPEN = "▾ "
FOLDED = "▸ "


def opened(line: Line) -> Line:
    """The line itself, marked as one that can be folded."""
    return led(line, OPEN)


def timed(line: Line, at: float | None) -> Line:
    """The line with the time at which it came, UTC as in CodeBuild's own lines; room for it where that is unknown."""
    time = "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:10]
    return led(line, f"{time:10} ")


def led(line: Line, text: str) -> Line:
    """The line with something of ours in front."""
    links = tuple(link._replace(start=link.start + len(text), end=link.end + len(text)) for link in line.links)
    return line._replace(
        text=text + line.text,
        runs=(Run(text, PLAIN), *line.runs),
        prefix=line.prefix + len(text),
        lead=line.lead + len(text),
        links=links,
    )


def folded(entry: Entry, lines: int) -> Line:
    """``▸ npm test  12s  ✘ FAILED  4,031 lines``: what it was, what became of it, and how much there is to see.

    `lines` are those in it, the first one not counted.
    """
    lead = [Run(FOLDED, PLAIN), *([Run(f"{entry.log}│", Pen(colour(entry.log))), Run(" ", PLAIN)] if entry.log else [])]
    runs = (*lead, Run(("" if entry.command or entry.whole else "Phase ") + entry.text, PLAIN))
    aside = "" if entry.seconds is None else f"  {duration(entry.seconds)}"
    aside += f"  ✘ {entry.state}" if entry.failed else "  ✔" if entry.end is not None or entry.state else ""
    if lines:
        aside += f"  {lines:,} line{'s' * (lines != 1)}"
    kind = Kind.ERROR if entry.failed else Kind.COMMAND
    return Line("".join(run.text for run in runs), runs, kind, mark=aside, lead=len(FOLDED))
