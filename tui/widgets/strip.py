"""The strip below a graph that is larger than its place: every stage, and which of them are seen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.graph.fitting import Item
from tui.messages import ActionChosen
from tui.widgets.graph import PipelineGraph
from tui.widgets.line import Line

NARROWEST = 2
NUMBERED = 5  # cells that a mark and a number take


class StageStrip(Line):
    """A field for each stage, all equally wide; a click goes there."""

    DEFAULT_CSS = """
    StageStrip { background: $surface; }
    """
    gap = 0

    def __init__(self, graph: PipelineGraph, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.graph = graph

    def left(self) -> Sequence[Item]:
        """The stages; those that are seen stand out."""
        stages = self.graph.model.stages
        counted = self._counted()
        room = self.content_size.width - cell_len(counted) - 1
        field = room // max(1, len(stages))
        if field < NARROWEST:
            return ()
        names = [cell_len(stage.name) + 4 for stage in stages]
        field = min(field, max(names, default=field))
        seen = self._seen()
        items = []
        for number, stage in enumerate(stages):
            text = f" {stage.mark.glyph()} {stage.name} "
            if cell_len(text) > field:
                text = f" {stage.mark.glyph()}{number + 1}" if field >= NUMBERED else f" {stage.mark.glyph()}"
            here = stage.name in seen
            style = f"$status-{stage.mark} on {'$selection-blurred' if here else '$surface'}"
            items.append(Item(text.ljust(field), f"bold {style}" if here else style, 0, f"go({number})"))
        return items

    def right(self) -> Sequence[Item]:
        """``3-5 of 20``."""
        return [Item(self._counted(), "$muted", 0)]

    def _seen(self) -> set[str]:
        window = self.graph.window
        return {
            name
            for name, (left, right, top, below) in self.graph.plan.stages.items()
            if left < window.right and right > window.x and top < window.bottom and below > window.y
        }

    def _counted(self) -> str:
        names = [stage.name for stage in self.graph.model.stages]
        seen = self._seen()
        places = [number for number, name in enumerate(names, 1) if name in seen]
        if not places:
            return ""
        first, last = places[0], places[-1]
        return f" {first} of {len(names)}" if first == last else f" {first}-{last} of {len(names)}"

    def action_go(self, number: int) -> None:
        """Select what matters most in that stage."""
        stages = self.graph.model.stages
        if number < len(stages) and (actions := stages[number].actions):
            self.graph.loose = False
            urgent = next((action for action in actions if action.mark is stages[number].mark), actions[0])
            self.graph.post_message(ActionChosen(urgent.key))
