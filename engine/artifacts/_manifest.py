# ruff: noqa: PTH105, PTH108
# os calls on plain strings: there are many files.
"""What a directory's files looked like when they were last known: packed rows that load at C speed.

Used twice: as the snapshot's stat cache (one row for each directory, in the store's index) and as the workspace's
manifest (one file beside the workspace).
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from engine.artifacts.tree import decode_name, encode_name

_LOOK = struct.Struct("<qqqQIB32s")
_LENGTH = struct.Struct("<II")
_MAGIC = b"greenroom workspace 1\n"
EXECUTABLE, RACY = 1, 2


Look = tuple[int, int, int, int, int, int, bytes]
"""A regular file's stat and the digest its content had then: mtime, ctime (ns), size, inode, mode, flags, digest.

A plain tuple, because a start unpacks one for each file of the source.
"""


def look_at(status: os.stat_result, flags: int, digest: bytes, size: int | None = None) -> Look:
    """The look of a file. `size`, where given, is that of the content that was read."""
    return (
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size if size is None else size,
        status.st_ino,
        status.st_mode,
        flags,
        digest,
    )


def pack(files: Mapping[str, Look]) -> bytes:
    """One directory's looks by name."""
    names = encode_name("/".join(files))
    return b"".join((_LENGTH.pack(len(names), 0), names, *(_LOOK.pack(*look) for look in files.values())))


def unpack(row: bytes) -> dict[str, Look]:
    """The looks of a packed directory. A row that makes no sense is an empty one: it is only a cache."""
    try:
        length, _ = _LENGTH.unpack_from(row)
        start = _LENGTH.size
        names = decode_name(row[start : start + length])
        looks = cast("Iterator[Look]", _LOOK.iter_unpack(row[start + length :]))
        return dict(zip(names.split("/"), looks, strict=True)) if names else {}
    except (struct.error, ValueError):
        return {}


class Manifest:
    """What a workspace's directories held when it was last reset. `linked`: files are links of the store's."""

    def __init__(self, workspace: str, *, linked: bool) -> None:
        self._file = beside(workspace, "manifest")
        self.linked = linked
        self.rows: dict[str, bytes] = {}

    @classmethod
    def load(cls, workspace: str) -> Manifest | None:
        """The manifest of a workspace, or None where there is none to be trusted."""
        try:
            data = Path(beside(workspace, "manifest")).read_bytes()
            inode = os.lstat(workspace).st_ino
        except OSError:
            return None
        head = len(_MAGIC) + 9
        if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : head - 1] != inode.to_bytes(8, "little"):
            return None
        manifest = cls(workspace, linked=data[head - 1] == 1)
        while head < len(data):
            name, row = _LENGTH.unpack_from(data, head)
            head += _LENGTH.size
            manifest.rows[decode_name(data[head : head + name])] = data[head + name : head + name + row]
            head += name + row
        return manifest

    def save(self, workspace: str) -> None:
        """Write it, whole or not at all."""
        pieces = [_MAGIC, os.lstat(workspace).st_ino.to_bytes(8, "little"), bytes([self.linked])]
        for path, row in self.rows.items():
            name = encode_name(path)
            pieces += (_LENGTH.pack(len(name), len(row)), name, row)
        tmp = self._file + ".new"
        Path(tmp).write_bytes(b"".join(pieces))
        os.replace(tmp, self._file)

    def withdraw(self) -> None:
        """Take it away while the workspace is being changed."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._file)


def beside(directory: str, what: str) -> str:
    """A hidden name next to a directory, for things that must not be in it."""
    parent, _, name = directory.rstrip("/").rpartition("/")
    return f"{parent}/.{name}.{what}"
