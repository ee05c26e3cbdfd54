"""Which paths a repository tracks, read from git's index file.

Format: https://git-scm.com/docs/index-format (versions 2, 3 and 4; SHA-1 and SHA-256).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.artifacts._repository import Repository

_LONG_NAME = 0xFFF
_GITLINK, _SPARSE_DIRECTORY = 0o160000, 0o040000
_Found = Iterator[tuple[bytes, int]]  # path, mode


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
        return _gather(_entries(data, 32 if repository.sha256 else 20))
    except (_Unreadable, IndexError, ValueError):
        return _ask_git(repository)


def _gather(found: Iterable[tuple[bytes, int]]) -> Tracked:
    files: set[bytes] = set()
    directories: set[bytes] = set()
    last = b""
    for path, mode in found:
        if mode == _GITLINK:
            directories.add(path)
        else:
            files.add(path)
        above = path.rpartition(b"/")[0]
        if above != last:
            last = above
            while above and above not in directories:
                directories.add(above)
                above = above.rpartition(b"/")[0]
    return Tracked(frozenset(files), frozenset(directories))


def _entries(data: bytes, hash_size: int) -> _Found:
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4) or b"link" in data[-4096:]:
        raise _Unreadable  # a split index names its other half in an extension called "link"
    count, at, fixed = int.from_bytes(data[8:12], "big"), 12, 40 + hash_size + 2
    path = b""
    for _ in range(count):
        mode = data[at + 26] << 8 | data[at + 27]
        flags = at + fixed - 2
        extended = 2 if version > 2 and data[flags] & 0x40 else 0
        start = at + fixed + extended
        if version == 4:
            strip, start = _varint(data, start)
            end = data.index(0, start)
            path = path[: len(path) - strip] + data[start:end]
            at = end + 1
        else:
            length = (data[flags] << 8 | data[flags + 1]) & _LONG_NAME
            end = start + length if length < _LONG_NAME else data.index(0, start)
            path = data[start:end]
            at += (end - at + 8) & ~7
        if mode == _SPARSE_DIRECTORY:
            raise _Unreadable
        yield path, mode


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
    rows = (row.partition(b"\t") for row in output.split(b"\0") if row)
    return _gather((path, int(head.split(b" ", 1)[0], 8)) for head, _, path in rows)
