"""The log pane beside toolong and less on one large log and on one that grows, in one run.

    python -m benchmarks.log_peers [--megabytes 1000] [--seconds 4] [--rounds 3]

Programs run on a pseudo-terminal of 120x40; `benchmarks/peers.sh` installs toolong. They take turns, and a ratio is
the median of turns. CPU time is the figure to trust on a busy machine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.log_pane import LINE, Bench, Terminal, flood
from benchmarks.table import Table, duration, paired
from benchmarks.tools import CACHE

FOUND = b"thisisit and xneedle7 stands here once\n"
PATIENCE = 120.0


@dataclass(frozen=True)
class Viewer:
    """A program that shows a log: how it is started and what is typed to go to places."""

    name: str
    open: Callable[[Path], list[str]]
    follow: Callable[[Path], list[str]]
    top: str
    end: str
    search: tuple[str, ...]


def viewers(report: Path) -> list[Viewer]:
    """Those that are here, greenroom's first."""

    def pane(log: Path) -> list[str]:
        return [sys.executable, "-m", "benchmarks.log_pane_app", "log", str(report), str(log), str(sys.maxsize)]

    found = [Viewer("greenroom", pane, pane, "g", "G", ("/", "xneedle7"))]
    toolong = CACHE / "venv" / "bin" / "tl"
    if toolong.exists():
        command = str(toolong)
        found.append(
            Viewer("toolong", lambda log: [command, str(log)], lambda log: [command, str(log)], "\x1b[H", "\x1b[F",
                   ("\x06", "xneedle7", "\x1b[B"))
        )  # fmt: skip
    if less := shutil.which("less"):
        found.append(
            Viewer("less", lambda log: [less, "+G", str(log)], lambda log: [less, "+F", str(log)], "g", "G",
                   ("/xneedle7\r",))
        )  # fmt: skip
    return found


@dataclass
class Measure:
    """One program's turn with the large log, and with the one that grows. Seconds and megabytes."""

    opened: float = 0
    top: float = 0
    end: float = 0
    found: float = 0
    cpu: float = 0
    memory: float = 0
    follow_cpu: float = 0
    follow_lag: float = 0
    follow_memory: float = 0


@contextmanager
def running(argv: list[str]) -> Iterator[Terminal]:
    """The program on a terminal of its own."""
    terminal = Terminal(argv)
    try:
        yield terminal
    finally:
        terminal.end()


def look(viewer: Viewer, bench: Bench) -> Measure:
    """Opens the large log, goes to its top and its end, and searches all of it from the top."""
    measured = Measure()
    with running(viewer.open(bench.large)) as terminal:
        measured.opened = terminal.wait("the very last line;", PATIENCE) - terminal.began
        measured.top = _press(terminal, (viewer.top,), "the very first line;")
        measured.end = _press(terminal, (viewer.end,), "the very last line;")
        _press(terminal, (viewer.top,), "the very first line;")
        measured.found = _press(terminal, viewer.search, "thisisit")
        terminal.drain(1)
        measured.cpu, measured.memory = terminal.usage()
    return measured


def _press(terminal: Terminal, keys: tuple[str, ...], marker: str) -> float:
    """Seconds until the marker is painted anew."""
    terminal.drain(0.5)
    terminal.forget()
    began = time.perf_counter()
    for key in keys:
        terminal.press(key)
        if key != keys[-1]:
            terminal.drain(0.3)
            began += 0.3
    return terminal.wait(marker, PATIENCE) - began


def follow(viewer: Viewer, bench: Bench, measured: Measure) -> None:
    """A log that grows by 50 000 lines a second; then how long it takes until its last line is seen."""
    bench.live.write_bytes(LINE % 1)
    with running(viewer.follow(bench.live)) as terminal:
        terminal.wait("compiled", PATIENCE)
        terminal.press(viewer.end if viewer.name != "less" else "")
        terminal.drain(1)
        before = terminal.usage()
        with flood(bench.live):
            terminal.drain(bench.seconds)
        after = terminal.usage()
        began = time.perf_counter()
        with bench.live.open("ab") as log:
            log.write(b"all is written;\n")
        measured.follow_lag = terminal.wait("all is written;", PATIENCE) - began
    measured.follow_cpu = (after[0] - before[0]) / bench.seconds
    measured.follow_memory = after[1]


ROWS: tuple[tuple[str, str], ...] = (
    ("opened", "last line painted"),
    ("top", "to the top"),
    ("end", "to the end"),
    ("found", "found at 90 %"),
    ("cpu", "CPU of all that"),
    ("memory", "memory"),
    ("follow_cpu", "CPU a second at 50k lines/s"),
    ("follow_lag", "last line seen after"),
    ("follow_memory", "memory then"),
)


def compare(bench: Bench, report: Path) -> None:
    """All viewers in turns, one row for each measure."""
    found = viewers(report)
    turns: dict[str, list[Measure]] = {viewer.name: [] for viewer in found}
    for _ in range(bench.rounds):
        for viewer in found:
            try:
                measured = look(viewer, bench)
                follow(viewer, bench, measured)
            except TimeoutError as problem:
                print(f"{viewer.name}: {problem}")
                continue
            turns[viewer.name].append(measured)
    size = bench.large.stat().st_size / 1e6
    if not turns["greenroom"]:
        return
    others = [viewer.name for viewer in found if turns[viewer.name]][1:]
    table = Table(
        f"A log of {size:.0f} MB, {bench.lines:,} lines, and one that grows",
        ("what", "greenroom", *(cell for name in others for cell in (name, f"greenroom / {name}"))),
    )
    for field, title in ROWS:
        ours = [getattr(turn, field) for turn in turns["greenroom"]]
        cells = [_shown(field, ours)]
        for name in others:
            theirs = [getattr(turn, field) for turn in turns[name]]
            ratio = paired(ours, [max(1e-4, value) for value in theirs])
            cells += [_shown(field, theirs), f"{ratio:.2g}x"]
        table.row(title, *cells)


def _shown(field: str, values: list[float]) -> str:
    value = median(values)
    return f"{value:.0f} MB" if field.endswith("memory") else duration(value)


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the large log")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long the log grows")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(Path(directory), options.megabytes, options.seconds, options.rounds)
        bench.generate(first=b"the very first line;\n", at_90=FOUND)
        compare(bench, bench.report)


if __name__ == "__main__":
    main()
