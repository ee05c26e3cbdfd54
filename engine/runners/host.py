"""Running processes on this machine, in groups of their own, and ending all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runners.docker.again import forget
from engine.runners.output import Output

if TYPE_CHECKING:
    from engine.runners.users import Account

_ENVIRONMENT = 1 << 20  # more than most systems let a process have

GRACE = 3.0
"""Seconds between the request to end and the kill."""


Wrap = Callable[[Sequence[str], Path, str], Sequence[str]]
"""What to start instead of a program in a directory, for a user ("" for this one)."""


class HostRunner:
    """The processes of one action.

    `marker` is the action execution id; it is put in each process's environment as ``GREENROOM_ACTION``, so that
    `end`, and a later start of greenroom, find what escaped from its group. `started(pid, birth)` is called for each
    process group right after its start. `wrap` may put another program in front of each.
    """

    def __init__(
        self, marker: str, started: Callable[[int, str], None], *, grace: float = GRACE, wrap: Wrap | None = None
    ) -> None:
        self.marker = marker
        self._wrap = wrap or (lambda argv, directory, user: argv)
        self.grace = grace
        self._started = started
        self._outlived: set[int] = set()

    @property
    def shows(self) -> bool:
        """Only this user and root see it."""
        return False

    async def prepare(self, folders: Iterable[Path], output: Output) -> None:
        """This machine is ready. What a container left word of is no more."""
        for folder in folders:
            forget(folder)

    async def settle(self) -> None:
        """It can: this user made it."""

    async def update(self, places: Iterable[Path]) -> None:
        """Commands see what is here."""

    async def fetch(self) -> None:
        """What was made is here."""

    async def hand_over(self, user: str, folders: Iterable[Path]) -> None:
        """Files and folders get a new owner. Raises `OSError` where there is no such user."""
        from engine.runners.users import hand_over

        whom = _known(user)
        await asyncio.to_thread(hand_over, whom, tuple(folders))

    async def run(
        self, argv: Sequence[str], *, directory: Path, environment: Mapping[str, str], output: Output, user: str = ""
    ) -> int:
        """Run a program to its end and return its exit status, negative for a signal.

        The environment is exactly the one given, plus the marker. Cancelled, the whole group is ended before the
        cancellation goes on. Raises `OSError` where the program cannot be started, or not as that user.
        """
        from engine.journal import processes

        whom = _known(user) if user else None
        process = subprocess.Popen(  # noqa: ASYNC220 - a vfork takes a millisecond; the pidfd does the waiting
            list(self._wrap(argv, directory, user)),
            cwd=directory,
            env={**environment, processes.MARKER: self.marker},
            stdin=subprocess.DEVNULL,
            stdout=output.descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=whom.uid if whom else None,
            group=whom.gid if whom else None,
            extra_groups=whom.groups if whom else None,
        )
        exited = _exit(process)
        try:
            self._started(process.pid, processes.birth(process.pid))
            return await asyncio.shield(exited)
        except BaseException:
            await self._end_group(process, exited)
            raise
        finally:
            if _group_lives(process.pid):
                self._outlived.add(process.pid)

    async def end(self) -> None:
        """End whatever the action left running. Takes up to the grace and a second where something resists."""
        from engine.journal import processes

        if sys.platform != "linux":  # no marker to be read there: the groups are all that is known
            for group in self._outlived:
                _kill_group(group, signal.SIGKILL)
            return
        marker = f"{processes.MARKER}={self.marker}"
        # Nothing is left of nearly every action, and that can be seen in a fraction of the time that ending takes.
        await asyncio.to_thread(lambda: _any_carries(marker) and processes.end_marked(marker, self.grace))

    async def _end_group(self, process: subprocess.Popen[bytes], exited: asyncio.Future[int]) -> None:
        try:
            _kill_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(exited), self.grace)
        finally:  # a second cancellation shortens the grace, nothing else
            _kill_group(process.pid, signal.SIGKILL)
            await asyncio.shield(exited)


def _known(user: str) -> Account:
    from engine.runners.users import account

    if (found := account(user)) is None:
        raise OSError(f"this machine has no user {user}")
    return found


def _kill_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _exit(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """The exit status, once there is one. Waits on the kernel's handle of the process, or in a thread without."""
    loop = asyncio.get_running_loop()
    if not hasattr(os, "pidfd_open"):
        return asyncio.ensure_future(asyncio.to_thread(process.wait))
    handle = os.pidfd_open(process.pid)
    future: asyncio.Future[int] = loop.create_future()

    def ended() -> None:
        loop.remove_reader(handle)
        os.close(handle)
        status = process.wait()
        if not future.done():
            future.set_result(status)

    loop.add_reader(handle, ended)
    return future


def _any_carries(marker: str) -> bool:
    """Whether any process has the marker in its environment, at a system call or three for each."""
    needle = os.fsencode(marker)
    for name in os.listdir("/proc"):  # noqa: PTH208 - runs after every action
        if not name.isdigit():
            continue
        try:
            descriptor = os.open(f"/proc/{name}/environ", os.O_RDONLY)
        except OSError:  # gone, or another user's
            continue
        try:
            if needle in os.read(descriptor, _ENVIRONMENT):
                return True
        except OSError:
            continue
        finally:
            os.close(descriptor)
    return False
