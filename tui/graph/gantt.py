"""A timeline as rows of cells: an axis, a row for each stage and action, and what they say in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from tui.graph.durations import duration
from tui.graph.marks import Mark
from tui.graph.model import Key
from tui.graph.parallel import NOTABLE
from tui.graph.plan import Cell, clip, clip_name
from tui.graph.timeline import Bar, StageSpan, Timeline

LEAST_BAR = 10
FIGURE = 8
DIFFERENCE = 9  # cells that tell a difference from what is usual
WIDE = 76  # columns from which there is room for that
CRITICAL, OTHER, IDLE, TURN, PEOPLE, USUAL, AHEAD = "━", "─", "┄", "·", "╍", "┊", "╌"
SIGNS: tuple[tuple[str, str], ...] = (
    (CRITICAL, "critical"),
    (OTHER, "beside it"),
    (IDLE, "could have taken as long"),
    (TURN, "waited its turn"),
    (PEOPLE, "a person"),
    (USUAL, "usual end"),
    (AHEAD, "still to come, as usual"),
)
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400,
          43_200, 86_400)  # fmt: skip
Row = Bar | StageSpan


class Window(NamedTuple):
    """The part of the axis that is seen, in seconds."""

    start: float
    length: float

    def zoomed(self, factor: float, around: float, whole: float) -> Window:
        """Nearer (factor below 1) or further away, so that a moment keeps its place as far as that can be."""
        length = min(whole, max(whole / 4096, self.length * factor))
        share = (around - self.start) / self.length
        return Window(self.start, length).moved(around - share * length - self.start, whole)

    def moved(self, seconds: float, whole: float) -> Window:
        """Earlier or later."""
        return self._replace(start=max(0.0, min(whole - self.length, self.start + seconds)))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things are on every row: names up to `label`, bars `room` cells wide, figures `figure`."""

    label: int
    room: int
    figure: int

    @property
    def width(self) -> int:
        """All of it."""
        return self.label + self.room + self.figure


def columns_of(found: Timeline, width: int) -> Columns:
    """The columns of a timeline on a screen so wide."""
    names = max([8, *(cell_len(bar.node.text) + 4 for bar in found.bars)]) + 2
    label = max(8, min(names, width // 3))
    figure = FIGURE + (DIFFERENCE if width >= WIDE else 0)
    return Columns(label, max(LEAST_BAR, width - label - figure), figure)


def rows_of(found: Timeline) -> list[Row]:
    """Each stage, then its actions."""
    rows: list[Row] = []
    spans = {span.name: span for span in found.stages}
    seen = ""
    for bar in found.bars:
        if bar.node.stage != seen:
            seen = bar.node.stage
            rows.append(spans.get(seen) or StageSpan(seen, bar.start, bar.start, bar.end))
        rows.append(bar)
    return rows


def axis(window: Window, columns: Columns) -> list[Cell]:
    """Times above the bars."""
    length, room = window.length, columns.room
    step = next((step for step in _STEPS if length / step <= max(2, room // 10)), length)
    cells = [" "] * (room + columns.figure)
    number = int(-(-window.start // step))
    while number * step <= window.start + length * 1.000001:
        at = round((number * step - window.start) / length * (room - 1))
        text = duration(number * step, coarse=step >= 1) if step >= 0.1 else f"{number * step:.2f}s"
        if at + len(text) <= len(cells) and all(cell == " " for cell in cells[max(0, at - 1) : at + len(text)]):
            cells[at : at + len(text)] = list(text)
        number += 1
    return [Cell(columns.label, "".join(cells), "note")]


def paint(row: Row, window: Window, columns: Columns) -> list[Cell]:
    """One row, exactly as wide as the columns are."""
    return _stage(row, window, columns) if isinstance(row, StageSpan) else _bar(row, window, columns)


def _stage(span: StageSpan, window: Window, columns: Columns) -> list[Cell]:
    """The name, and how long the run waited in front of it."""
    cells = [" "] * columns.room
    if span.waited >= NOTABLE:
        for at in _reach(span.asked, span.entered, window, columns.room):
            cells[at] = TURN
    told = f"waited {duration(span.waited)}" if span.waited >= NOTABLE else ""
    return [
        Cell(0, _wide(clip_name(span.name, columns.label - 1), columns.label), "stage"),
        Cell(columns.label, "".join(cells), Mark.WAITING),
        Cell(columns.label + columns.room, told[: columns.figure].rjust(columns.figure), Mark.WAITING),
    ]


def _bar(bar: Bar, window: Window, columns: Columns) -> list[Cell]:
    key, mark, room = bar.node.key, bar.node.mark, columns.room
    name = f"  {mark.glyph()} {clip_name(bar.node.text, max(1, columns.label - 5))}"
    cells: list[tuple[str, str]] = [(" ", "note")] * room
    if bar.slack * room >= window.length:
        _draw(cells, IDLE, "edge", _reach(bar.end, bar.end + bar.slack, window, room))
    if bar.queued >= NOTABLE / 5:
        _draw(cells, TURN, Mark.WAITING, _reach(bar.asked, bar.start, window, room))
    body = PEOPLE if bar.people else CRITICAL if bar.critical else OTHER
    if bar.ahead:
        _draw(cells, AHEAD, "idle", _reach(bar.start, bar.end, window, room))
    elif mark is Mark.REUSED:
        _draw(cells, mark.glyph(), mark, _reach(bar.start, bar.start, window, room))
    else:
        _draw(cells, body, mark, _reach(bar.start, bar.end, window, room))
    if bar.node.usual * room >= window.length and mark is not Mark.REUSED and not bar.people and not bar.ahead:
        _draw(cells, USUAL, "critical", _reach(bar.start, bar.start + bar.node.usual, window, room, open_=True))
    style = "name-live" if mark.moves or mark is Mark.FAILED else "idle" if bar.ahead else "name"
    out = [Cell(0, _wide(name, columns.label), style, key)]
    x = columns.label
    for text, look in _runs(cells):
        out.append(Cell(x, text, look, key))
        x += len(text)
    return [*out, *_figures(bar, x, columns, key)]


def _figures(bar: Bar, x: int, columns: Columns, key: Key) -> Iterator[Cell]:
    """How long it took; how much more or less than usual."""
    reused = bar.node.mark is Mark.REUSED
    figure = f"#{bar.node.note.lstrip('#')}" if reused else "" if bar.ahead else duration(bar.length)
    yield Cell(x, figure.rjust(FIGURE), "note", key)
    if columns.figure > FIGURE:
        over = bar.over
        if over is None:
            text = (
                f"~{duration(bar.node.usual, coarse=True)}"
                if bar.node.usual and (bar.node.mark.moves or bar.ahead)
                else ""
            )
        else:
            text = f"{'+' if over >= 0 else '-'}{duration(abs(over))}" if abs(over) >= 0.05 else "as usual"
        style = "over" if over is not None and over > max(1.0, bar.node.usual / 5) else "note"
        yield Cell(x + FIGURE, text.rjust(DIFFERENCE)[:DIFFERENCE], style, key)


def _reach(start: float, end: float, window: Window, room: int, *, open_: bool = False) -> range:
    """The cells from one moment to another; `open_`: only the last of them, where that is within the window."""
    scale = room / window.length
    first, last = (start - window.start) * scale, (end - window.start) * scale
    if open_:
        at = round(last)
        return range(at, at + 1) if 0 <= at < room else range(0)
    if last < 0 or first > room:
        return range(0)
    begin = min(max(0, round(first)), room - 1)
    return range(begin, max(begin + 1, min(room, round(last))))


def _draw(cells: list[tuple[str, str]], sign: str, style: str, where: range) -> None:
    for at in where:
        cells[at] = (sign, style)


def _runs(cells: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours of one style together."""
    text, style = "", ""
    for sign, look in cells:
        if look != style and text:
            yield text, style
            text = ""
        text, style = text + sign, look
    if text:
        yield text, style


def _wide(text: str, width: int) -> str:
    return clip(text, width) + " " * (width - cell_len(clip(text, width)))
