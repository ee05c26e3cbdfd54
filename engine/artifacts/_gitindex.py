"""Which paths a repository tracks, read from git's index file.

Format: https://git-scm.com/docs/index-format (versions 2, 3 and 4; SHA-1 and SHA-256).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.artifacts._repository import Repository

_LONG_NAME = 0xFFF
_GITLINK, _SPARSE_DIRECTORY = 0o160000 >> 8, 0o040000 >> 8
_Found = Iterator[tuple[bytes, int]]  # path, high byte of the mode


class _Unreadable(Exception):
    """An index this reader leaves to git itself."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """Tracked files, and the directories above them (and submodules). Paths from the worktree's top, as bytes."""

    files: frozenset[bytes] = frozenset()
    directories: frozenset[bytes] = field(default=frozenset())


def read(repository: Repository) -> Tracked:
    """What the index lists now: nothing where there is no index, git's own answer where it is an unusual one."""
    try:
        data = repository.index.read_bytes()
    except OSError:
        return Tracked()
    try:
        return _read(data, 32 if repository.sha256 else 20)
    except (_Unreadable, IndexError, ValueError):
        return _ask_git(repository)


def _gather(paths: list[bytes], submodules: list[bytes]) -> Tracked:
    files = frozenset(paths)
    directories = set(submodules)
    for above in {path.rpartition(b"/")[0] for path in (*paths, *submodules)}:
        while above and above not in directories:
            directories.add(above)
            above = above.rpartition(b"/")[0]
    return Tracked(files, frozenset(directories))


def _read(data: bytes, hash_size: int) -> Tracked:
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4) or b"link" in data[-4096:]:
        raise _Unreadable  # a split index names its other half in an extension called "link"
    count = int.from_bytes(data[8:12], "big")
    entries = _compressed(data, count, hash_size) if version == 4 else _plain(data, count, hash_size)
    paths, kinds = [], []
    for path, kind in entries:
        paths.append(path)
        if kind & 0x40:  # a submodule (0160000) or, in a sparse index, a directory (040000); files are 0100000
            kinds.append((path, kind))
    if any(kind == _SPARSE_DIRECTORY for _, kind in kinds):
        raise _Unreadable
    submodules = [path for path, kind in kinds if kind == _GITLINK]
    if submodules:
        paths = list(set(paths).difference(submodules))
    return _gather(paths, submodules)


def _plain(data: bytes, count: int, hash_size: int) -> _Found:
    """Versions 2 and 3: whole names, padded to eight bytes. Each with the high byte of its mode."""
    flags, at = 40 + hash_size, 12
    for _ in range(count):
        high = data[at + flags]
        start = at + flags + (4 if high & 0x40 else 2)
        end = start + ((high & 0x0F) << 8 | data[at + flags + 1])
        if end - start == _LONG_NAME:
            end = data.index(0, start)
        yield data[start:end], data[at + 26]
        at += (end - at + 8) & ~7


def _compressed(data: bytes, count: int, hash_size: int) -> _Found:
    """Version 4: each name drops some of the one before and adds its own."""
    flags, at, path = 40 + hash_size, 12, b""
    for _ in range(count):
        strip, start = _varint(data, at + flags + (4 if data[at + flags] & 0x40 else 2))
        end = data.index(0, start)
        path = path[: len(path) - strip] + data[start:end]
        yield path, data[at + 26]
        at = end + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = (value + 1) << 7 | byte & 0x7F
    return value, at + 1


def _ask_git(repository: Repository) -> Tracked:
    command = ["git", "-C", str(repository.worktree), "ls-files", "-z", "--stage"]
    try:
        output = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return Tracked()
    rows = [row.partition(b"\t") for row in output.split(b"\0") if row]
    submodules = [path for head, _, path in rows if head.startswith(b"160000 ")]
    return _gather([path for head, _, path in rows if not head.startswith(b"160000 ")], submodules)
