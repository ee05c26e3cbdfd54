"""A scrolling pane of text that can be selected and copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui.store import Store
from tui.widgets.prose import Prose
from tui.widgets.prose_text import ProseText

Writer = Callable[[Store], Prose]


class TextPane(VerticalScroll, can_focus=True):
    """Shows what `writer` makes of the store. The scroll position stays while the same action is shown."""

    DEFAULT_CSS = """
    TextPane { background: $surface; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="text.down"),
        Binding("k", "scroll_up", "Up", show=False, id="text.up"),
        Binding("g", "scroll_home", "Top", show=False, id="text.top"),
        Binding("G", "scroll_end", "Bottom", show=False, id="text.bottom"),
        Binding("space", "page_down", "Page down", show=False, id="text.page"),
        Binding("ctrl+d", "page_down", "Page down", show=False, id="text.half_down"),
        Binding("ctrl+u", "page_up", "Page up", show=False, id="text.half_up"),
    ]

    def __init__(self, store: Store, writer: Writer, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self._writer = writer
        self._body = ProseText()
        self._text = ""
        self._shown = ("", "", "")

    def compose(self) -> list[ProseText]:
        """One text."""
        return [self._body]

    def update(self) -> None:
        """Write anew, where the text is another one."""
        prose = self._writer(self.store)
        if prose.plain != self._text:
            self._text = prose.plain
            self._body.show(prose)
        place = (*self.store.chosen, self.store.viewed)
        if place != self._shown:
            self._shown = place
            self.scroll_home(animate=False)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text
