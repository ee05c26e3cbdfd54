"""The graph as plain lines, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.graph.across import COMPACT, FULL, ROOMY, SLIM, SNUG, TIGHT, plan_across, size_across
from tui.graph.arrange import WIDE
from tui.graph.brush import scene_of
from tui.graph.down import plan_down
from tui.graph.model import GraphModel, picture
from tui.graph.paint import painted
from tui.graph.plan import Layout, Plan
from tui.graph.shape import Shape, shape_of
from tui.graph.zoom import Level

if TYPE_CHECKING:
    from engine.execution.state import PipelineState
    from engine.model.pipeline import PipelineDeclaration

_DENSITIES = {"stages": (TIGHT,), "actions": (COMPACT, TIGHT), "detail": (FULL,)}


def draw(
    declaration: PipelineDeclaration,
    state: PipelineState | None,
    width: int,
    *,
    now: float = 0.0,
    level: Level = "auto",
) -> list[str]:
    """The graph with the marks of the latest execution: from left to right where it fits `width`, else a list."""
    return layout(standing(declaration, state, now), width, level, ran=bool(state and state.latest)).lines()


def standing(declaration: PipelineDeclaration, state: PipelineState | None, now: float) -> GraphModel:
    """How the latest execution stands."""
    from tui.eta import Usual

    usual = Usual(state.actions.values()) if state else None
    return picture(declaration, state, state.latest if state else None, now, usual)


def layout(model: GraphModel, width: int, level: Level = "auto", *, ran: bool = True) -> Layout:
    """A painted drawing as wide as may be. What has not run needs no room for results."""
    return painted(_plan(shape_of(model), width, level, ran), scene_of(model))


def _plan(shape: Shape, width: int, level: Level, ran: bool) -> Plan:
    folded = frozenset(stage.name for stage in shape) if level == "stages" else frozenset()
    densities = _DENSITIES.get(level) or ((ROOMY, SNUG, SLIM, COMPACT, TIGHT) if ran else (TIGHT,))
    for wrap in (0, width) if width >= WIDE else (0,):
        for density in densities:
            if size_across(shape, density, wrap=wrap, folded=folded)[0] <= width:
                return plan_across(shape, density, wrap=wrap, folded=folded)
    return plan_down(shape, width, detail=level == "detail", folded=folded)
