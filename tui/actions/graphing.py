"""Keys about the graph as a drawing: how near, which way, where."""

from __future__ import annotations

from tui.actions.many import ManyActions
from tui.graph.zoom import AUTO, Turn, Zoom

_TURNS: dict[Turn, str] = {
    "auto": "the graph turns by itself, as the screen's size wants it",
    "across": "the graph goes from left to right",
    "down": "the graph goes from top to bottom",
}


class GraphActions(ManyActions):
    """Nothing here changes the pipeline."""

    def action_graph_zoom(self, by: int) -> None:
        """One level nearer (1) or further away (-1)."""
        if self.main is not None and self.on_main and not self.main.zoom_graph(by):
            self.say("nearer is not possible" if by > 0 else "further away is not possible")

    def action_graph_auto(self, *, strip: bool = False) -> None:
        """Let the size decide again; of the `strip`, too."""
        self._draw(AUTO if strip else AUTO._replace(strip=self.store.zoom.strip))

    def action_graph_turn(self) -> None:
        """From left to right, from top to bottom, or by itself."""
        turns = list(_TURNS)
        turn = turns[(turns.index(self.store.zoom.turn) + 1) % len(turns)]
        self._draw(self.store.zoom._replace(turn=turn))
        self.say(_TURNS[turn])

    def action_graph_centre(self) -> None:
        """To what runs; where that is in the middle already, the strip of stages comes or goes."""
        main = self.main
        if main is None or not self.on_main:
            return
        before = self.store.chosen
        self.store.unpin()
        self.refresh_views()
        if not main.graph.centre() and before == self.store.chosen:
            self.action_graph_strip()

    def action_graph_strip(self) -> None:
        """Show or hide the strip of stages below a graph that is larger than its place."""
        self.store.zoom = self.store.zoom._replace(strip=not self.store.zoom.strip)
        if self.main is not None:
            self.main.rearrange()
        self.on_zoom_changed()

    def _draw(self, zoom: Zoom) -> None:
        self.store.zoom = zoom
        if self.main is not None:
            self.main.redraw()
        self.on_zoom_changed()

    def on_zoom_changed(self) -> None:
        """It is so the next time, too."""
        from tui.looks import keep_zoom

        if self.store.link is not None and self.store.state is not None:
            keep_zoom(self.store.link.directory, self.store.state.name, self.store.zoom)
