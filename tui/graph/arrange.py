"""Which arrangement of graph and panes a screen of this size gets. Pure, so that every size can be tested."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tui.graph.fit import View, across, down, rows_down
from tui.graph.plan import Plan
from tui.graph.shape import Shape
from tui.graph.zoom import AUTO, Zoom

Mode = Literal["single", "stacked", "beside"]

WIDE = 100  # columns from which the graph is drawn from left to right
SLIM = 60  # columns from which a log is worth showing below a list
VAST = 160  # columns from which graph and panes may stand side by side
MARGIN = 2  # columns that the graph keeps free at its sides
LEAST_PANE = 9  # rows that a pane needs to be of use below a graph
LEAST_GRAPH = 5
BAR = 1  # columns of a scrollbar, kept free where one may come: a banner takes a row
NOTHING = View(Plan(), 0)


class Arrangement(NamedTuple):
    """`single`: graph or pane; `stacked`: graph above, panes below; `beside`: graph left, panes right.

    `width` and `height` are the graph's, in cells, with the strip that tells where one is (`strip`) where the drawing
    is larger than that. `view` is the drawing.
    """

    mode: Mode
    width: int
    height: int
    view: View = NOTHING
    strip: bool = False

    @property
    def listed(self) -> bool:
        """Whether it is drawn from top to bottom."""
        return self.view.plan.lanes


def arrange(shape: Shape, width: int, height: int, zoom: Zoom = AUTO, *, alone: bool = False) -> Arrangement:
    """The arrangement for a body of `width` by `height` cells. `alone`: the graph has all of it."""
    listed = width < WIDE or height < LEAST_PANE + LEAST_GRAPH if zoom.turn == "auto" else zoom.turn == "down"
    if alone:
        return _alone(shape, width, height, zoom, listed)
    if height < LEAST_PANE + LEAST_GRAPH and not listed:
        return _alone(shape, width, height, zoom, listed)
    if listed and zoom.turn == "down" and width >= WIDE:
        return _beside(shape, width, height, zoom)
    if listed:
        return _listed(shape, width, height, zoom)
    return _across(shape, width, height, zoom)


def _across(shape: Shape, width: int, height: int, zoom: Zoom) -> Arrangement:
    """From left to right above the panes; on a vast screen, what is too long for that may stand beside them."""
    limit = max(LEAST_GRAPH, min(height - LEAST_PANE, height * 9 // 20))
    free = zoom[:2] == AUTO[:2]
    view = across(shape, width - MARGIN, limit, zoom.level, bands=not (free and width >= VAST))
    if view is None and width >= VAST:
        if rows_down(shape) <= height:
            return _beside(shape, width, height, zoom)
        view = across(shape, width - MARGIN, limit, zoom.level)
    if view is None:
        return _listed(shape, width, height, zoom) if width < VAST else _beside(shape, width, height, zoom)
    strip = _strip(view.plan, width - MARGIN, limit, zoom)
    return Arrangement("stacked", width, min(view.plan.height + strip, limit), view, strip)


def _beside(shape: Shape, width: int, height: int, zoom: Zoom) -> Arrangement:
    side = min(64, max(48, width // 4))
    view = down(shape, side - MARGIN - BAR, height, zoom.level)
    return Arrangement("beside", side, height, view, _strip(view.plan, side - MARGIN, height, zoom))


def _listed(shape: Shape, width: int, height: int, zoom: Zoom) -> Arrangement:
    """A list, with a pane below it where both have room: what failed can then be read without a key."""
    view = down(shape, width - MARGIN, 10_000, zoom.level)
    if width >= SLIM and view.plan.height <= height - LEAST_PANE:
        return Arrangement("stacked", width, view.plan.height, view)
    found = _alone(shape, width, height, zoom, listed=True)
    if width >= SLIM and found.view.plan.height <= height - LEAST_PANE:  # from further away there is room again
        return found._replace(mode="stacked", height=found.view.plan.height)
    return found


def _alone(shape: Shape, width: int, height: int, zoom: Zoom, listed: bool) -> Arrangement:
    inner = width - MARGIN
    view = None if listed else across(shape, inner, height, zoom.level)
    view = view or down(shape, inner - BAR, height, zoom.level)
    return Arrangement("single", width, height, view, _strip(view.plan, inner, height, zoom))


def _strip(plan: Plan, width: int, height: int, zoom: Zoom) -> bool:
    """Whether the drawing is larger than what is seen of it."""
    return zoom.strip and (plan.width > width or plan.height > height) and height > LEAST_GRAPH
