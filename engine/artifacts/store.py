"""The content store: files by digest, directories as trees, the least recently used dropped first.

Objects are files that workspaces link to; trees and the bookkeeping are in one SQLite file. A tree is recorded in one
transaction after all its objects are in place, so a process killed at any moment leaves either the whole tree or some
objects that nobody refers to. After a power cut an object may be short: sizes are checked wherever content is used.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from engine.artifacts import tree as trees
from engine.artifacts._collect import Collector
from engine.artifacts._globs import compile_globs, may_match_below
from engine.artifacts._index import Index
from engine.artifacts._lease import lease
from engine.artifacts._objects import Objects
from engine.artifacts._sweep import Sweeper
from engine.artifacts.sealing import Sealer
from engine.artifacts.tree import EMPTY_DIGEST, Branch, Entry, Node, TreeDiff

_PARSED = 8192  # directories kept decoded
_NARROWED = 65536
_CHUNK = 1 << 20


class TreeMissing(FileNotFoundError):
    """A tree, or content it refers to, is not in the store: it was evicted, or never put."""


class Content(Protocol):
    """A file of the store: a path, or something that is read like one."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """As a stream."""

    def read_bytes(self) -> bytes:
        """All of it."""

    def read_text(self, encoding: str) -> str:
        """All of it, decoded."""


class Store:
    """A content store in one directory, shared by threads and processes.

    With a `Sealer` its files are encrypted. Nothing is created before the first write. Methods that read a tree raise
    `TreeMissing` where it is not here.
    """

    def __init__(self, root: Path, sealer: Sealer | None = None) -> None:
        self.root = root
        self.index = Index(root / "index.db")
        self.objects = Objects(root, sealer)
        self._parsed: dict[bytes, tuple[Node, ...]] = {EMPTY_DIGEST: ()}
        self._holding = threading.local()
        self._narrowed: dict[tuple[bytes, str, tuple[str, ...]], bytes | None] = {}

    def close(self) -> None:
        """Close the index file; the store opens it again when used."""
        self.index.close()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """While held, nothing is swept. Taken by every writer; take it around several steps that belong together."""
        depth = getattr(self._holding, "depth", 0)
        with lease(self.root):
            self._holding.depth = depth + 1
            try:
                yield
            finally:
                self._holding.depth = depth

    def _alone(self) -> AbstractContextManager[None]:
        """Nobody else holds the store. A thread that holds it itself would wait for itself, and goes on instead."""
        return lease(self.root, exclusive=not getattr(self._holding, "depth", 0))

    def has(self, tree: str) -> bool:
        """Whether the tree and all it refers to are here."""
        digest = trees.raw(tree)
        return digest == EMPTY_DIGEST or self.index.has(digest)

    def nodes(self, digest: bytes) -> tuple[Node, ...]:
        """The records of one directory, in order."""
        found = self._parsed.get(digest)
        if found is None:
            body = self.index.body(digest)
            if body is None:
                raise TreeMissing(f"tree {digest.hex()} is not in the store any more")
            if len(self._parsed) >= _PARSED:
                self._parsed = {EMPTY_DIGEST: ()}
            found = self._parsed[digest] = trees.decode(body)
        return found

    def walk(self, tree: str) -> Iterator[Entry]:
        """Files, links and empty directories, sorted by path."""
        return self._walk(trees.raw(tree), "")

    def _walk(self, digest: bytes, prefix: str) -> Iterator[Entry]:
        for node in self.nodes(digest):
            if node.kind == "dir" and node.digest != EMPTY_DIGEST:
                yield from self._walk(node.digest, f"{prefix}{node.name}/")
            else:
                yield Entry(prefix + node.name, node.kind, node.digest.hex(), node.size)

    def find(self, tree: str, path: str) -> Node:
        """The record of one path. Raises `FileNotFoundError`."""
        digest, node = trees.raw(tree), None
        for part in trees.split_path(path):
            if node is not None and node.kind != "dir":
                raise FileNotFoundError(f"{path} is not in the tree")
            node = next((n for n in self.nodes(digest) if n.name == part), None)
            if node is None:
                raise FileNotFoundError(f"{path} is not in the tree")
            digest = node.digest
        assert node is not None
        return node

    def read(self, tree: str, path: str) -> bytes:
        """A file's content, or the target's text of a link. Raises `FileNotFoundError`."""
        node = self.find(tree, path)
        if node.kind == "dir":
            raise IsADirectoryError(f"{path} is a directory")
        return node.target if node.kind == "link" else self.file(node).read_bytes()

    @property
    def links(self) -> bool:
        """Whether workspaces may link to its files: not to encrypted ones."""
        return self.objects.sealer is None

    def file(self, node: Node) -> Content:
        """The content behind a file's record. Drops it and raises `TreeMissing` where it is broken."""
        executable = node.kind == "exec"
        sealed = self.objects.content(node.digest, executable)
        if sealed is None:
            path = Path(self.objects.path(node.digest, executable))
            if path.is_file() and path.stat().st_size == node.size:
                return path
        elif self.objects.mend(node.digest, executable, node.size):
            return sealed
        self.evict([node])
        raise TreeMissing(f"the content of {node.name} is not in the store any more")

    def copy(self, node: Node, target: Path) -> None:
        """Write a file's content somewhere else. Raises `TreeMissing`."""
        content = self.file(node)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
            return
        with content.open("rb") as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, _CHUNK)

    def diff(self, old: str, new: str) -> TreeDiff:
        """What differs from `old` to `new`. Descends only where digests differ."""
        added: list[str] = []
        removed: list[str] = []
        changed: list[str] = []
        self._diff(trees.raw(old), trees.raw(new), "", added, removed, changed)
        return TreeDiff(*(tuple(sorted(paths)) for paths in (added, removed, changed)))

    def differing(self, old: str, new: str, globs: Sequence[str] = ()) -> tuple[str, ...]:
        """The paths that differ, sorted; with globs (see `narrow`), those that match one of them."""
        paths = self.diff(old, new).paths
        matches = compile_globs(tuple(globs)).fullmatch
        return tuple(path for path in paths if matches(path)) if globs else paths

    def _diff(
        self, old: bytes, new: bytes, prefix: str, added: list[str], removed: list[str], changed: list[str]
    ) -> None:
        before = {node.name: node for node in self.nodes(old)}
        for node in self.nodes(new):
            past, path = before.pop(node.name, None), prefix + node.name
            if past is not None and (past.kind, past.digest) == (node.kind, node.digest):
                continue
            if past is not None and _solid(past) and _solid(node):
                changed.append(path)
            elif past is not None and not _solid(past) and not _solid(node):
                self._diff(past.digest, node.digest, path + "/", added, removed, changed)
            else:
                removed += self._below(past, path) if past else ()
                added += self._below(node, path)
        for node in before.values():
            removed += self._below(node, prefix + node.name)

    def _below(self, node: Node, path: str) -> Iterator[str]:
        if _solid(node):
            yield path
        else:
            yield from (entry.path for entry in self._walk(node.digest, path + "/"))

    def narrow(self, tree: str, globs: Sequence[str]) -> str:
        """A digest over the matching files only; equal digests mean equal matching files. Nothing is stored.

        Globs: ``*``, ``?``, ``**``, ``[...]``, ``{a,b}``; a directory's path stands for everything in it. Remembered
        by directory, so that after a save only the directories above it are looked at again.
        """
        narrowed = self._narrow(trees.raw(tree), "", tuple(globs))
        return (narrowed or EMPTY_DIGEST).hex()

    def _narrow(self, digest: bytes, prefix: str, globs: tuple[str, ...]) -> bytes | None:
        key = (digest, prefix, globs)
        if key in self._narrowed:
            return self._narrowed[key]
        matches = compile_globs(globs).fullmatch
        kept: list[Node] = []
        for node in self.nodes(digest):
            path = prefix + node.name
            if node.kind != "dir":
                if matches(path):
                    kept.append(node)
            elif may_match_below(globs, path) and (below := self._narrow(node.digest, path + "/", globs)):
                kept.append(node._replace(digest=below))
        narrowed = trees.digest_body(trees.encode(kept)) if kept else None
        if len(self._narrowed) >= _NARROWED:
            self._narrowed.clear()
        self._narrowed[key] = narrowed
        return narrowed

    def put(self, files: Iterable[tuple[str, Path]], *, move: bool = False, skipped: list[str] | None = None) -> str:
        """Add files as a tree: pairs of the path in the tree and the file on disk. Returns its digest.

        Links stay links; a directory brings all that is in it; of two files for one path the later counts. With
        `move` the files may be taken away instead of copied. Paths of pipes, sockets and devices are left out, and
        added to `skipped`. Raises `ValueError` for a path that leads out of the tree, `OSError` for what it cannot
        read.
        """
        with self.hold():
            collector = Collector(self.objects, move=move)
            root: Branch = {}
            for path, file in files:
                leaf = collector.collect(str(file))
                if leaf is not None:
                    trees.graft(root, path, leaf)
            if skipped is not None:
                skipped += collector.skipped
            return self.record(root, collector.grown)

    def put_directory(self, directory: Path, *, move: bool = False, skipped: list[str] | None = None) -> str:
        """Add everything in a directory, empty directories too. See `put`."""
        with self.hold():
            collector = Collector(self.objects, move=move)
            root = collector.collect_directory(str(directory))
            if skipped is not None:
                skipped += collector.skipped
            return self.record(root, collector.grown)

    def put_bytes(self, files: Mapping[str, bytes]) -> str:
        """Add plain files given by content."""
        now = time.time_ns()
        with self.hold():
            root: Branch = {}
            grown = 0
            for path, data in files.items():
                digest, added = self.objects.add_bytes(data, False, now)
                grown += added
                trees.graft(root, path, Node("", "file", digest, len(data)))
            return self.record(root, grown)

    def record(self, root: Branch, grown: int) -> str:
        """Write a tree whose files are all in place. `grown`: what they added, in bytes. Call it while holding."""
        digest, bodies = trees.build(root)
        self.index.commit(bodies, digest, time.time(), grown)
        return digest.hex()

    def usage(self) -> int:
        """What the store takes, in bytes (whole 4 KiB blocks for files). A counter: costs one look-up."""
        return self.index.fact("usage")

    def touch(self, trees_used: Iterable[str]) -> None:
        """Mark trees as used now."""
        self.index.touch([trees.raw(tree) for tree in trees_used], time.time())

    def prune(self, max_bytes: int, keep: Collection[str]) -> list[str]:
        """Drop the least recently used root trees until the store takes at most `max_bytes`.

        `keep` and all they refer to stay, even over the cap. Returns the dropped roots, oldest first.
        """
        if not self.index.exists or (self.usage() <= max_bytes and not self._sweep_is_due()):
            return []
        if getattr(self._holding, "depth", 0):
            raise RuntimeError("prune cannot run in a thread that holds the store")
        with self._alone():
            dropped = Sweeper(self.index, self.objects).sweep(max_bytes, [trees.raw(tree) for tree in keep])
        self._forget()
        return [digest.hex() for digest in dropped]

    def evict(self, broken: Collection[Node]) -> None:
        """Drop broken objects and every tree that refers to one of them, however far above."""
        with self._alone():
            Sweeper(self.index, self.objects).evict(broken)
        self._forget()

    def evictions(self) -> int:
        """How often content was found broken. What links to objects is as sound as it was while this stays the same."""
        return self.index.fact("evictions")

    def _sweep_is_due(self) -> bool:
        """Once a day the counter is made exact and what killed writers left is collected."""
        return time.time() - self.index.fact("swept") > 86_400

    def _forget(self) -> None:
        self._parsed = {EMPTY_DIGEST: ()}


def _solid(node: Node) -> bool:
    return node.kind != "dir" or node.digest == EMPTY_DIGEST
