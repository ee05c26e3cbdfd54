"""The graph as plain lines, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.columns import COMPACT, ROOMY, SLIM, SNUG, TIGHT, columns
from tui.graph.lanes import lanes
from tui.graph.model import picture

if TYPE_CHECKING:
    from engine.execution.state import PipelineState
    from engine.model.pipeline import PipelineDeclaration


def draw(declaration: PipelineDeclaration, state: PipelineState | None, width: int, *, now: float = 0.0) -> list[str]:
    """The graph with the marks of the latest execution: side by side where it fits `width`, else a list."""
    model = picture(declaration, state, state.latest if state else None, now)
    densities = (ROOMY, SNUG, SLIM, COMPACT, TIGHT) if state and state.latest else (TIGHT,)
    for density in densities:
        layout = columns(model, density)
        if layout.width <= width:
            return layout.lines()
    return lanes(model, width).lines()
