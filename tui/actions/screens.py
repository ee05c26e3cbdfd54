"""Keys that open the screens beside the main one. They take each other's place; none is stacked on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from tui.actions.graphing import GraphActions

Then = Callable[[Any], None]
# What does not take the place of the screen that it is asked for on.
_STAYING = ("help", "diagnostics", "messages", "copy", "suspend_process", "leave", "quit")


class ScreenActions(GraphActions):
    """Each can be reached from each."""

    def open_full(self, screen: Screen[Any], then: Then | None = None) -> None:
        """Show a screen in place of the one that is in front, where that is one of them."""
        from tui.screens.full import FullScreen
        from tui.screens.timeline import TimelineScreen

        if isinstance(self.screen, FullScreen | TimelineScreen):
            self.pop_screen()
        self.push_screen(screen, then)

    def from_anywhere(self, action: str) -> None:
        """Run a command of the palette: first out of what lies above the main screen, unless it can stay there."""
        name = action.partition("(")[0]
        while not self.on_main and name not in _STAYING and not (name == "approve" and not self.in_dialog):
            self.pop_screen()
        self.call_later(self.run_action, action)

    @property
    def in_dialog(self) -> bool:
        """Whether a dialog asks something."""
        from tui.screens.dialog import Dialog

        return isinstance(self.screen, Dialog)

    def action_browse(self) -> None:
        """The artifacts of the run on the screen."""
        from tui.screens.browser import BrowserScreen

        if self.store.state is not None:
            self.open_full(BrowserScreen(self.store))

    def action_all_variables(self) -> None:
        """Every variable of the run on the screen."""
        from tui.screens.variables import VariablesScreen

        if self.store.state is not None:
            self.open_full(VariablesScreen(self.store))

    def action_sources(self) -> None:
        """Every source: what it holds, what is left out, what starts a run."""
        from tui.screens.sources import SourcesScreen

        if self.store.state is not None:
            self.open_full(SourcesScreen(self.store))

    def action_settings(self) -> None:
        """Everything that is in force, and where it comes from."""
        from tui.screens.settings import SettingsScreen

        if self.store.state is not None:
            self.open_full(SettingsScreen(self.store))
