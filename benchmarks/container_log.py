"""How fast a command's output gets from a container into the log, by each way that there is."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Goal, Table, paired
from engine.runners.docker.container import ContainerRunner, Setting
from engine.runners.docker.daemon import Daemon, EngineError, connect
from engine.runners.docker.wish import Wish
from engine.runners.output import Output, open_output

MEGABYTES = 64
BY_ITSELF = Goal(1.5)
"""Of a `cat` into a file, where the engine is local and there are no secrets."""

Way = Callable[[], Coroutine[None, None, None]]


@dataclass(slots=True)
class _Timed:
    """Wall seconds of each round, and the seconds of CPU that this process spent on it."""

    wall: list[float]
    own: list[float]


async def _time(ways: dict[str, Way], rounds: int) -> dict[str, _Timed]:
    found = {name: _Timed([], []) for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            wall, own = time.perf_counter(), time.process_time()
            await way()
            found[name].wall.append(time.perf_counter() - wall)
            found[name].own.append(time.process_time() - own)
    return found


async def _measured(daemon: Daemon, image: str, place: Path, rounds: int) -> dict[str, _Timed]:
    work, scratch = place / "work", place / "work" / "tmp"
    scratch.mkdir(parents=True)
    text = work / "text"
    line = b"compiling module %07d of the application and its tests, warnings are off\n"
    text.write_bytes(b"".join(line % at for at in range((MEGABYTES << 20) // 74)))
    runner = ContainerRunner(Setting(Wish(image), place / "state", work, brought=()))
    await runner.provide(lambda said: None)
    main = open_output(place / "log")
    await runner.prepare((work, scratch), main)

    async def ran(output: Output) -> None:
        status = await runner.run(["cat", str(text)], directory=work, environment={}, output=output)
        await output.close()
        assert status == 0

    def fresh(name: str, *secrets: str) -> Output:
        (work / name).unlink(missing_ok=True)
        return open_output(work / name, secrets)

    async def through_the_connection() -> None:
        output = fresh("connection")
        output.path = None  # type: ignore[misc]
        await ran(output)

    async def by_the_client() -> None:
        with (work / "client").open("wb") as sink:
            argv = ["docker", "--host", daemon.address, "run", "--rm", "--network=none", "--entrypoint=cat"]
            mount = f"--mount=type=bind,source={work},target={work}"
            await asyncio.to_thread(subprocess.run, [*argv, mount, image, str(text)], stdout=sink, check=True)

    async def without() -> None:
        with (work / "plain").open("wb") as sink:
            await asyncio.to_thread(subprocess.run, ["cat", str(text)], stdout=sink, check=True)

    ways: dict[str, Way] = {
        "no container: cat into a file": without,
        "the commands write the log themselves": lambda: ran(fresh("itself")),
        "through a mask, for there are secrets": lambda: ran(fresh("masked", "a secret value")),
        "through the engine's connection": through_the_connection,
    }
    if shutil.which("docker"):
        ways["`docker run` into a file, start and end included"] = by_the_client
    try:
        return await _time(ways, rounds)
    finally:
        await runner.end()
        await main.close()


def measure(place: Path, *, rounds: int) -> None:
    """Print the table."""
    from tests.runners.docker_image import make

    try:
        daemon = connect()
    except EngineError as error:
        print(f"\nLogs of containers are left out: {error}.")
        return
    found = asyncio.run(_measured(daemon, make(daemon.client, ("sh", "cat")), place, rounds))
    table = Table(
        f"{MEGABYTES} MB from a container into the log",
        ("way", "MB/s", "ratio to plain", "greenroom's own CPU", f"goal {BY_ITSELF}"),
    )
    plain = found["no container: cat into a file"]
    for name, timed in found.items():
        ratio = paired(timed.wall, plain.wall)
        best = MEGABYTES / min(timed.wall)
        verdict = BY_ITSELF.verdict(ratio) if "themselves" in name else "-"
        table.row(name, f"{best:.0f}", f"{ratio:.2f}", f"{min(timed.own):.2f} s", verdict)
