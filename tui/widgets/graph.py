"""The live graph as a widget: paints the rows of a plan that somebody sees, moves the selection, pans and zooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from tui.doing import Doing
from tui.graph.brush import Scene, scene_of
from tui.graph.marks import Mark
from tui.graph.model import GraphModel, Key
from tui.graph.plan import Box, Plan, Slot
from tui.graph.steer import Steer, at, relatives
from tui.messages import ActionChosen, ActionOpened, GraphPanned, ZoomWanted
from tui.store import Store
from tui.widgets.cells import CellView

_TURNS = (Mark.RUNNING,)


class PipelineGraph(CellView):
    """Stages and actions with their states; arrows or hjkl move, Enter or a double click opens, a drag pans."""

    ALLOW_SELECT = False  # a drag pans
    DEFAULT_CSS = """
    PipelineGraph {
        background: $background; overflow: auto; scrollbar-size: 0 1; padding: 0 1; height: 1fr;
        &.-lanes { overflow-x: hidden; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1,0)", "Left; the row is kept", show=False, id="graph.left"),
        Binding("right,l", "move(1,0)", "Right; the row is kept", show=False, id="graph.right"),
        Binding("up,k", "move(0,-1)", "Up", show=False, id="graph.up"),
        Binding("down,j", "move(0,1)", "Down", show=False, id="graph.down"),
        Binding("home,g", "edge(0)", "First action", show=False, id="graph.first"),
        Binding("end,G", "edge(-1)", "Last action", show=False, id="graph.last"),
        Binding("enter", "open", "Open", id="graph.open"),
    ]

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self.model = GraphModel()
        self.plan = Plan()
        self.scene = Scene({}, {})
        self.loose = False  # somebody looks elsewhere: what happens must not pull the view back
        self._doing = Doing()
        self._frame = 0
        self._rows: dict[Key, list[int]] = {}
        self._steer = Steer()
        self._revealed: tuple[Plan, Key] | None = None
        self._chosen: Key = ("", "")
        self._related: tuple[Key, object, Mapping[Key, str]] = (("", ""), None, {})
        self._grip: tuple[Offset, Offset] | None = None
        self._dragged = False

    # -- what is drawn ------------------------------------------------------------------------------------------

    def show(self, plan: Plan) -> None:
        """Draw to this plan from now on."""
        if plan is self.plan:
            return
        self.plan = plan
        self._rows = {}
        for y, row in enumerate(plan.rows):
            for piece in row:
                if isinstance(piece, Slot) and y not in self._rows.setdefault(piece.key, []):
                    self._rows[piece.key].append(y)
        self.set_class(plan.lanes, "-lanes")
        self.grow(Size(plan.width, plan.height))
        self.refresh()

    def update(self) -> None:
        """Paint what the store holds now: only the rows that differ."""
        self.model = self.store.picture()
        before, after = self.scene, self._look()
        self.scene = after
        changed = {key for key, node in after.actions.items() if before.actions.get(key) != node}
        changed |= {(name, "") for name, stage in after.stages.items() if before.stages.get(name) != stage}
        changed |= {key for key, _ in before.related.items() ^ after.related.items()}
        changed |= {key for key, _ in before.doing.items() ^ after.doing.items()}
        changed |= before.marked ^ after.marked
        if self._chosen != self.store.chosen:
            changed |= {self.store.chosen, self._chosen}
            self._chosen = self.store.chosen
        self._repaint(changed)

    def _look(self) -> Scene:
        about = (self.store.declaration, self.store.chosen)
        if self._related[0] != about[1] or self._related[1] is not about[0]:
            self._related = (about[1], about[0], relatives(*about))
        return scene_of(
            self.model,
            related=self._related[2],
            marked=self.store.marked,
            doing=self._doing.of(self.store) if self.plan.tells else {},
            frame=self._frame,
        )

    def spin(self) -> None:
        """Turn what runs one step further."""
        self._frame += 1
        self.scene = self.scene.turned(self._frame)
        turning = {node.key for node in self.scene.actions.values() if node.mark in _TURNS}
        turning |= {(stage.name, "") for stage in self.scene.stages.values() if stage.mark in _TURNS}
        self._repaint(turning, heads=True)

    def _repaint(self, keys: Iterable[Key], *, heads: bool = False) -> None:
        """Paint the rows of these actions and stages anew, or only their first rows, where they can be seen."""
        top = self.scroll_offset.y
        seen = range(top, top + self.size.height)
        rows = {y for key in keys for y in (self._rows.get(key, [])[:1] if heads else self._rows.get(key, []))}
        for y in rows:
            if y in seen:
                self.refresh_line(y)

    def reveal(self, *, force: bool = False) -> None:
        """Scroll so that the selection and what is around it can be seen, once it has moved."""
        box = self.plan.boxes.get(self.store.chosen)
        target = (self.plan, self.store.chosen)
        if box is None or self.loose or (self._revealed == target and not force):
            return
        self._revealed = target
        region = Region(box.x, box.y, box.width, box.height).grow((1, 3, 1, 3))
        self.scroll_to_region(region, animate=False, force=True, immediate=True)
        edge = self._edge(box)
        if edge is not None and edge != self.scroll_offset.x:
            self.scroll_to(x=edge, animate=False, force=True, immediate=True)

    def _edge(self, box: Box) -> int | None:
        """Where a view that shows a box begins with a whole stage, if it can; None where all is seen anyway."""
        width, x = self.content_size.width, self.scroll_offset.x
        if not self.max_scroll_x or x == 0:
            return None
        starts = [left for left, *_ in self.plan.stages.values() if box.right + 1 - width <= left <= box.x]
        return min(starts, key=lambda left: abs(left - x)) if starts else None

    def centre(self) -> bool:
        """Scroll so that the selection is in the middle; says whether that changed anything."""
        self.loose = False
        before = self.scroll_offset
        box = self.plan.boxes.get(self.store.chosen)
        if box is not None:
            x, y = box.x + box.width // 2, box.y + box.height // 2
            size = self.content_size
            self.scroll_to(x - size.width // 2, y - size.height // 2, animate=False, force=True, immediate=True)
            self._revealed = (self.plan, self.store.chosen)
        return self.scroll_offset != before

    @property
    def window(self) -> Region:
        """The part of the drawing that is seen."""
        return Region(*self.scroll_offset, *self.content_size)

    def on_resize(self) -> None:
        """Another size shows other rows."""
        self.refresh()
        box = self.plan.boxes.get(self.store.chosen)
        if box is not None and not self.window.contains_region(Region(box.x, box.y, box.width, box.height)):
            self.reveal(force=True)

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Tell the strip."""
        super().watch_scroll_x(old_value, new_value)
        self.post_message(GraphPanned())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the strip."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(GraphPanned())

    # -- painting -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the plan, cropped to what is scrolled into view."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.content_size.width
        if y + scroll_y >= self.plan.height:
            return self.strip((), scroll_x, width, None)
        from tui.graph.paint import paint_row  # the first frame has nothing to paint

        row = paint_row(self.plan, self.scene, y + scroll_y, scroll_x, scroll_x + width)
        return self.strip(row, scroll_x, width, self.store.chosen)

    # -- moving -------------------------------------------------------------------------------------------------

    def action_move(self, dx: int, dy: int) -> None:
        """Select the action next to the selected one."""
        self.loose = False
        self.post_message(ActionChosen(self._steer.step(self.plan, self.store.chosen, dx, dy)))

    def action_edge(self, index: int) -> None:
        """Select the first or last action."""
        self.loose = False
        places = list(self.plan.boxes)
        if places:
            self.post_message(ActionChosen(places[index]))

    def action_open(self) -> None:
        """Open the selected action's pane."""
        self.post_message(ActionOpened(self.store.chosen))

    # -- the mouse ----------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """A click selects, a double click opens."""
        if self._dragged or (offset := event.get_content_offset(self)) is None:
            return
        place = at(self.plan, offset.x + self.scroll_offset.x, offset.y + self.scroll_offset.y)
        if place is not None:
            self.loose = False
            self.post_message(ActionOpened(place) if event.chain > 1 else ActionChosen(place))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the drawing."""
        self._dragged = False
        if self.max_scroll_x or self.max_scroll_y:
            self._grip = (event.screen_offset, Offset(*self.scroll_offset))
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pan."""
        if self._grip is None:
            return
        start, scrolled = self._grip
        moved = event.screen_offset - start
        if moved != Offset(0, 0):
            self._dragged = self.loose = True
            self.scroll_to(scrolled.x - moved.x, scrolled.y - moved.y, animate=False, force=True, immediate=True)

    def on_mouse_up(self) -> None:
        """Let go."""
        if self._grip is not None:
            self._grip = None
            self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down; to the right where there is nothing below; further away with ctrl."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up; to the left where there is nothing above; nearer with ctrl."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseScrollDown | events.MouseScrollUp, way: int) -> None:
        self.loose = True
        if event.ctrl:
            event.prevent_default()
            event.stop()
            self.post_message(ZoomWanted(-way))
        elif not self.max_scroll_y and self.max_scroll_x and not event.shift:
            event.prevent_default()
            event.stop()
            self.scroll_relative(x=6 * way, animate=False, force=True, immediate=True)

    def on_focus(self) -> None:
        """The selection looks different with the focus."""
        self._repaint([self.store.chosen])

    def on_blur(self) -> None:
        """The selection looks different without the focus."""
        self._repaint([self.store.chosen])
