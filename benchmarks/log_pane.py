"""The log pane beside a bare label app and the tools that do one of its jobs, in one run.

    python -m benchmarks.log_pane [--megabytes 200] [--seconds 4] [--rounds 3]

Programs run on a pseudo-terminal of 120x40. CPU time is the figure to trust on a busy machine; ratios come from
runs side by side.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from benchmarks.table import Table, duration, paired
from tui.log.errors import error_lines
from tui.log.file import LogFile
from tui.log.index import LineIndex
from tui.log.needle import Words
from tui.log.search import Search

LINE = (
    b"[2026-01-01 00:00:00] INFO worker-%d compiled src/app/handlers/order_service.py in 12 ms, "
    b"deferred 0 items, ok.....\n"
)
FLOOD = 50_000
PATIENCE = 30.0


class Terminal:
    """A program on a pseudo-terminal."""

    def __init__(self, argv: list[str]) -> None:
        self.began = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execve(argv[0], argv, environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._seen = b""
        self.pressed = 0

    def press(self, key: str) -> None:
        """One key."""
        os.write(self._master, key.encode())

    def wait(self, marker: str, patience: float = PATIENCE) -> float:
        """Reads until the marker was painted; returns when, by `perf_counter`."""
        deadline = time.perf_counter() + patience
        while marker.encode() not in self._seen:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{marker!r} was not painted within {patience:g} s")
            self.read(0.05)
        self._seen = self._seen[-16_384:]
        return time.perf_counter()

    def read(self, patience: float) -> None:
        """Takes in what comes within so many seconds."""
        # What is waited for is painted in one piece. Taking out control sequences here would cost more than painting.
        if select.select([self._master], [], [], patience)[0]:
            self._seen = (self._seen + os.read(self._master, 65536))[-200_000:]

    def forget(self) -> None:
        """What was painted so far is not waited for any more."""
        self._seen = b""

    def drain(self, seconds: float) -> None:
        """Takes in output for a while, so that the program never has to wait for us."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def usage(self) -> tuple[float, float]:
        """CPU seconds and resident megabytes so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return ticks, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> None:
        """Kills it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)


class Bench:
    """Where the files of one run are."""

    def __init__(self, directory: Path, megabytes: int, seconds: float, rounds: int) -> None:
        self.report = directory / "report.json"
        self.large = directory / "large.log"
        self.live = directory / "live.log"
        self.seconds = seconds
        self.rounds = rounds
        self.lines = megabytes * 1_000_000 // len(LINE % 0)

    def generate(self, first: bytes = b"", at_90: bytes = b"") -> None:
        """The large log: its last line says so, as may its `first` and the one at nine tenths."""
        block = b"".join(LINE % (number % 10) for number in range(10_000))
        blocks = self.lines // 10_000
        with self.large.open("wb") as log:
            log.write(first)
            for number in range(blocks):
                log.write(at_90 + block if number == blocks * 9 // 10 else block)
            log.write(b"the very last line;\n")
        self.lines = self.lines // 10_000 * 10_000 + 1

    @contextmanager
    def program(self, mode: str, log: Path | None = None) -> Iterator[Terminal]:
        """The bare label, or the pane on a log."""
        arguments = ["bare", str(self.report)] if log is None else [mode, str(self.report), str(log), str(self.lines)]
        terminal = Terminal([sys.executable, "-m", "benchmarks.log_pane_app", *arguments])
        try:
            yield terminal
        finally:
            terminal.end()

    def measured(self, terminal: Terminal) -> tuple[float, int]:
        """CPU seconds and frames since `s` was pressed."""
        self.report.unlink(missing_ok=True)
        terminal.press("r")
        while not self.report.exists():
            terminal.read(0.01)
        found = json.loads(self.report.read_text(encoding="utf-8"))
        return found["cpu"], found["frames"]


@contextmanager
def flood(log: Path) -> Iterator[None]:
    """The log gets 50 000 lines a second."""
    stop = threading.Event()
    chunk = b"".join(LINE % (number % 10) for number in range(FLOOD // 100))

    def write() -> None:
        due = time.perf_counter()
        with log.open("ab", buffering=0) as out:
            while not stop.is_set():
                out.write(chunk)
                due += 0.01
                time.sleep(max(0.0, due - time.perf_counter()))

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def opening(bench: Bench) -> None:
    """A large log: its end, and all of its line numbers."""
    table = Table(
        f"Open a log of {bench.large.stat().st_size / 1e6:.0f} MB, {bench.lines:,} lines",
        ("program", "last line painted", "all indexed", "CPU", "memory"),
    )
    bare, ours = [], []
    for _ in range(bench.rounds):
        with bench.program("bare") as terminal:
            bare.append((terminal.wait("ready;") - terminal.began, 0.0, *terminal.usage()))
        with bench.program("log", bench.large) as terminal:
            painted = terminal.wait("the very last line;") - terminal.began
            ours.append((painted, terminal.wait("indexed;") - terminal.began, *terminal.usage()))
    for name, rows in (("bare label", bare), ("log pane", ours)):
        wall, indexed, cpu, memory = (median(column) for column in zip(*rows, strict=True))
        table.row(name, duration(wall), duration(indexed) if indexed else "-", duration(cpu), f"{memory:.0f} MB")
    ratios = (paired([row[at] for row in ours], [row[at] for row in bare]) for at in (0, 2, 3))
    wall, cpu, memory = (f"{ratio:.2f}x" for ratio in ratios)
    table.row("ratio", wall, "-", cpu, memory)


def frames(bench: Bench) -> None:
    """CPU per frame, while 50 000 lines a second are appended, and per page scrolled."""
    table = Table(f"CPU per frame, {bench.seconds:g} s each", ("what", "frames/s", "CPU/frame", "ratio"))
    with bench.program("bare") as terminal:
        terminal.wait("ready;")
        floor = _per_frame(bench, terminal, lambda: terminal.drain(bench.seconds))
    table.row("bare label", f"{floor[1]:.0f}", duration(floor[0]), "1")
    bench.live.write_bytes(b"")
    with bench.program("log", bench.live) as terminal, flood(bench.live):
        terminal.wait("compiled")
        cost = _per_frame(bench, terminal, lambda: terminal.drain(bench.seconds))
        memory = terminal.usage()[1]
    table.row(f"50k lines/s ({memory:.0f} MB)", f"{cost[1]:.0f}", duration(cost[0]), f"{cost[0] / floor[0]:.1f}x")
    with bench.program("log", bench.large) as terminal:
        terminal.wait("indexed;")
        terminal.press("g")
        cost = _per_frame(bench, terminal, lambda: _pages(terminal, bench.seconds))
    table.row("a page key 20 times a second", f"{cost[1]:.0f}", duration(cost[0]), f"{cost[0] / floor[0]:.1f}x")


def _per_frame(bench: Bench, terminal: Terminal, work: Callable[[], None]) -> tuple[float, float]:
    terminal.drain(0.5)
    terminal.press("s")
    began = time.perf_counter()
    work()
    cpu, painted = bench.measured(terminal)
    return cpu / max(1, painted), painted / (time.perf_counter() - began)


def _pages(terminal: Terminal, seconds: float) -> None:
    for _ in range(int(seconds * 20)):
        terminal.press(" ")
        terminal.drain(0.05)


def latency(bench: Bench) -> None:
    """From a key to its effect on screen."""
    table = Table("Key to screen", ("what", "p50", "p95", "n"))
    with bench.program("bare") as terminal:
        terminal.wait("ready;")
        _latency(table, "bare label", terminal, bench.seconds)
    bench.live.write_bytes(LINE % 1)
    with bench.program("log", bench.live) as terminal:
        terminal.wait("compiled")
        _latency(table, "log pane, idle", terminal, bench.seconds)
        with flood(bench.live):
            _latency(table, "log pane, 50k lines/s", terminal, bench.seconds)


def _latency(table: Table, name: str, terminal: Terminal, seconds: float) -> None:
    terminal.drain(0.5)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        terminal.pressed += 1
        began = time.perf_counter()
        terminal.press("x")
        times.append(terminal.wait(f"keys:{terminal.pressed};") - began)
        terminal.drain(0.037)  # no multiple of a frame
    table.row(name, duration(median(times)), duration(quantiles(times, n=20)[-1]), str(len(times)))


def searching(bench: Bench) -> None:
    """Reading all of the large log for one thing."""
    table = Table("All of the large log", ("what", "greenroom CPU", "beside", "its CPU", "ratio"))
    file = LogFile.open(bench.large)
    assert file is not None
    index, miss, errors = LineIndex(file), Search(file, Words("no such text")), Search(file, error_lines)
    rows: list[tuple[str, Callable[[], object], list[str]]] = [
        ("line index", lambda: [None for _ in iter(lambda: index.extend(1 << 20), 0)], ["wc", "-l"]),
        ("search, any case", lambda: [None for _ in iter(miss.advance, False)], ["grep", "-ci", "no such text"]),
        ("errors", lambda: [None for _ in iter(errors.advance, False)], ["grep", "-cE", "error:|FAILED|panic:|exit 1"]),
    ]
    for name, work, argv in rows:
        began = time.process_time()
        work()
        mine = time.process_time() - began
        before = os.times()
        subprocess.run([*argv, str(bench.large)], stdout=subprocess.DEVNULL, check=False)
        after = os.times()
        theirs = max(0.01, after.children_user + after.children_system - before.children_user - before.children_system)
        table.row(name, duration(mine), argv[0], duration(theirs), f"{mine / theirs:.1f}x")
    file.close()


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the large log")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each frame and latency row is measured")
    parser.add_argument("--rounds", type=int, default=3, help="how often a log is opened")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(Path(directory), options.megabytes, options.seconds, options.rounds)
        bench.generate()
        for part in (opening, frames, latency, searching):
            part(bench)


if __name__ == "__main__":
    main()
