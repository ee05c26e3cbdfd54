"""The run on the screen as a timeline: what took how long, what everything waited for, what could be parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui.graph.fitting import Item
from tui.graph.gantt import SIGNS
from tui.graph.gantt_words import Span, about, told
from tui.graph.model import Key
from tui.graph.timeline import timeline
from tui.messages import ActionOpened
from tui.screens.above import Above, shared_bindings
from tui.screens.full import EVERYWHERE
from tui.store import Store
from tui.widgets.banner import ApprovalBanner
from tui.widgets.gantt import GanttView
from tui.widgets.line import Line

_KEYS = (("enter open", 2), ("+ - 0 zoom", 3), ("h l pan", 4), ("esc back", 1))


class TimelineTitle(Line):
    """Of which run, and the keys, as many as fit."""

    DEFAULT_CSS = """
    TimelineTitle { background: $panel; }
    """
    gap = 3

    def __init__(self, text: str) -> None:
        super().__init__(id="title")
        self.text = text

    def left(self) -> Sequence[Item]:
        """The run, then the keys."""
        return [Item(self.text), *(Item(words, "$muted", rank) for words, rank in _KEYS)]


class SignLine(Line):
    """What the signs mean, as many as fit."""

    gap = 3

    def left(self) -> Sequence[Item]:
        """The first of them matter most."""
        return [Item(f"{sign} {meaning}", "$muted", rank) for rank, (sign, meaning) in enumerate(SIGNS, 1)]


class TimelineScreen(Above[Key | None]):
    """Enter leaves with an action, Esc with nothing; it goes on while the run does."""

    DEFAULT_CSS = """
    TimelineScreen { background: $background; layout: vertical; }
    TimelineScreen #bars { height: 1fr; }
    TimelineScreen #words { height: auto; max-height: 40%; padding: 0 1; background: $surface; overflow-y: auto; }
    TimelineScreen #signs { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v", "leave", "Back", id="timeline.leave"),
        *(binding for binding in shared_bindings(*EVERYWHERE) if binding.id != "app.timeline"),
    ]

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def compose(self) -> ComposeResult:
        """Title, bars, what they say, what the signs mean."""
        yield TimelineTitle(self._title())
        yield ApprovalBanner(self.store)
        yield GanttView(self.store.chosen, id="bars")
        yield Static("", id="words", markup=False)
        yield SignLine(id="signs")

    def _title(self) -> str:
        execution = self.store.execution
        number = f" #{execution.number}" if execution else ""
        return f"{self.store.title}{number}: what took how long"

    @property
    def bars(self) -> GanttView:
        """The bars."""
        return self.query_one(GanttView)

    def on_mount(self) -> None:
        """The keys move over the bars; time goes by while the run does."""
        self.bars.focus()
        self.set_interval(1.0, self._tick)
        self.update()

    def _tick(self) -> None:
        if self.store.busy:
            self.update()

    def update(self) -> None:
        """Draw anew."""
        state, execution = self.store.state, self.store.execution
        if self.is_running and state is not None and execution is not None:
            self.query_one(ApprovalBanner).update()
            self.bars.show(timeline(state, execution, self.store.clock(), self.store.usual))
            self._tell()

    @on(GanttView.Chosen)
    def _tell(self) -> None:
        """The chosen action, then the whole, in words."""
        chosen = self.bars.chosen
        lines: list[list[Span]] = [about(chosen)] if chosen else []
        lines += told(self.bars.found)
        text = Content("\n").join(
            Content.assemble(*((part, style) if style else part for part, style in line)) for line in lines
        )
        self.query_one("#words", Static).update(text)

    @on(ActionOpened)
    def _opened(self, event: ActionOpened) -> None:
        event.stop()
        self.dismiss(event.key)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
