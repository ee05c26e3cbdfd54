"""`run-as` on this machine: which other user commands can run as, and what must become that user's first."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_ACCESS = "system.posix_acl_access"
_NOBODY = 0xFFFFFFFF
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 1, 2, 4, 0x10, 0x20  # tags of an access control list
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def myself() -> str:
    """The name of the user that greenroom runs as."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return str(os.getuid())


def account(name: str) -> Account | None:
    """The user of that name or number; None where this machine has none."""
    try:
        import pwd

        found = pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name)
    except (ImportError, KeyError, OverflowError):
        return None
    groups = tuple(os.getgrouplist(found.pw_name, found.pw_gid))
    return Account(found.pw_name, found.pw_uid, found.pw_gid, groups, found.pw_dir)


def obstacle(name: str, folder: Path, *, below: Path) -> str:
    """Why commands cannot run as somebody in `folder`, in words; empty where they can.

    Folders from `below` on, greenroom's own, are opened for that user, by an access control list, as far as needed to
    pass through them. Those above are left as they are.
    """
    if os.getuid() != 0:
        return "only root may run commands as somebody else"
    found = account(name)
    if found is None:
        return f"this machine has no user {name}"
    folder.mkdir(parents=True, exist_ok=True)
    own = [place for place in (folder, *folder.parents) if place.is_relative_to(below)]
    for place in reversed(own):
        if not _enters(found, place):
            with contextlib.suppress(OSError):
                _let_through(place, found.uid)
    if _enters(found, folder):
        return ""
    closed = next((place for place in reversed((folder, *folder.parents)) if not _enters(found, place)), folder)
    return f"{found.name} may not enter {closed}"


def hand_over(user: Account, folders: Iterable[Path]) -> None:
    """Give everything in the folders to somebody, but for further names of a file: those are the store's own."""
    for folder in folders:
        _give(folder, user)
        for place, inner, files in os.walk(folder):
            for name in (*inner, *files):
                _give(Path(place, name), user)


def _give(path: Path, user: Account) -> None:
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat()
        if found.st_uid != user.uid and (found.st_nlink == 1 or stat.S_ISDIR(found.st_mode)):
            os.lchown(path, user.uid, user.gid)


def _enters(user: Account, folder: Path) -> bool:
    """Whether that user may pass through a folder: asked of the system itself, which knows every kind of permission."""
    try:
        asked = subprocess.run(
            ["/bin/sh", "-c", 'cd -P -- "$1"', "sh", str(folder)],
            user=user.uid,
            group=user.gid,
            extra_groups=user.groups,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return asked.returncode == 0


def _let_through(folder: Path, uid: int) -> None:
    """Allow one more user to pass through a folder, not to list it. Raises `OSError` where that cannot be said."""
    if not hasattr(os, "setxattr"):
        raise OSError("no access control lists here")
    mode = stat.S_IMODE(folder.stat().st_mode)
    try:
        known = os.getxattr(folder, _ACCESS)
        rows = [row for row in struct.iter_unpack("<HHI", known[4:]) if row[0] == _USER and row[2] != uid]
    except OSError:
        rows = []
    rows = [
        (_USER_OBJ, mode >> 6 & 7, _NOBODY),
        *sorted([*rows, (_USER, 1, uid)], key=lambda row: row[2]),
        (_GROUP_OBJ, 0 if rows else mode >> 3 & 7, _NOBODY),
        (_MASK, (mode >> 3 & 7) | 1, _NOBODY),
        (_OTHER, mode & 7, _NOBODY),
    ]
    os.setxattr(folder, _ACCESS, struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows))
