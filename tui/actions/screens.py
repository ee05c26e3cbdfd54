"""Keys that open the screens beside the main one. They take each other's place; none is stacked on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from tui.actions.graphing import GraphActions
from tui.screens.main import MainScreen

Then = Callable[[Any], None]


class ScreenActions(GraphActions):
    """Each can be reached from each."""

    def open_full(self, screen: Screen[Any], then: Then | None = None) -> None:
        """Show a screen in place of the one that is in front, where that is no dialog."""
        from tui.screens.full import FullScreen

        while isinstance(self.screen, FullScreen) and not isinstance(self.screen, MainScreen):
            self.pop_screen()
            break
        self.push_screen(screen, then)

    def action_browse(self) -> None:
        """The artifacts of the run on the screen."""
        from tui.screens.browser import BrowserScreen

        if self.store.state is not None:
            self.open_full(BrowserScreen(self.store))
