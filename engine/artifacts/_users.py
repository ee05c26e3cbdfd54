# ruff: noqa: PTH115, PTH208
# os calls on plain strings: there are many processes.
"""Who is in a directory: processes that could still write there, whatever it is renamed to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator


def is_used(directory: str) -> bool | None:
    """Whether a process works in the directory or has a file open there. None where that cannot be known."""
    if not os.path.lexists(directory):
        return False
    if sys.platform != "linux":
        return None
    real = os.path.realpath(directory)
    inside = real + "/"
    return any(place == real or place.startswith(inside) for place in _places())


def _places() -> Iterator[str]:
    """Working directories, roots and open files of all processes that may be looked at."""
    for process in os.listdir("/proc"):
        if process.isdigit():
            for name in ("cwd", "root"):
                yield _target(f"/proc/{process}/{name}")
            try:
                handles = os.listdir(f"/proc/{process}/fd")
            except OSError:  # gone, or another user's
                continue
            for handle in handles:
                yield _target(f"/proc/{process}/fd/{handle}")


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""
