"""Who runs the commands: the host and the shell, as parts of a fingerprint."""

from __future__ import annotations

import functools
import os
import platform
import shutil
from pathlib import Path

from engine.model.outcome import Part


def find_shell(name: str) -> Path | None:
    """The shell of that name or path; None where this machine has none.

    Links stay: a shell that is called sh behaves otherwise than under its own name.
    """
    found = shutil.which(name)
    return Path(found) if found else None


def host_parts(shell: Path | None) -> tuple[Part, ...]:
    """The identity of this machine and of the shell on it."""
    machine = Part("runner", "host", _machine())
    if shell is None:
        return (machine,)
    try:
        stat = shell.stat()
    except OSError:
        return (machine,)
    return (machine, Part("shell", str(shell), f"{shell.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"))


@functools.cache
def _machine() -> str:
    # platform.platform() would start a process for the C library's version.
    uname = os.uname()
    return f"{uname.sysname.lower()}/{platform.machine() or uname.machine}"
