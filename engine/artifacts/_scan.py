# ruff: noqa: PTH115
# os calls on plain strings: there are many files.
"""Directories in memory, and how one of them is read from disk."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.artifacts import _context
from engine.artifacts._context import OURS, Territory
from engine.artifacts._manifest import EXECUTABLE, RACY, Look, look_at, pack, unpack
from engine.artifacts._objects import Objects, Taken, is_executable
from engine.artifacts.ignore import Everything, Rules
from engine.artifacts.tree import EMPTY_DIGEST, Node, digest_body, encode, file_record, join, link_node, record

_HEAD = struct.Struct("<32sI")
_FINE_NS, _COARSE_NS = 20_000_000, 2_000_000_000
_EVERYTHING = Everything()


class Directory:
    """One directory of the source. `digest` is None while it has to be worked out again."""

    __slots__ = ("digest", "draft", "files", "links", "path", "rules", "stored", "subs", "territory", "verified")

    def __init__(self, path: str, territory: Territory, rules: Rules) -> None:
        self.path = path
        self.territory = territory
        self.rules = rules
        self.files: dict[str, Look] = {}
        self.links: dict[str, bytes] = {}
        self.subs: dict[str, Directory] = {}
        self.digest: bytes | None = None
        self.draft: bytes | None = None  # the body that was just worked out, until it is recorded
        # the store's generation in which all objects of `files`, and the tree itself, were seen to be there
        self.verified = self.stored = -1

    def child(self, name: str) -> str:
        """The path of an entry."""
        return f"{self.path}/{name}" if self.path else name

    def inner(self) -> list[Node]:
        """The records of links and of directories that hold anything."""
        nodes = [link_node(name, target) for name, target in self.links.items()]
        for name, sub in self.subs.items():
            assert sub.digest is not None
            if sub.digest != EMPTY_DIGEST:
                nodes.append(Node(name, "dir", sub.digest, 0))
        return nodes

    def body(self) -> bytes:
        """The directory object."""
        records = [record(node) for node in self.inner()]
        for name, (_, _, size, _, _, flags, digest) in self.files.items():
            records.append(file_record(name, bool(flags & EXECUTABLE), digest, size))
        return join(records)


def pack_row(directory: Directory) -> bytes:
    """The directory's row in the stat cache: its digest and what else that depends on go along."""
    assert directory.digest is not None
    inner = encode(directory.inner())
    return _HEAD.pack(directory.digest, len(inner)) + inner + pack(directory.files)


def row_files(row: bytes) -> dict[str, Look]:
    """The looks in a stat-cache row."""
    try:
        _, length = _HEAD.unpack_from(row)
    except struct.error:
        return {}
    return unpack(row[_HEAD.size + length :])


def row_digest(row: bytes, directory: Directory) -> bytes | None:
    """The digest in a row, if its links and directories are still the same. Its files must be."""
    digest, length = _HEAD.unpack_from(row)
    inner = row[_HEAD.size : _HEAD.size + length]
    return bytes(digest) if inner == encode(directory.inner()) else None


class Reader:
    """Reads directories: stats everything, takes changed files into the store. Counts what that added."""

    def __init__(self, root: str, objects: Objects, exclude: Rules) -> None:
        self._root = root
        self._objects = objects
        self._exclude = exclude
        self.grown = 0
        self.warnings: dict[str, str] = {}
        self.territories: dict[str, Territory] = {}

    def open_root(self) -> Directory:
        """The source directory itself, unread."""
        territory = _context.top(Path(self._root))
        self.territories = {"": territory}
        return Directory("", territory, territory.rules)

    def real(self, path: str) -> str:
        """Where a path of the source is on disk."""
        return f"{self._root}/{path}" if path else self._root

    def counts(self, directory: Directory, name: str, is_directory: bool) -> bool:
        """Whether an entry belongs to the snapshot."""
        if name in OURS or self._excluded(directory.path, name, is_directory):
            return False
        if not directory.rules.ignored(name, is_directory):
            return True
        return directory.territory.tracks(directory.child(name), is_directory)

    def _excluded(self, path: str, name: str, is_directory: bool) -> bool:
        rules = self._exclude
        if rules.bare:
            return False
        for part in path.split("/") if path else ():
            rules = rules.below(part)
        return rules.ignored(name, is_directory)

    def enter(self, directory: Directory, name: str) -> Directory:
        """A directory below, with the rules that hold there apart from its own ignore file."""
        ignored = directory.rules.ignored(name, True)
        rules = _EVERYTHING if ignored else directory.rules.below(name)
        return Directory(directory.child(name), directory.territory, rules)

    def read(self, directory: Directory, known: Mapping[str, Look], *, generation: int) -> bool:
        """Fill a directory from disk; `known` are earlier looks. Subdirectories are entered, not read.

        Returns whether the files are exactly those of `known`.
        """
        try:
            with os.scandir(self.real(directory.path)) as found:
                items = list(found)
        except OSError as problem:
            self._warn(directory.path, problem)
            items = []
        self.prepare(directory, {item.name for item in items})
        taken = same = 0
        files, ignored, all_count = directory.files, directory.rules.ignored, self._exclude.bare
        for item in items:
            name = item.name
            is_directory = item.is_dir(follow_symlinks=False)
            plain = all_count and name not in OURS and not ignored(name, is_directory)
            if not plain and not self.counts(directory, name, is_directory):
                continue
            if is_directory:
                directory.subs[name] = self.enter(directory, name)
                continue
            look = known.get(name)
            if look is not None and _unchanged(look, item.stat(follow_symlinks=False)):
                files[name] = look
                same += 1
            else:
                taken += self.take(directory, name)
        if taken == len(files):
            directory.verified = generation
        return same == len(known) == len(files)

    def prepare(self, directory: Directory, names: set[str]) -> None:
        """Apply what a directory holds itself: its ignore file, a repository that begins here."""
        if ".git" in names and directory.path:
            territory = _context.nested(Path(self._root), directory.path)
            if territory is not None:
                self.territories[directory.path] = directory.territory = territory
                directory.rules = territory.rules
        if ".gitignore" in names and directory.rules is not _EVERYTHING:
            file = Path(self.real(directory.child(".gitignore")))
            directory.rules = directory.rules.plus(directory.territory.read(file, through_links=False))

    def take(self, directory: Directory, name: str) -> bool:
        """Bring one file or link up to date; returns whether it is a file that was taken in."""
        path = directory.child(name)
        real = self.real(path)
        directory.files.pop(name, None)
        directory.links.pop(name, None)
        self.warnings.pop(path, None)
        try:
            mode = os.lstat(real).st_mode
            if stat.S_ISLNK(mode):
                directory.links[name] = os.readlink(os.fsencode(real))
            elif stat.S_ISREG(mode):
                directory.files[name] = self._look(self._objects.take(real))
                return True
            elif not stat.S_ISDIR(mode):
                self.warnings[path] = f"{path}: pipes, sockets and devices are left out"
        except FileNotFoundError:
            pass
        except OSError as problem:
            self._warn(path, problem)
        return False

    def _look(self, taken: Taken) -> Look:
        self.grown += taken.grown
        status = taken.status
        newest = max(status.st_mtime_ns, status.st_ctime_ns)
        coarse = status.st_mtime_ns % 1_000_000_000 == 0 and status.st_ctime_ns % 1_000_000_000 == 0
        racy = taken.torn or newest > taken.at - (_COARSE_NS if coarse else _FINE_NS)
        flags = (EXECUTABLE if is_executable(status.st_mode) else 0) | (RACY if racy else 0)
        return look_at(status, flags, taken.digest, taken.size)

    def _warn(self, path: str, problem: OSError) -> None:
        if not isinstance(problem, (FileNotFoundError, NotADirectoryError)):
            self.warnings[path] = f"{path or '.'}: {problem.strerror}: left out"


def _unchanged(look: Look, status: os.stat_result) -> bool:
    mtime, ctime, size, inode, mode, flags, _ = look
    return (
        mtime == status.st_mtime_ns
        and size == status.st_size
        and ctime == status.st_ctime_ns
        and inode == status.st_ino
        and mode == status.st_mode
        and not flags & RACY
    )


def finish(directories: list[Directory], rows: Mapping[str, bytes], same: Callable[[Directory], bool]) -> None:
    """Work out all digests, for directories that are listed before those in them."""
    for directory in reversed(directories):
        if directory.digest is None:
            row = rows.get(directory.path) if same(directory) else None
            digest = row_digest(row, directory) if row is not None else None
            if digest is None:
                directory.draft = directory.body()
                digest = digest_body(directory.draft)
            directory.digest = digest
