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

from engine.artifacts._site import Site
from engine.artifacts.tree import decode_name, encode_name

_LOOK = struct.Struct("<qqqQIB32s")
_LENGTH = struct.Struct("<II")
_PIECE = struct.Struct("<II?")  # length of the path, of the row, whether it is a patch
_MAGIC = b"greenroom workspace 2\n"
_HEAD = len(_MAGIC) + 9
EXECUTABLE, RACY = 1, 2


Look = tuple[int, int, int, int, int, int, bytes]
"""A regular file's stat and the digest its content had then: mtime, ctime (ns), size, inode, mode, flags, digest.

A plain tuple, because a start unpacks one for each file of the source.
"""
GONE: Look = (0, 0, 0, 0, 0, 0, bytes(32))
"""In a patch: the name has no look any more."""
Patches = dict[str, dict[str, Look]]
"""Changes of a manifest: directory -> name -> look."""


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
    """What a workspace's directories held when it was last reset. `linked`: files are links of the store's.

    The file is a head (magic, the directory's inode, linked) and pieces: one whole row for each directory, then
    patches of rows in the order in which they were made.
    """

    def __init__(self, site: Site, *, linked: bool) -> None:
        self._site = site
        self.linked = linked
        self.rows: dict[str, bytes] = {}

    @classmethod
    def load(cls, site: Site) -> Manifest | None:
        """The manifest of a workspace, or None where there is none to be trusted."""
        try:
            data = Path(site.manifest).read_bytes()
            inode = os.lstat(site.directory).st_ino
        except OSError:
            return None
        if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : _HEAD - 1] != inode.to_bytes(8, "little"):
            return None
        manifest = cls(site, linked=data[_HEAD - 1] == 1)
        rows, at, end = manifest.rows, _HEAD, len(data)
        while at < end:
            name, row, is_patch = _PIECE.unpack_from(data, at)
            at += _PIECE.size
            path, body = decode_name(data[at : at + name]), data[at + name : at + name + row]
            rows[path] = _patched(rows.get(path, b""), body) if is_patch else body
            at += name + row
        return manifest

    def save(self) -> None:
        """Write it, whole or not at all."""
        inode = os.lstat(self._site.directory).st_ino
        pieces = [_MAGIC, inode.to_bytes(8, "little"), bytes([self.linked])]
        for path, row in self.rows.items():
            pieces += _piece(path, row, is_patch=False)
        tmp = self._site.manifest + ".new"
        Path(tmp).write_bytes(b"".join(pieces))
        os.replace(tmp, self._site.manifest)

    def withdraw(self) -> None:
        """Take it away while the workspace is being changed."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._site.manifest)


def are_links(site: Site) -> bool:
    """Whether a workspace's files may be links of the store's: its manifest says so, or there is none."""
    try:
        with open(site.manifest, "rb") as file:  # noqa: PTH123
            head = file.read(_HEAD)
    except OSError:
        return True
    return len(head) < _HEAD or head[-1] == 1


def append(manifest: str, patches: Patches) -> None:
    """Add to a manifest's file what has changed since: the cost is that of the change."""
    pieces: list[bytes] = []
    for path, looks in patches.items():
        pieces += _piece(path, pack(looks), is_patch=True)
    with open(manifest, "ab") as file:  # noqa: PTH123
        file.write(b"".join(pieces))


def _piece(path: str, row: bytes, *, is_patch: bool) -> tuple[bytes, bytes, bytes]:
    name = encode_name(path)
    return _PIECE.pack(len(name), len(row), is_patch), name, row


def _patched(row: bytes, patch: bytes) -> bytes:
    looks = {**unpack(row), **unpack(patch)}
    return pack({name: look for name, look in looks.items() if look != GONE})
