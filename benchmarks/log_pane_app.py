"""The program that `benchmarks.log_pane` measures: a log pane, or a bare label painted as often.

`x` bumps a counter on screen, `s` starts measuring, `r` writes what was measured to the report file.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from textual import on
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from tui.widgets._log_view import LIVE_RATE, LogView
from tui.widgets.log_pane import LogPane


class Measured(App[None]):
    """Counts keys; `frames` are paints of what is measured."""

    def __init__(self, report: Path) -> None:
        super().__init__()
        self.report = report
        self.keys = 0
        self.frames = 0
        self._began = (0.0, 0)

    def key_x(self) -> None:
        """The key whose way to the screen is timed."""
        self.keys += 1
        self.query_one("#keys", Static).update(f"keys:{self.keys};")

    def key_s(self) -> None:
        """Measuring starts."""
        self._began = (time.process_time(), self.frames)

    def key_r(self) -> None:
        """Measuring ends."""
        cpu, frames = time.process_time() - self._began[0], self.frames - self._began[1]
        partial = self.report.with_suffix(".part")
        partial.write_text(json.dumps({"cpu": cpu, "frames": frames}), encoding="utf-8")
        partial.rename(self.report)


class Bare(Measured):
    """A label that changes at the rate of a live log."""

    def compose(self) -> ComposeResult:
        """Two labels."""
        yield Static("keys:0;", id="keys")
        yield Static("ready;", id="label")

    def on_mount(self) -> None:
        """Ticks like a log does."""
        self.set_interval(LIVE_RATE, self.tick)

    def tick(self) -> None:
        """One frame."""
        self.frames += 1
        self.query_one("#label", Static).update(f"ready; frame {self.frames}")


class Log(Measured):
    """A live log. Says so once all `lines` of it are indexed."""

    def __init__(self, report: Path, log: Path, lines: int) -> None:
        super().__init__(report)
        self.log_file = log
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Two labels above a log."""
        yield Static("keys:0;", id="keys")
        yield Static("", id="label")
        yield LogPane()

    def on_mount(self) -> None:
        """Shows the log and counts its paints."""
        pane = self.query_one(LogPane)
        view = pane.query_one(LogView)
        paint = view.render_lines

        def counted(crop: Region) -> list[Strip]:
            self.frames += 1
            return paint(crop)

        setattr(view, "render_lines", counted)  # noqa: B010 - the compositor asks the instance
        pane.show(self.log_file, live=True)
        pane.focus()

    @on(LogPane.Appended)
    def tell(self, event: LogPane.Appended) -> None:
        """Once only: a label painted with every frame would be measured, too."""
        if event.lines >= self.lines:
            self.query_one("#label", Static).update("indexed;")
            self.lines = sys.maxsize


if __name__ == "__main__":
    mode, report, *rest = sys.argv[1:]
    (Bare(Path(report)) if mode == "bare" else Log(Path(report), Path(rest[0]), int(rest[1]))).run()
