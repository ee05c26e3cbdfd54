"""Processes that a dead greenroom left behind: recognised without doubt, then ended.

A process id alone proves nothing, it may belong to somebody else by now. A process is named by its id and its
*birth*: the boot it lives in and the tick at which it started.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MARKER: Final = "GREENROOM_ACTION"
"""The environment variable that marks all processes of an action; its value is the action execution's id."""

_PROC: Final = Path("/proc")
_PAUSE: Final = 0.02
_AFTER_KILL: Final = 1.0  # seconds; a process in uninterruptible sleep may take longer, we do not


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the process table. Two are the same process when id and birth agree."""

    pid: int
    birth: str
    group: int = field(compare=False)
    session: int = field(compare=False)
    zombie: bool = field(compare=False)


def birth(pid: int) -> str:
    """What tells this process from any other that had or will have its id; "" when there is none."""
    process = _look(pid)
    return process.birth if process else ""


def leftovers(marker: str) -> list[int]:
    """The ids of our living processes that were started with `marker` (``NAME=value``) in the environment.

    They are found wherever they went: other groups or sessions, adopted by init. Linux only, [] elsewhere.
    """
    return sorted(process.pid for process in _table() if _endable(process) and _carries(process, marker))


def end_group(pid: int, born: str, grace: float = 2.0, marker: str = "") -> bool:
    """End the process group that `pid` leads and the rest of its session: TERM, `grace` seconds, then KILL.

    Only where the process with that id has the birth `born`. With `marker` (``GREENROOM_ACTION=<id>``) those
    that carry it are ended too, wherever they moved to and even if the leader is gone. Returns whether there
    was anything of ours to end. Blocks for up to `grace` and a second: not for an event loop.
    """
    known: set[Process] = set()

    def family() -> set[Process]:
        table = list(_table())
        # An id is not given out again while a group or session of that name has members, so a member seen
        # earlier vouches for the group just as the leader does.
        pinned = pid > 1 and any(
            (p.pid == pid and p.birth == born) or (p in known and pid in (p.group, p.session)) for p in table
        )
        known.update(p for p in table if (pinned and pid in (p.group, p.session)) or (marker and _carries(p, marker)))
        return {p for p in table if p in known and _endable(p)}

    return _end(family, grace)


def end_marked(marker: str, grace: float = 2.0) -> bool:
    """End every process that `leftovers` finds, as `end_group` does. Blocks."""
    return end_group(0, "", grace, marker)


def _end(family: Callable[[], set[Process]], grace: float) -> bool:
    victims = family()
    if not victims:
        return False
    told: set[Process] = set()
    deadline = time.monotonic() + grace
    while victims and time.monotonic() < deadline:
        for process in victims - told:  # once each: many programs take a second TERM for impatience
            _signal(process, signal.SIGTERM)
        told |= victims
        time.sleep(_PAUSE)
        victims = family()
    deadline = time.monotonic() + _AFTER_KILL
    while victims and time.monotonic() < deadline:
        for process in victims:
            _signal(process, signal.SIGKILL)
        time.sleep(_PAUSE)
        victims = family()
    return True


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if not hasattr(os, "pidfd_open"):
            if birth(process.pid) == process.birth:
                os.kill(process.pid, number)
            return
        handle = os.pidfd_open(process.pid)
        try:
            # Looked at after the handle was taken: what dies now keeps the handle from meaning anybody else.
            if birth(process.pid) == process.birth:
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _endable(process: Process) -> bool:
    return not process.zombie and process.pid not in (1, os.getpid(), os.getppid())


def _carries(process: Process, marker: str) -> bool:
    try:
        environment = (_PROC / str(process.pid) / "environ").read_bytes()
    except OSError:  # gone, or somebody else's, or not Linux
        return False
    return os.fsencode(marker) in environment.split(b"\0")


def _table() -> Iterator[Process]:
    if not _linux():
        yield from _listed("-ax")
        return
    for name in os.listdir(_PROC):  # noqa: PTH208 - hundreds of Path objects for nothing
        if name.isdigit() and (process := _look(int(name))):
            yield process


def _look(pid: int) -> Process | None:
    if pid <= 0:
        return None
    if not _linux():
        return next(_listed("-p", str(pid)), None)
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The command's name is in parentheses and may itself hold spaces and parentheses: proc_pid_stat(5).
    state, _, group, session, *rest = stat.rpartition(b")")[2].split()
    return Process(pid, f"{_boot()}:{int(rest[15])}", int(group), int(session), state in (b"Z", b"X"))


def _listed(*selection: str) -> Iterator[Process]:
    """The process table as ps tells it where there is no /proc. Its `sess` is no process id: unused."""
    command = ["ps", *selection, "-o", "pid=,pgid=,stat=,lstart="]
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    told = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    for line in told.stdout.splitlines():
        pid, group, state, *started = line.split()
        yield Process(int(pid), " ".join(started), int(group), 0, state.startswith("Z"))


def _linux() -> bool:
    return sys.platform == "linux"


@functools.cache
def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
