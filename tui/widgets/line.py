"""Widgets that are one line of text: the header, the tab bar, the key bar, banners."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from tui.graph.fitting import Item, squeeze


class Line(Widget):
    """One line: items on the left, items on the right, what matters least left out where room is short.

    An item's `action` runs on a click.
    """

    DEFAULT_CSS = """
    Line { height: 1; width: 100%; padding: 0 1; }
    """
    gap = 2

    def left(self) -> Sequence[Item]:
        """Items that stand left."""
        return ()

    def right(self) -> Sequence[Item]:
        """Items that stand right."""
        return ()

    def render(self) -> Content:
        """The line."""
        return Content.assemble(
            *((item.text, item.style) if item.style else item.text for item in self.pieces() if item.text)
        )

    def pieces(self) -> list[Item]:
        """Everything on the line, blanks included, exactly as wide as it is."""
        width = self.content_size.width
        left, right = list(self.left()), list(self.right())
        kept = squeeze([*left, *right], width, self.gap)
        ends = {id(item) for item in right}
        first = [item for item in kept if id(item) not in ends]
        last = [item for item in kept if id(item) in ends]
        used = sum(cell_len(item.text) for item in kept) + self.gap * max(0, len(kept) - 1)
        spread = Item(" " * (max(0, width - used) + (self.gap if first and last else 0)))
        return [*self._spaced(first), spread, *self._spaced(last)]

    def _spaced(self, items: list[Item]) -> list[Item]:
        spaced: list[Item] = []
        for item in items:
            spaced += [Item(" " * self.gap), item] if spaced else [item]
        return spaced

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the item under the pointer."""
        x = event.x - self.styles.padding.left
        for item in self.pieces():
            width = cell_len(item.text)
            if 0 <= x < width and item.action:
                event.stop()
                await self.run_action(item.action)
                return
            x -= width
