"""Which drawing of a pipeline a space gets: as much detail as fits, or what the person asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tui.graph.across import COMPACT, FULL, ROOMY, SLIM, SNUG, TIGHT, Density, plan_across, size_across
from tui.graph.down import plan_down
from tui.graph.plan import Plan
from tui.graph.shape import Shape
from tui.graph.zoom import LEVELS, Level

_CROWD = 6  # actions from which on a stage is folded before others are


class View(NamedTuple):
    """A drawing and how near it is: 0 stages, 1 actions, 2 detail; in between where it is something of both."""

    plan: Plan
    near: float


_NEAR: dict[Density, float] = {FULL: 2, ROOMY: 1.5, SNUG: 1.5, SLIM: 1.5, COMPACT: 1, TIGHT: 1}


@lru_cache(maxsize=64)
def across(shape: Shape, width: int, height: int, level: Level = "auto", *, bands: bool = True) -> View | None:
    """The drawing from left to right that fits; None where nothing does and nothing was asked for."""
    for density, wrap, folded, most in _attempts(shape, width, height, level, bands):
        wide, high = size_across(shape, density, wrap=wrap, folded=folded)
        if wide <= width and high <= most:
            return View(plan_across(shape, density, wrap=wrap, folded=folded), _near(shape, density, folded))
    if level == "auto":
        return None
    everything = frozenset(stage.name for stage in shape)
    folded = everything if level == "stages" else frozenset()
    density = FULL if level == "detail" else COMPACT
    return View(plan_across(shape, density, folded=folded), LEVELS.index(level))


def _attempts(
    shape: Shape, width: int, height: int, level: Level, bands: bool
) -> Iterator[tuple[Density, int, frozenset[str], int]]:
    """Density, where bands end, what is folded, and how high it may be: the best first."""
    nothing: frozenset[str] = frozenset()
    everything = frozenset(stage.name for stage in shape)
    wraps = (0, width) if bands else (0,)
    if level == "stages":
        yield from ((TIGHT, wrap, everything, height) for wrap in wraps)
    elif level == "actions":
        yield from ((density, wrap, nothing, height) for density in (COMPACT, TIGHT) for wrap in wraps)
    elif level == "detail":
        yield from ((FULL, wrap, nothing, height) for wrap in wraps)
    else:
        yield FULL, 0, nothing, height * 2 // 3
        yield from ((density, 0, nothing, height) for density in (ROOMY, SNUG, SLIM, COMPACT))
        if bands:
            yield from ((density, width, nothing, height) for density in (SNUG, SLIM, COMPACT))
            yield from ((TIGHT, wrap, nothing, height) for wrap in wraps)
            tall = frozenset(stage.name for stage in shape if stage.tallest + 2 > height)
            crowded = tall | {stage.name for stage in shape if len(stage.actions) > _CROWD}
            for folded in (tall, crowded, everything):
                yield from ((density, wrap, folded, height) for wrap in wraps for density in (COMPACT, TIGHT))


def _near(shape: Shape, density: Density, folded: frozenset[str]) -> float:
    if not folded:
        return _NEAR[density]
    return 0 if len(folded) == len(shape) else 0.5


@lru_cache(maxsize=64)
def down(shape: Shape, width: int, height: int, level: Level = "auto") -> View:
    """The drawing from top to bottom; the largest stages are folded until it fits, unless a level was asked for."""
    folded = _folds(shape, height) if level == "auto" else frozenset()
    if level == "stages":
        folded = frozenset(stage.name for stage in shape)
    detail = level == "detail"
    plan = plan_down(shape, width, detail=detail, folded=folded)
    near = 2 if detail else 1 if not folded else 0 if len(folded) == len(shape) else 0.5
    return View(plan, near)


def rows_down(shape: Shape) -> int:
    """Rows that a drawing from top to bottom needs with nothing folded."""
    return sum(1 + sum(action.rows for action in stage.actions) for stage in shape)


def _folds(shape: Shape, height: int) -> frozenset[str]:
    """The stages to be folded so that the rest fits: as few actions as may be."""
    rows = {stage.name: sum(action.rows for action in stage.actions) for stage in shape}
    over = rows_down(shape) - height
    folded: set[str] = set()
    while over > 0 and len(folded) < len(rows):
        left = {name: count for name, count in rows.items() if name not in folded}
        enough = [name for name, count in left.items() if count >= over]
        name = min(enough, key=left.__getitem__) if enough else max(left, key=left.__getitem__)
        over -= rows[name]
        folded.add(name)
    return frozenset(folded)
