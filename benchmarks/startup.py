"""From the command to the first frame on the terminal, beside a Textual app that shows one line."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.table import Goal, Table, duration, paired
from benchmarks.tools import environment, greenroom

GOAL = Goal(1.5)
FRAME = b"Help"
"""A word of the key bar: it is in the first frame. The bare app shows it, too."""
PIPELINE = b"Banner"
"""An action's name: the frame that shows the pipeline."""
PATIENCE = 20.0
SAMPLES = Path(__file__).parents[1] / "sample-pipelines"


@dataclass(slots=True)
class Sight:
    """Seconds from the command until each text was on the terminal, and the CPU that this took. Infinite: never."""

    wall: dict[bytes, float]
    cpu: float


def _watch(argv: list[str], directory: Path, texts: tuple[bytes, ...]) -> Sight:
    """Start a program in a terminal of 120x40 and wait for the texts."""
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvpe(argv[0], argv, {**environment(), "TERM": "xterm-256color", "COLORTERM": "truecolor"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    sight = Sight(dict.fromkeys(texts, float("inf")), 0.0)
    seen = b""
    while any(text not in seen for text in texts) and select.select([terminal], [], [], PATIENCE)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
        now = time.perf_counter() - began
        for text in texts:
            if text in seen:
                sight.wall[text] = min(now, sight.wall[text])
    os.kill(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    os.close(terminal)
    sight.cpu = usage.ru_utime + usage.ru_stime
    return sight


def bench(place: Path, rounds: int) -> None:
    """The floor, greenroom's first frame on the sample `hello`, and the frame that shows its pipeline."""
    shutil.copytree(SAMPLES / "hello", place / "hello")
    bare, ours = [], []
    for _ in range(rounds + 1):
        bare.append(_watch([sys.executable, "-m", "benchmarks.bare_app"], SAMPLES.parent, (FRAME,)))
        ours.append(_watch([greenroom().argv[0]], place / "hello", (FRAME, PIPELINE)))
    del bare[0], ours[0]  # the first round only warms the caches
    floor = [sight.wall[FRAME] for sight in bare]
    table = Table("From the command to the first frame", ("frame", "wall", "ratio", "goal", "met"))
    table.row("a bare Textual app", duration(median(floor)), "1.00x", "-", "-")
    first = [sight.wall[FRAME] for sight in ours]
    ratio = paired(first, floor)
    table.row("greenroom", duration(median(first)), f"{ratio:.2f}x", str(GOAL), GOAL.verdict(ratio))
    drawn = [sight.wall[PIPELINE] for sight in ours]
    table.row("greenroom, with the pipeline", duration(median(drawn)), f"{paired(drawn, floor):.2f}x", "-", "-")
    cpus = f"{duration(median(sight.cpu for sight in bare))} and {duration(median(sight.cpu for sight in ours))}"
    print(f"\nCPU of the whole, bare and greenroom: {cpus}.")
