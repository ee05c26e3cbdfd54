"""The screen that stays open all day: graph above or left, panes below or right."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen

from tui.keys import screen_bindings
from tui.messages import ActionChosen, ActionOpened, GraphPanned, ZoomChanged, ZoomWanted
from tui.store import Store
from tui.widgets.action_panes import ActionPanes
from tui.widgets.banner import (
    ApprovalBanner,
    Banner,
    DiagnosticBanner,
    MarkBanner,
    NeedsBanner,
    PausedBanner,
    WatchBanner,
)
from tui.widgets.graph import PipelineGraph
from tui.widgets.header import PipelineHeader
from tui.widgets.key_bar import KeyBar
from tui.widgets.strip import StageStrip

_MODES = ("single", "stacked", "beside")
_BLANK = (0, 0, "single", True, "graph", False)
"""How things stand before there is a pipeline."""


class MainScreen(Screen[None]):
    """Renders the store. `half` is the part that has the screen where there is room for one only."""

    DEFAULT_CSS = """
    MainScreen { layout: vertical; background: $background; }
    MainScreen #body { height: 1fr; }
    MainScreen #map { height: 1fr; }
    MainScreen #strip { display: none; }
    MainScreen.-strip #strip { display: block; }
    MainScreen #panes { height: 1fr; }
    MainScreen.-stacked #body { layout: vertical; }
    MainScreen.-beside #body { layout: horizontal; }
    MainScreen.-beside #panes { width: 1fr; height: 100%; }
    MainScreen.-beside #map { height: 100%; }
    MainScreen.-only-graph #panes { display: none; }
    MainScreen.-only-panes #map { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings()]

    def __init__(self, store: Store) -> None:
        super().__init__(classes="-single -only-graph")
        self.store = store
        self.half = "graph"
        self.zoomed = False
        self.near = 0.0  # how near the graph is to the actions
        self._placed: object = _BLANK

    def compose(self) -> ComposeResult:
        """Header, banners, the two halves, the keys."""
        yield PipelineHeader(self.store, id="header")
        yield ApprovalBanner(self.store, id="approval")
        yield PausedBanner(self.store, id="paused")
        yield DiagnosticBanner(self.store, id="diagnostics")
        yield NeedsBanner(self.store, id="needs")
        yield WatchBanner(self.store, id="watching")
        yield MarkBanner(self.store, id="marked")
        with Container(id="body"):
            with Vertical(id="map"):
                graph = PipelineGraph(self.store, id="graph")
                yield graph
                yield StageStrip(graph, id="strip")
            yield ActionPanes(self.store, id="panes")
        yield KeyBar(id="keys")

    @property
    def graph(self) -> PipelineGraph:
        """The graph."""
        return self.query_one("#graph", PipelineGraph)

    @property
    def panes(self) -> ActionPanes:
        """The panes."""
        return self.query_one("#panes", ActionPanes)

    def on_mount(self) -> None:
        """The keys go to the graph first."""
        self.graph.focus()
        self.update()

    # -- rendering ----------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Render the store anew."""
        if not self.is_running:
            return
        self.query_one("#header", PipelineHeader).update()
        for banner in self.query(Banner):
            banner.update()
        self.rearrange()
        self.graph.update()
        self.graph.reveal()
        self.query_one(StageStrip).refresh()
        self.panes.update()
        self.query_one("#keys", KeyBar).refresh()

    def beat(self, *, whole: bool) -> None:
        """An eighth of a second has gone by; `whole`: a whole second."""
        self.graph.spin()
        self.query_one("#header", PipelineHeader).update(spin=True)
        if whole:
            self.graph.update()
            self.panes.update()

    def on_resize(self, event: events.Resize) -> None:
        """Another size may want another arrangement."""
        self.rearrange(event.size.width, event.size.height)
        self.call_after_refresh(self.graph.reveal)

    def rearrange(self, width: int = 0, height: int = 0) -> None:
        """Place graph and panes for this size and this pipeline."""
        width, height = width or self.size.width, height or self.size.height
        if self.store.state is None:
            self._place("single", 0, 0, strip=False)
            return
        from tui.graph.arrange import arrange  # the first frame has no graph and waits for nothing of it
        from tui.graph.shape import shape_of

        # Without the banners: what comes and goes must not throw everything about.
        shape = shape_of(self.store.picture())
        found = arrange(shape, max(1, width), max(1, height - 2), self.store.zoom, alone=self.zoomed)
        self.near = found.view.near
        self.graph.show(found.view.plan)
        self._place(found.mode, found.width, found.height, strip=found.strip)

    def _place(self, mode: str, width: int, height: int, *, strip: bool) -> None:
        alone = mode == "single" or self.zoomed
        placed = (width, height, mode, alone, self.half, strip)
        if placed == self._placed:
            return  # to place things, even where they are, costs a layout of the whole screen
        self._placed = placed
        for name in _MODES:
            self.set_class(name == mode, f"-{name}")
        self.set_class(alone and self.half == "graph", "-only-graph")
        self.set_class(alone and self.half == "panes", "-only-panes")
        self.set_class(strip, "-strip")
        place = self.query_one("#map")
        place.styles.height = height if mode == "stacked" and not alone else None
        place.styles.width = width if mode == "beside" and not alone else None

    # -- steering -----------------------------------------------------------------------------------------------

    @on(GraphPanned)
    def _panned(self) -> None:
        self.query_one(StageStrip).refresh()

    @on(ZoomWanted)
    def _zoom_wanted(self, event: ZoomWanted) -> None:
        self.zoom_graph(event.by)

    def zoom_graph(self, by: int) -> bool:
        """Bring the graph nearer (1) or further away (-1); says whether there is such a level."""
        wanted = self.store.zoom.step(self.near, by)
        changed = wanted != self.store.zoom
        self.store.zoom = wanted
        self.redraw()
        if changed:
            self.post_message(ZoomChanged())
        return changed

    def redraw(self) -> None:
        """Draw the graph as it is wanted now."""
        self.graph.loose = False
        self.rearrange()
        self.graph.update()
        self.call_after_refresh(self.graph.reveal, force=True)

    @on(ActionChosen)
    def _chosen(self, event: ActionChosen) -> None:
        self.choose(event.key)

    @on(ActionOpened)
    def _opened(self, event: ActionOpened) -> None:
        self.open(event.key)

    def open(self, key: tuple[str, str]) -> None:
        """Select an action and go to its panes."""
        self.choose(key)
        self.show_half("panes")

    def choose(self, key: tuple[str, str]) -> None:
        """Select an action and keep it."""
        if self.store.choose(key):
            self.graph.update()
            self.graph.reveal()
            self.panes.update()

    def show_half(self, half: str, then: Callable[[], object] | None = None) -> None:
        """Go to one half of the screen; `then` is called once the focus is on its way there."""
        self.half = half
        self.rearrange()
        if half == "graph":
            self.graph.focus()
        else:
            self.store.choose(self.store.chosen)
            self.panes.update()
            self.call_after_refresh(self._enter_panes, then)

    def _enter_panes(self, then: Callable[[], object] | None) -> None:
        self.panes.enter()
        if then is not None:
            then()

    @on(events.DescendantFocus)
    def _focus_moved(self, event: events.DescendantFocus) -> None:
        """A click into a half makes it the one that zoom and the narrow screen show."""
        self.half = "graph" if event.widget is self.graph else "panes"

    def toggle_zoom(self) -> None:
        """Give everything to one half, or share again."""
        self.zoomed = not self.zoomed
        self.rearrange()
