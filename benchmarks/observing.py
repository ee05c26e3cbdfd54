"""What observing a build's inputs costs: the same commands plain and under strace, and reading the trace."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.snapshot import Stopwatch
from benchmarks.table import Goal, Table, duration, paired
from engine.artifacts.store import Store
from engine.runners.reading import Reading
from engine.runners.tracing import Tracer, obstacle

COST = Goal(5)
"""A build that does nothing but open small files may take this much of its time while it is observed."""

FILES, HEADERS, TESTS, PROGRAMS = 20, 30, 400, 200


@dataclass(frozen=True, slots=True)
class Work:
    """Commands to be run in a folder of files."""

    name: str
    command: Sequence[str]


def _sources(folder: Path) -> None:
    """C files that include many headers, and many small test modules."""
    for number in range(HEADERS):
        (folder / f"h{number}.h").write_text(f"int f{number}(int);\n#include <stdio.h>\n#include <stdlib.h>\n")
    includes = "".join(f'#include "h{number}.h"\n' for number in range(HEADERS))
    for number in range(FILES):
        (folder / f"c{number}.c").write_text(f"{includes}int g{number}(int x) {{ return x + {number}; }}\n")
    objects = " ".join(f"c{number}.o" for number in range(FILES))
    (folder / "Makefile").write_text(f"all: {objects}\n%.o: %.c\n\tcc -c -o $@ $<\n")
    for number in range(TESTS):
        (folder / f"test_{number}.py").write_text(
            "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertTrue(open(__file__).read())\n"
        )
        (folder / f"read{number}.txt").write_text(f"{number}\n")


def _works() -> list[Work]:
    found = [
        Work(f"{FILES * 20} small files read by cat", ["sh", "-c", "cat read*.txt > /dev/null"]),
        Work(f"python -m unittest, {TESTS} modules", [sys.executable, "-B", "-m", "unittest", "-q"]),
        Work(
            f"{PROGRAMS} x /bin/true", ["sh", "-c", f"i=0; while [ $i -lt {PROGRAMS} ]; do /bin/true; i=$((i+1)); done"]
        ),
    ]
    if shutil.which("make") and shutil.which("cc"):
        found.insert(0, Work(f"make -B, {FILES} C files with {HEADERS} headers each", ["make", "-B", "-s"]))
    return found


def _run(argv: Sequence[str], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(place: Path, *, rounds: int) -> None:
    """Print the table."""
    if obstacle():
        print(f"\nObserved inputs are left out: {obstacle()}.")
        return
    table = Table(
        "Observed inputs: CPU time beside the same commands plain",
        ("work", "plain", "observed", "ratio", "reading the trace", f"goal {COST}"),
    )
    folder = place / "source"
    folder.mkdir()
    _sources(folder)
    store = Store(place / "store")
    tree = store.put_directory(folder)
    for work in _works():
        watch = Stopwatch()
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as traces:
                tracer = Tracer(Path(traces))
                # beside the command, strace would be nobody's child and its time nobody's
                observed = [word for word in tracer.wrap(work.command) if word != "-D"]
                watch.time("plain", partial(_run, work.command, folder))
                watch.time("observed", partial(_run, observed, folder))
                reading = Reading(store, place, {"Source": (folder, tree)})
                watch.time("reading", partial(reading.take, tracer.traces[0], str(folder)))
        ratio = paired(watch.cpu["observed"], watch.cpu["plain"])
        best = {case: min(found) for case, found in watch.cpu.items()}
        table.row(
            work.name,
            duration(best["plain"]),
            duration(best["observed"]),
            f"{ratio:.2f}x",
            duration(best["reading"]),
            COST.verdict(ratio),
        )
    store.close()
