"""What hiding secrets costs: a program that writes as fast as it can, into a log as it is and one behind a mask."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path

from benchmarks.table import Goal, Table, duration, paired
from engine.runners.output import open_output

SIZE = 64 << 20
BY_BYTES = Goal(6)
"""One short secret: so many times as long as `cat` takes to copy the bytes. No build writes that fast."""
_LINE = b"[%d] building module number %d of the whole, token=none, /usr/lib/x%d.o is up to date\n"


def measure(place: Path, *, rounds: int) -> None:
    """Print the table."""
    source = place / "output"
    with source.open("wb") as file:
        for at in range(SIZE // len(_LINE % (10**5, 10**5, 10**5))):
            file.write(_LINE % (at, at, at))
    cases: dict[str, list[str]] = {
        "one secret": ["s3cr3t-Value/1234567"],
        "20 secrets": [f"s3cr3t-Value/{at}-{os.urandom(8).hex()}" for at in range(20)],
        "a key of 26 lines": ["\n".join(os.urandom(32).hex() for _ in range(26))],
        "64 KB in 1,000 lines": ["\n".join(os.urandom(32).hex() for _ in range(1_000))],
    }
    times: dict[str, list[float]] = {"cat": [], "no secret": [], **{case: [] for case in cases}}
    for _ in range(rounds):
        times["cat"].append(_cat(source, place / "copy"))
        for case, secrets in {"no secret": [], **cases}.items():
            times[case].append(asyncio.run(_logged(source, place / "log", secrets)))
            (place / "log").unlink()
    size = source.stat().st_size
    table = Table(f"A program writes {size >> 20} MB", ("into", "time", "MB/s", "ratio to cat", f"goal {BY_BYTES}"))
    for case, taken in times.items():
        middle = sorted(taken)[len(taken) // 2]
        ratio = paired(taken, times["cat"])
        verdict = BY_BYTES.verdict(ratio) if case in ("no secret", "one secret") else ""
        table.row(case, duration(middle), f"{size / middle / 1e6:.0f}", f"{ratio:.1f}x", verdict)


def _cat(source: Path, target: Path) -> float:
    began = time.perf_counter()
    with target.open("wb") as file:
        subprocess.run(["cat", source], stdout=file, check=True)
    took = time.perf_counter() - began
    target.unlink()
    return took


async def _logged(source: Path, log: Path, secrets: list[str]) -> float:
    """A build's log, from the first byte to the last one on disk."""
    began = time.perf_counter()
    output = open_output(log, secrets)
    process = await asyncio.create_subprocess_exec("cat", str(source), stdout=output.descriptor)
    await process.wait()
    await output.close()
    return time.perf_counter() - began
