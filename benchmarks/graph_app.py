"""The programs that `benchmarks.graph` measures on a terminal: greenroom with 500 actions, or a bare label.

In the bare app `]` and `[` change a label between the two names that a selection in greenroom goes to and fro between.
"""

from __future__ import annotations

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from benchmarks.graph_story import AT, FIRST, SECOND, StoryLink, name
from tui.app import GreenroomApp
from tui.cli.main import collect_rarely


class Bare(App[None]):
    """A label."""

    def compose(self) -> ComposeResult:
        """The label, and as much text as a graph has."""
        yield Static("ready;", id="label")
        yield Static("\n".join("○ " * 95 for _ in range(20)))

    def key_right_square_bracket(self) -> None:
        """The second name."""
        self.query_one("#label", Static).update(f"ready; {name(AT, SECOND)}")

    def key_left_square_bracket(self) -> None:
        """The first name."""
        self.query_one("#label", Static).update(f"ready; {name(AT, FIRST)}")


class Greenroom(GreenroomApp):
    """The whole app."""

    def on_mount(self) -> None:
        """As ever, and the first of the two actions is chosen once the pipeline is there."""
        super().on_mount()
        self.set_timer(1.5, self._begin)

    def _begin(self) -> None:
        self.go_to((f"Stage-{AT:02}", name(AT, FIRST)))


def main(mode: str, root: Path) -> None:
    """Run one of them."""
    if mode == "bare":
        Bare().run()
        return
    collect_rarely()
    link = StoryLink(root)
    if mode == "busy":
        link.be_busy()
    Greenroom(lambda: link, title="grid").run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
