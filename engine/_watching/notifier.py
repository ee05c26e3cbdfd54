"""The system's own reports, through watchfiles; by looking again and again where it has none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from engine._watching.poller import Poller

__all__ = [
    "Notifier",
    "RustNotify",
    "Unwatchable",
    "WatchfilesRustInternalError",
    "open_notifier",
    "silent_filesystem",
]

PER_DIRECTORY: Final = sys.platform == "linux"
"""Where one watch is one directory. Elsewhere the system watches whole trees for the price of one."""

_SILENT: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "vboxsf", "prl_fs", "drvfs", "fuse.sshfs", "fuse.rclone"}
)

Notifier = RustNotify | Poller


class Unwatchable(Exception):
    """The system will not watch these directories; the text is for people and says what would help."""


def open_notifier(directories: Iterable[str], *, polling: bool) -> Notifier:
    """Watch exactly these directories, not what is below them (but see `PER_DIRECTORY`).

    Directories that vanish meanwhile are left out. Raises `Unwatchable`.
    """
    wanted = sorted(directories)
    if polling:
        return Poller(wanted)
    for _ in range(10):
        try:
            return RustNotify(wanted, False, False, 0, not PER_DIRECTORY, True)
        except FileNotFoundError:
            wanted = [path for path in wanted if os.path.isdir(path)]  # noqa: PTH112 - thousands of them
        except (OSError, WatchfilesRustInternalError) as error:
            raise Unwatchable(_advice(error, len(wanted))) from error
    raise Unwatchable("The directories change too fast to be watched.")


def silent_filesystem(directory: Path) -> str:
    """The type of the file system of `directory` where it is one that does not report changes made elsewhere."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    place, kind = "", ""
    real = os.path.realpath(directory)
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ").rstrip("/")
        if (real == point or real.startswith(f"{point}/")) and len(point) >= len(place):
            place, kind = point, right.split()[0]
    return kind if kind in _SILENT else ""


def _advice(error: Exception, count: int) -> str:
    if "limit" in str(error).lower():
        return (
            f"The system's limit of watched directories is reached ({count} are needed)."
            " Raise it: sudo sysctl fs.inotify.max_user_watches=524288"
        )
    return f"The system does not report changes here ({error})."
