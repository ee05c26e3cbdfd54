"""Real processes: their groups, environment, and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.journal import processes
from engine.runners.host import HostRunner
from engine.runners.output import open_output

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Bench:
    """A runner with its log."""

    def __init__(self, folder: Path, marker: str = "action-1") -> None:
        self.folder = folder
        self.log = folder / "log"
        self.started: list[tuple[int, str]] = []
        self.on_start: Callable[[int], None] = lambda _: None
        self.runner = HostRunner(marker, self._note, grace=0.3)

    def _note(self, pid: int, birth: str) -> None:
        self.started.append((pid, birth))
        self.on_start(pid)

    async def sh(self, text: str, **environment: str) -> int:
        output = open_output(self.log)
        try:
            return await self.runner.run(
                ["/bin/sh", "-c", text],
                directory=self.folder,
                environment={"PATH": os.environ["PATH"], **environment},
                output=output,
            )
        finally:
            await output.close()

    async def until(self, name: str) -> int:
        """Wait for a process to write its pid into a file."""
        file = self.folder / name
        while not (  # noqa: ASYNC110 - the other side is a shell
            file.exists() and file.read_text().endswith("\n")
        ):
            await asyncio.sleep(0.005)
        return int(file.read_text())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, marker=f"test-{os.getpid()}-{tmp_path.name}")


def alive(pid: int) -> bool:
    if sys.platform != "linux":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


@pytest.mark.parametrize(("text", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -9)])
async def test_exit_status(bench: Bench, text: str, status: int) -> None:
    assert await bench.sh(text) == status


async def test_output_of_both_streams_is_appended_to_the_log(bench: Bench) -> None:
    await bench.sh("echo out; echo err >&2")
    await bench.sh("echo more")
    assert bench.log.read_text() == "out\nerr\nmore\n"


async def test_the_environment_is_exactly_the_one_given(bench: Bench) -> None:
    await bench.sh("env", A="1")
    names = {line.partition("=")[0] for line in bench.log.read_text().splitlines()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {"PATH", "A", processes.MARKER}


async def test_each_process_leads_a_session_of_its_own(bench: Bench) -> None:
    await bench.sh("ps -o pid=,pgid=,sid= -p $$ 2>/dev/null || cut -d' ' -f1,5,6 /proc/$$/stat")
    pid, group, session = bench.log.read_text().split()
    assert pid == group == session == str(bench.started[0][0])
    assert session != str(os.getsid(0))


async def test_the_start_is_told_while_the_process_is_still_there(bench: Bench) -> None:
    seen: list[str] = []
    bench.on_start = lambda pid: seen.append(processes.birth(pid))
    await bench.sh("true")
    assert seen == [bench.started[0][1]]
    assert seen[0]


async def test_a_program_that_is_not_there(bench: Bench) -> None:
    output = open_output(bench.log)
    with pytest.raises(FileNotFoundError):
        await bench.runner.run(["/no/such/program"], directory=bench.folder, environment={}, output=output)
    await output.close()


async def test_cancelling_ends_the_whole_group(bench: Bench) -> None:
    task = asyncio.create_task(bench.sh("sleep 60 & echo $! > child; wait"))
    child = await bench.until("child")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.runner.end()
    assert not alive(bench.started[0][0])
    assert not alive(child)


async def test_a_process_may_tidy_up_when_it_is_ended(bench: Bench) -> None:
    task = asyncio.create_task(bench.sh("trap 'echo tidied; exit' TERM; echo $$ > up; sleep 60 & wait"))
    await bench.until("up")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.log.read_text() == "tidied\n"


async def test_who_ignores_the_request_is_killed(bench: Bench) -> None:
    bench.runner.grace = 0.01
    task = asyncio.create_task(bench.sh("trap '' TERM; echo $$ > up; while :; do sleep 60; done"))
    pid = await bench.until("up")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)


@linux
async def test_the_end_finds_what_left_the_group(bench: Bench) -> None:
    await bench.sh("setsid sh -c 'echo $$ > far; exec sleep 60' & true")
    far = await bench.until("far")
    assert alive(far)
    await bench.runner.end()
    assert not alive(far)


@linux
async def test_the_end_spares_other_actions(bench: Bench, tmp_path: Path) -> None:
    other = Bench(tmp_path, marker=f"{bench.runner.marker}-other")
    await other.sh("sleep 60 & echo $! > pid")
    pid = await other.until("pid")
    await bench.runner.end()
    assert alive(pid)
    await other.runner.end()
    assert not alive(pid)


async def test_a_second_cancellation_only_shortens_the_grace(bench: Bench) -> None:
    bench.runner.grace = 3600
    task = asyncio.create_task(bench.sh("trap '' TERM; echo $$ > up; while :; do sleep 60; done"))
    pid = await bench.until("up")
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)
    await bench.runner.end()


async def test_broken_pipes_end_programs_as_in_a_shell(bench: Bench) -> None:
    # Python ignores SIGPIPE; a child that inherited that would complain instead of ending.
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
    await bench.sh("yes | head -1")
    assert bench.log.read_text() == "y\n"
