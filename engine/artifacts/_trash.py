# ruff: noqa: PTH102, PTH104, PTH108, PTH112, PTH114
# os calls on plain strings, as everywhere around workspaces.
"""What has to go is renamed aside at once and deleted in the background."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import threading

_TRIES = 5

_serial = itertools.count()


def toss(path: str, trash: str) -> None:
    """Move something into the trash; where it cannot be moved, delete it. Raises `OSError` where neither can be."""
    target = f"{trash}/{os.getpid()}-{next(_serial)}"
    for _ in range(_TRIES):
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(trash, 0o700)
            os.rename(path, target)
            return
        except FileNotFoundError:  # the trash was being emptied and went in between
            continue
        except OSError:  # a mount point, or not ours to move
            break
    _delete(path)
    if os.path.lexists(path):
        raise OSError(f"{path} cannot be removed")


def empty_in_background(trash: str) -> None:
    """Delete the trash. What a crash left in it goes as well."""
    if os.path.lexists(trash):
        threading.Thread(target=_delete, args=(trash,), name="greenroom-trash", daemon=True).start()


def empty(trash: str) -> None:
    """Delete the trash, and be sure of it."""
    _delete(trash)


def _delete(path: str) -> None:
    """Delete as far as we may; directories that are closed are opened for it."""
    if not os.path.isdir(path) or os.path.islink(path):
        with contextlib.suppress(OSError):
            os.unlink(path)
        return
    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        for directory, names, _ in os.walk(path):
            for place in (directory, *(f"{directory}/{name}" for name in names)):
                with contextlib.suppress(OSError):
                    if not os.path.islink(place):
                        os.chmod(place, 0o700)  # noqa: PTH101
        shutil.rmtree(path, ignore_errors=True)
