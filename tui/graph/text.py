"""The graph as plain lines, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.arrange import WIDE
from tui.graph.columns import COMPACT, ROOMY, SLIM, SNUG, TIGHT, columns
from tui.graph.lanes import lanes
from tui.graph.model import picture

if TYPE_CHECKING:
    from engine.execution.state import PipelineState
    from engine.model.pipeline import PipelineDeclaration


def draw(declaration: PipelineDeclaration, state: PipelineState | None, width: int, *, now: float = 0.0) -> list[str]:
    """The graph with the marks of the latest execution: from left to right where it fits `width`, else a list."""
    model = picture(declaration, state, state.latest if state else None, now)
    densities = (ROOMY, SNUG, SLIM, COMPACT, TIGHT) if state and state.latest else (TIGHT,)
    for wrap in (0, width) if width >= WIDE else (0,):
        for density in densities:
            layout = columns(model, density, wrap=wrap)
            if layout.width <= width:
                return layout.lines()
    return lanes(model, width).lines()
