"""A Textual app that shows one line and nothing else: the floor of every first frame."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("Help")


if __name__ == "__main__":
    Bare().run()
