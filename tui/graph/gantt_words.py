"""What a timeline says, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tui.graph.durations import duration
from tui.graph.gantt import CRITICAL
from tui.graph.marks import Mark
from tui.graph.parallel import NOTABLE
from tui.graph.timeline import Bar, StageSpan, Timeline

MOST = 3
"""Actions that could start sooner that are named: those that waited longest."""
Span = tuple[str, str]
"""Text and its style."""


def told(found: Timeline) -> list[list[Span]]:
    """Where the time went, the critical path, and what could have been parallel."""
    if not found.bars:
        return [[("nothing has begun yet", "$muted")]]
    lines: list[list[Span]] = [[("in all  ", "bold"), (_shares(found), "")]]
    if path := found.critical:
        spent = sum(bar.length for bar in path)
        names = " → ".join(f"{bar.node.stage}/{bar.node.text}" for bar in path)
        share = f", {spent / found.length:.0%} of {duration(found.length)}"
        lines.append([(f"{CRITICAL * 2} critical path  ", "bold"), (f"{names} ({duration(spent)}{share})", "")])
    if found.parallel.saved:
        text = f"a lower runOrder would have saved {duration(found.parallel.saved)} of {duration(found.length)}"
        lines.append([("in parallel  ", "bold"), (text, "")])
    early = sorted(found.parallel.early, key=lambda item: -item[1])
    for number, ((stage, action), waited) in enumerate(early[:MOST]):
        text = f"could start {duration(waited)} sooner: all that it reads was there by then"
        more = f" (and {len(early) - MOST} more)" if number == MOST - 1 and len(early) > MOST else ""
        lines.append([(f"{stage}/{action} ", "bold"), (text + more, "$muted")])
    return lines


def _shares(found: Timeline) -> str:
    parts = [duration(found.length)]
    if found.people >= NOTABLE:
        parts.append(f"{duration(found.people)} for people")
    if found.in_front >= NOTABLE:
        parts.append(f"{duration(found.in_front)} in front of stages")
    if found.horizon > found.length and any(bar.ahead for bar in found.bars):
        parts.append(f"foreseen until {duration(found.horizon, coarse=True)}")
    if found.people >= NOTABLE or found.in_front >= NOTABLE:
        parts.append(f"{duration(max(0.0, found.length - found.people - found.in_front))} at work")
    expected = [bar.over for bar in found.critical if bar.over is not None]
    if expected and abs(sum(expected)) >= NOTABLE:
        much = "more" if sum(expected) > 0 else "less"
        parts.append(f"{duration(abs(sum(expected)))} {much} than usual on the critical path")
    return f"{parts[0]}: {', '.join(parts[1:])}" if len(parts) > 1 else parts[0]


def about(row: Bar | StageSpan) -> list[Span]:
    """One row in a sentence."""
    if isinstance(row, StageSpan):
        waited = f", after {duration(row.waited)} in front of it" if row.waited >= NOTABLE else ""
        return [(f"{row.name} ", "bold"), (f"from {duration(row.entered)} to {duration(row.ended)}{waited}", "")]
    return [(f"{row.node.stage}/{row.node.text} ", "bold"), ("; ".join(_pieces(row)), "")]


def _pieces(bar: Bar) -> Iterator[str]:
    if bar.node.mark is Mark.REUSED:
        yield f"the result of {bar.node.note} at {duration(bar.start)}"
        return
    if bar.ahead:
        yield f"usually takes {duration(bar.node.usual)}; foreseen from {duration(bar.start)} to {duration(bar.end)}"
        return
    verb = "waited for a person" if bar.people else "runs" if bar.node.mark.moves else "ran"
    yield f"{verb} {duration(bar.length)} from {duration(bar.start)} to {duration(bar.end)}"
    if bar.queued >= NOTABLE / 5:
        yield f"waited its turn for {duration(bar.queued)}"
    over = bar.over
    if over is not None:
        difference = f", {duration(abs(over))} {'less' if over > 0 else 'more'} than this time"
        yield f"usually {duration(bar.node.usual)}{difference if abs(over) >= 0.05 else ''}"
    elif bar.node.usual:
        yield f"usually {duration(bar.node.usual)}"
    if bar.critical:
        yield "on the critical path"
    elif bar.slack >= NOTABLE:
        yield f"could have taken {duration(bar.slack)} longer at no cost"
