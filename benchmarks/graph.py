"""The graph of 500 actions beside a plain label of the same text, in one run.

    python -m benchmarks.graph [--seconds 4] [--frames 60]

First the CPU time of a frame, without a terminal; then, on a pseudo-terminal of 200x50, the time from a key to its
effect on the screen: idle, and while the engine tells 50 events and the chosen log gets 50 000 lines a second.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import gc
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple, TypeVar

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from benchmarks.graph_story import AT, FIRST, SECOND, StoryLink, name
from benchmarks.log_pane import Terminal, flood
from benchmarks.table import Table, duration
from tests.tui.text_snapshot import screen_lines
from tui.app import GreenroomApp
from tui.cli.main import collect_rarely
from tui.widgets.graph import PipelineGraph

Result = TypeVar("Result")

SIZE = (200, 50)
FRAME = 1 / 60


class Screen(Terminal):
    """A program on a pseudo-terminal of that size."""

    def __init__(self, argv: list[str]) -> None:
        super().__init__(argv)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    def forget(self) -> None:
        """What was painted until now does not count."""
        self.read(0)
        self._seen = b""


class Cost(NamedTuple):
    """CPU seconds of a frame: the median and the 95th of a hundred."""

    median: float
    p95: float


class Page(App[None]):
    """A label that holds what the graph shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        """The label."""
        yield Static(self.text, markup=False)


async def _cost(pilot: Pilot[Result], frames: int, change: Callable[[int], object]) -> Cost:
    """What a change costs until it is painted."""
    times: list[float] = []
    for number in range(frames):
        await pilot.pause()
        began = time.process_time()
        change(number)
        await pilot.pause()
        times.append(time.process_time() - began)
    return Cost(median(times), quantiles(times, n=20)[-1])


def settle() -> None:
    """Tune the collector as greenroom does on a terminal."""
    gc.collect()
    gc.freeze()
    collect_rarely()


async def frames_of_the_graph(root: Path, frames: int) -> tuple[dict[str, Cost], str]:
    """Beats, events and whole repaints at each level; and the text on the screen."""
    link = StoryLink(root)
    app = GreenroomApp(lambda: link, clock=lambda: link.script.at, lively=False)
    costs: dict[str, Cost] = {}
    async with app.run_test(size=SIZE) as pilot:
        while app.store.state is None:
            await pilot.pause(0.01)
        text = "\n".join(screen_lines(app)[1:20])
        graph = app.query_one(PipelineGraph)
        settle()
        for level, key in (("stages", "minus"), ("actions", "plus"), ("detail", "plus")):
            await pilot.press(key)
            costs[f"{level}: a beat of the spinners"] = await _cost(pilot, frames, lambda _: graph.spin())
            costs[f"{level}: everything anew"] = await _cost(pilot, frames, lambda _: graph.refresh())
        costs["an event, all views"] = await _cost(pilot, frames, lambda n: link.play(lambda s: _toggle(link, n)))
    return costs, text


def _toggle(link: StoryLink, number: int) -> None:
    i, attempt = number % 10, 1 + number // 10
    link.script.succeed(name(AT, i), 0.1, attempt=attempt)
    link.script.run(f"Stage-{AT:02}", name(AT, i), attempt=attempt + 1)


async def frames_of_a_label(text: str, frames: int) -> Cost:
    """The same text as one label, one character of it changed each time."""
    app = Page(text)
    async with app.run_test(size=SIZE) as pilot:
        label = app.query_one(Static)
        settle()
        return await _cost(pilot, frames, lambda n: label.update(text.replace("◐", "◐◓◑◒"[n % 4])))


def frames(root: Path, count: int) -> None:
    """The table of frames."""
    costs, text = asyncio.run(frames_of_the_graph(root, count))
    floor = asyncio.run(frames_of_a_label(text, count))
    table = Table("CPU of a frame, 500 actions at 200x50", ("what", "median", "p95", "ratio", "within 16 ms"))
    table.row("a label of the same text", duration(floor.median), duration(floor.p95), "1.00x", "-")
    for what, cost in costs.items():
        within = "yes" if cost.p95 <= FRAME else "NO"
        table.row(what, duration(cost.median), duration(cost.p95), f"{cost.median / floor.median:.2f}x", within)


def keys(root: Path, seconds: float) -> None:
    """The table of keys."""
    table = Table("Key to screen, 500 actions at 200x50", ("what", "p50", "p95", "n"))
    (root / "logs").mkdir(exist_ok=True)
    for title, mode, flooded in (
        ("a bare label", "bare", False),
        ("greenroom, idle", "idle", False),
        ("greenroom, 50 events/s", "busy", False),
        ("greenroom, 50 events/s and 50k lines/s", "busy", True),
    ):
        terminal = Screen([sys.executable, "-m", "benchmarks.graph_app", mode, str(root)])
        try:
            terminal.wait("ready;" if mode == "bare" else name(AT, FIRST))
            terminal.drain(1.0)
            if flooded:
                with flood(root / "logs" / f"2-{name(AT, FIRST)}-1.log"):
                    times = _presses(terminal, seconds)
            else:
                times = _presses(terminal, seconds)
        finally:
            terminal.end()
        table.row(title, duration(median(times)), duration(quantiles(times, n=20)[-1]), str(len(times)))


def _presses(terminal: Screen, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, wanted in (("]", name(AT, SECOND)), ("[", name(AT, FIRST))):
            terminal.forget()
            began = time.perf_counter()
            terminal.press(key)
            times.append(terminal.wait(wanted) - began)
            terminal.drain(0.037)  # no multiple of a frame
    return times


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each row of keys is measured")
    parser.add_argument("--frames", type=int, default=60, help="how many frames each row is the median of")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        frames(Path(directory), options.frames)
        keys(Path(directory), options.seconds)


if __name__ == "__main__":
    main()
