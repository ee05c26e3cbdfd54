"""Prose on the screen: laid out anew for each width, can be selected."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui.widgets.prose import Prose


class ProseText(Widget):
    """As high as its text."""

    DEFAULT_CSS = """
    ProseText { width: 100%; height: auto; }
    """

    def __init__(self, prose: Prose | None = None) -> None:
        super().__init__()
        self.prose = prose or Prose()

    def show(self, prose: Prose) -> None:
        """Show another text."""
        self.prose = prose
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at this width."""
        return self.prose.content(width).plain.count("\n") + 1

    def render(self) -> Content:
        """The text at the width that it has."""
        return self.prose.content(self.content_size.width)
