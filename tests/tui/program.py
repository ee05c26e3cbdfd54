"""The app on a fake engine as a program of its own, for tests on a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from textual.strip import Strip

from tests.tui import script as scripts
from tests.tui.fake_link import FakeLink
from tui.app import run
from tui.screens.main import MainScreen
from tui.widgets.graph import PipelineGraph


def _defect(graph: PipelineGraph, y: int) -> Strip:
    secret = "hunter" + "2"
    raise RuntimeError("a defect") if secret else AssertionError


def _no_screen(screen: MainScreen) -> None:
    secret = "hunter" + "2"
    raise RuntimeError("a defect") if secret else AssertionError


def main() -> int:
    """``program.py SCRIPT DIRECTORY``; ``broken`` has a widget that cannot be painted, ``fatal`` no screen at all."""
    name = sys.argv[1]
    if name == "broken":
        PipelineGraph.render_line = _defect  # type: ignore[method-assign, assignment]
    if name == "fatal":
        MainScreen.compose = _no_screen  # type: ignore[method-assign, assignment]
    story = getattr(scripts, name, scripts.failed)()
    return run(lambda: FakeLink(story, Path(sys.argv[2])), title="opening")


if __name__ == "__main__":
    sys.exit(main())
