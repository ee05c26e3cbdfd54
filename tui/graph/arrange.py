"""Which arrangement of graph and panes a screen of this size gets. Pure, so that every size can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.graph.columns import fit
from tui.graph.lanes import lanes
from tui.graph.model import GraphModel

Mode = Literal["single", "stacked", "beside"]

WIDE = 100  # columns from which the graph is drawn from left to right
SLIM = 60  # columns from which a log is worth showing below a list
VAST = 160  # columns from which graph and panes may stand side by side
MARGIN = 2  # columns that the graph keeps free at its sides
LEAST_PANE = 9  # rows that a pane needs to be of use below a graph


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`single`: graph or pane; `stacked`: graph above, panes below; `beside`: graph left, panes right.

    `width` and `height` are the graph's, in cells. `listed`: it is drawn from top to bottom, a row for each action.
    """

    mode: Mode
    width: int
    height: int
    listed: bool = True


def arrange(model: GraphModel, width: int, height: int) -> Arrangement:
    """The arrangement for a body of `width` by `height` cells."""
    if width < WIDE or height < LEAST_PANE + 5:
        return _narrow(model, width, height)
    limit = max(5, min(height - LEAST_PANE, height * 9 // 20))
    inner = width - MARGIN
    drawn = fit(model, inner, limit, bands=width < VAST)
    if width >= VAST and (drawn.width > inner or drawn.height > limit):
        side = min(64, max(48, width // 4))
        list_height = lanes(model, side - MARGIN).height
        if list_height <= height or drawn.height > limit:
            return Arrangement("beside", side, height)
        drawn = fit(model, inner, limit)
    scrollbar = 1 if drawn.width > inner else 0
    return Arrangement("stacked", width, min(drawn.height + scrollbar, limit), listed=False)


def _narrow(model: GraphModel, width: int, height: int) -> Arrangement:
    """A list, with a pane below it where both have room: what failed can then be read without a key."""
    listed = lanes(model, width - MARGIN).height if width >= SLIM else height
    if 0 < listed <= height - LEAST_PANE:
        return Arrangement("stacked", width, listed)
    return Arrangement("single", width, height)
