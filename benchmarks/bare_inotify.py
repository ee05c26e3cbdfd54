"""The floor of every watcher: the kernel's own news of a save, and a command.

`python -m benchmarks.bare_inotify FILE COMMAND` runs the command at once and after each time the file was written.
"""

from __future__ import annotations

import ctypes
import os
import sys

IN_CLOSE_WRITE = 0x8


def main(file: str, command: str) -> None:
    """Watch until killed."""
    libc = ctypes.CDLL(None, use_errno=True)
    queue = libc.inotify_init1(os.O_CLOEXEC)
    if libc.inotify_add_watch(queue, os.fsencode(file), IN_CLOSE_WRITE) < 0:
        raise OSError(ctypes.get_errno(), file)
    while True:
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", command], os.environ), 0)
        os.read(queue, 4096)


if __name__ == "__main__":
    main(*sys.argv[1:])
