"""The run on the screen as a timeline: what took how long, what everything waited for."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.graph.timeline import Timeline, draw, timeline
from tui.store import Store


class TimelineText(Widget):
    """Bars, as wide as there is room."""

    DEFAULT_CSS = """
    TimelineText { width: 100%; height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.found = Timeline()

    def show(self, found: Timeline) -> None:
        """Show this one."""
        if found != self.found:
            self.found = found
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at this width; those below the bars may need several."""
        return len(self._content(width).wrap(max(1, width)))

    def render(self) -> Content:
        """The bars at the width there is."""
        return self._content(self.content_size.width)

    def _content(self, width: int) -> Content:
        lines = [Content.assemble(*((text, style) if style else text for text, style in line))
                 for line in draw(self.found, width)]  # fmt: skip
        return Content("\n").join(lines)


class TimelineScreen(ModalScreen[None]):
    """Esc goes back; it goes on while the run does."""

    DEFAULT_CSS = """
    TimelineScreen { background: $background; layout: vertical; }
    TimelineScreen #title { background: $panel; padding: 0 1; height: 1; }
    TimelineScreen #sheet { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v", "leave", "Back", id="timeline.leave"),
        Binding("j", "scroll(1)", show=False, id="timeline.down"),
        Binding("k", "scroll(-1)", show=False, id="timeline.up"),
        Binding("a", "app.approve", show=False, id="timeline.approve"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def compose(self) -> ComposeResult:
        """Title and bars."""
        yield Static(self._title(), id="title", markup=False)
        yield VerticalScroll(TimelineText(), id="sheet")

    def _title(self) -> str:
        execution = self.store.execution
        number = f" #{execution.number}" if execution else ""
        return f"{self.store.title}{number}: what took how long   esc goes back"

    def on_mount(self) -> None:
        """The arrows scroll; time goes by while the run does."""
        self.query_one("#sheet").focus()
        self.set_interval(1.0, self._tick)
        self.update()

    def _tick(self) -> None:
        if self.store.busy:
            self.update()

    def update(self) -> None:
        """Draw anew."""
        state, execution = self.store.state, self.store.execution
        if self.is_running and state is not None and execution is not None:
            self.query_one(TimelineText).show(timeline(state, execution, self.store.clock()))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)
