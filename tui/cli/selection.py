"""--only, --from and --until: names as people type them, meaning as the engine gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.naming import find_stage_or_action, places
from tui.cli.problem import Problem

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration


def select(
    declaration: PipelineDeclaration, *, only: Sequence[str], start: str | None, until: str | None
) -> tuple[str, ...]:
    """The chosen ``stage/action`` names in order; empty when all of them run.

    The engine adds what the chosen ones need. Raises `Problem` for an unknown name, or when nothing is left.
    """
    from engine.execution.select import chosen

    everything = ["/".join(place) for place in places(declaration)]
    wanted = set(everything)
    if only:
        named = [find_stage_or_action(declaration, name) for name in only]
        wanted = {key for name in named for key in chosen(declaration, only=name) or everything}
    if start:
        wanted &= set(chosen(declaration, start=find_stage_or_action(declaration, start)) or everything)
    if until:
        wanted &= set(chosen(declaration, until=find_stage_or_action(declaration, until)) or everything)
    if not wanted:
        raise Problem("these options leave nothing to run", "--from must not come after --until.")
    return () if len(wanted) == len(everything) else tuple(key for key in everything if key in wanted)
