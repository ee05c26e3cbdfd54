# ruff: noqa: PTH100, PTH112, PTH114, PTH116
# os calls on plain strings: there are many files.
"""Snapshots: a source directory as a content tree, kept up to date at the cost of what changed.

In: everything git could commit here, tracked or not yet; ignored files stay out unless git tracks them; submodules and
repositories inside are in, under their own rules. Out: ``.git``, ``.greenroom``, empty directories, pipes, sockets,
devices and what cannot be read (these with a warning). Without a repository ``.gitignore`` files count all the same.

A file is read again only when its stat differs from the last look, or when that look was so soon after a change that a
further change could have gone unseen.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.artifacts import ignore
from engine.artifacts._context import OURS
from engine.artifacts._manifest import Look
from engine.artifacts._scan import Directory, Reader, finish, pack_row, row_files
from engine.artifacts.ignore import Rules
from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_DIGEST, decode_name, encode_name

_ROUNDS = 3


class Snapshotter:
    """Keeps the tree of one source directory. Methods may be called from any thread, one at a time runs.

    `exclude` holds further patterns, written as in .gitignore; they leave out tracked files too.
    """

    def __init__(self, directory: Path, store: Store, *, exclude: Sequence[str] = ()) -> None:
        self.directory = Path(os.path.realpath(directory))
        self._given = Path(os.path.abspath(directory))
        self._store = store
        self._source = os.fsencode(self.directory)
        rules = Rules.of(ignore.parse("\n".join(exclude).encode("utf-8", "surrogateescape")))
        self._reader = Reader(str(self.directory), store.objects, rules)
        self._root: Directory | None = None
        self._nodes: dict[str, Directory] = {}
        self._lock = threading.RLock()

    @property
    def count(self) -> int:
        """How many files and links the last snapshot holds."""
        return sum(len(node.files) + len(node.links) for node in list(self._nodes.values()))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the last snapshot had to leave out, and why."""
        return tuple(self._reader.warnings.values())

    def scan(self) -> str:
        """Look at every file; returns the tree's digest. All content is in the store then.

        Raises `OSError` where there is no such directory.
        """
        with self._lock, self._store.hold():
            return self._scan()

    def update(self, paths: Iterable[Path]) -> str:
        """Look at these paths only (changed, new or gone; files or directories); returns the tree's digest.

        The cost depends on the paths and the depth, not on the size of the directory.
        """
        with self._lock, self._store.hold():
            if self._root is None or any(place.moved for place in tuple(self._reader.territories.values())):
                return self._scan()
            parts = {split for path in paths if (split := self._split(path)) is not None}
            for territory in tuple(self._reader.territories.values()):
                changed = map(territory.source_path, territory.refresh())
                parts.update(tuple(path.split("/")) for path in changed if path)
            if () in parts:
                return self._scan()
            generation = self._store.index.fact("generation")
            touched: dict[str, Directory] = {}
            gone: list[str] = []
            for path in _outermost(parts):
                self._apply(path, touched, gone, generation)
            return self._seal(touched, gone, generation)

    def ignored(self, path: Path) -> bool:
        """Whether a change there cannot matter. Cheap where the directory is known: at most one stat."""
        parts = self._split(path)
        if parts is None:
            return True
        node = self._root or self._stranger(self._reader.open_root())
        for part in parts[:-1]:
            below = node.subs.get(part)
            if below is None:
                if not self._reader.counts(node, part, True):
                    return True
                below = self._stranger(self._reader.enter(node, part))
            node = below
        return bool(parts) and not self._reader.counts(node, parts[-1], self._is_directory(parts))

    def _stranger(self, node: Directory) -> Directory:
        """A directory that no snapshot has read yet, with its own rules."""
        self._reader.prepare(
            node, {name for name in (".git", ".gitignore") if os.path.lexists(f"{self._reader.real(node.path)}/{name}")}
        )
        return node

    def _is_directory(self, parts: tuple[str, ...]) -> bool:
        path = f"{self.directory}/{'/'.join(parts)}"
        return os.path.isdir(path) and not os.path.islink(path)

    def _split(self, path: Path) -> tuple[str, ...] | None:
        """A path relative to the source; None where it is outside or never counts."""
        if path.is_absolute():
            base = self.directory if path.is_relative_to(self.directory) else self._given
            if not path.is_relative_to(base):
                return None
            path = path.relative_to(base)
        parts = path.parts
        return None if OURS.intersection(parts) or ".." in parts else parts

    def _scan(self) -> str:
        os.stat(self.directory)
        generation = self._store.index.fact("generation")
        cache = {decode_name(path): row for path, row in self._store.index.stats(self._source).items()}
        self._reader.warnings.clear()
        root = self._reader.open_root()
        order, same = self._read_below(root, cache, generation)
        finish(order, cache, lambda node: node.path in same)
        self._root, self._nodes = root, {node.path: node for node in order}
        changed = {node.path: node for node in order if not _matches(node, cache.get(node.path), same)}
        return self._seal(changed, [path for path in cache if path not in self._nodes], generation)

    def _read_below(
        self, top: Directory, cache: dict[str, bytes], generation: int, old: dict[str, dict[str, Look]] | None = None
    ) -> tuple[list[Directory], set[str]]:
        """Read a directory and all below: the directories, outer ones first, and the paths of the unchanged ones."""
        order: list[Directory] = []
        same: set[str] = set()
        todo = [top]
        while todo:
            node = todo.pop()
            row = cache.get(node.path)
            known = old.get(node.path, {}) if old is not None else row_files(row) if row is not None else {}
            if self._reader.read(node, known, generation=generation) and (row is not None or old is not None):
                same.add(node.path)
            order.append(node)
            todo += node.subs.values()
        return order, same

    def _apply(self, parts: tuple[str, ...], touched: dict[str, Directory], gone: list[str], generation: int) -> None:
        """Bring one path up to date in memory, and mark the directories above it."""
        assert self._root is not None
        node = self._root
        for part in parts[:-1]:
            below = node.subs.get(part)
            if below is None or not self._is_real(below):
                self._look(node, part, touched, gone, generation)
                return
            node = below
        if parts[-1] == ".gitignore":
            self._reread(node, touched, gone, generation)
        else:
            self._look(node, parts[-1], touched, gone, generation)

    def _is_real(self, node: Directory) -> bool:
        """Whether a directory is still one: a watcher may report a file in it and not what became of it."""
        try:
            return stat.S_ISDIR(os.lstat(self._reader.real(node.path)).st_mode)
        except OSError:
            return False

    def _look(
        self, node: Directory, name: str, touched: dict[str, Directory], gone: list[str], generation: int
    ) -> None:
        """One entry of a known directory: whatever it is now, a file, a link, a directory or nothing."""
        is_directory = self._is_directory((*node.path.split("/"), name) if node.path else (name,))
        if name == ".git" or not self._reader.counts(node, name, is_directory):
            self._drop(node, name, touched, gone)
            return
        if is_directory:
            node.files.pop(name, None)
            node.links.pop(name, None)
            old = node.subs.get(name)
            fresh = self._reader.enter(node, name)
            node.subs[name] = fresh
            self._replace(old, fresh, touched, gone, generation)
        else:
            self._drop(node, name, touched, gone, only_directory=True)
            before = (node.files.get(name), node.links.get(name))
            self._reader.take(node, name)
            if (node.files.get(name), node.links.get(name)) == before:
                return
        self._mark(node, touched)

    def _reread(self, node: Directory, touched: dict[str, Directory], gone: list[str], generation: int) -> None:
        """A directory's ignore file changed: everything below is looked at again."""
        if not node.path:
            fresh = self._reader.open_root()
            self._root = fresh
        else:
            above, _, name = node.path.rpartition("/")
            parent = self._nodes[above]
            fresh = parent.subs[name] = self._reader.enter(parent, name)
            self._mark(parent, touched)
        self._replace(node, fresh, touched, gone, generation)

    def _replace(
        self,
        old: Directory | None,
        fresh: Directory,
        touched: dict[str, Directory],
        gone: list[str],
        generation: int,
    ) -> None:
        known: dict[str, dict[str, Look]] = {}
        for node in _with_all_below(old):
            known[node.path] = node.files
            self._nodes.pop(node.path, None)
            touched.pop(node.path, None)
        order, _ = self._read_below(fresh, {}, generation, known)
        for node in order:
            self._nodes[node.path] = touched[node.path] = node
        gone += [path for path in known if path not in self._nodes]

    def _drop(
        self,
        node: Directory,
        name: str,
        touched: dict[str, Directory],
        gone: list[str],
        *,
        only_directory: bool = False,
    ) -> None:
        old = node.subs.pop(name, None)
        for below in _with_all_below(old):
            self._nodes.pop(below.path, None)
            touched.pop(below.path, None)
            gone.append(below.path)
        present = old is not None
        if not only_directory:
            present = node.files.pop(name, None) is not None or present
            present = node.links.pop(name, None) is not None or present
        if present:
            self._mark(node, touched)

    def _mark(self, node: Directory, touched: dict[str, Directory]) -> None:
        """A directory's digest, and those above it, have to be worked out again."""
        path = node.path
        while True:
            current = self._nodes[path]
            current.digest, current.stored = None, -1
            touched[path] = current
            if not path:
                return
            path = path.rpartition("/")[0]

    def _seal(self, touched: dict[str, Directory], gone: Sequence[str], generation: int) -> str:
        """Work out the digests, make sure that all content is in the store, and record the tree."""
        assert self._root is not None
        finish(sorted(touched.values(), key=_depth), {}, lambda _: False)
        missing = self._complete(touched, generation)
        assert self._root.digest is not None
        bodies = {node.digest: node.draft or node.body() for node in missing if node.digest is not None}
        stats = [(encode_name(path), pack_row(node)) for path, node in touched.items()]
        self._store.index.commit(
            bodies,
            self._root.digest,
            time.time(),
            self._reader.grown,
            self._source,
            [*stats, *((encode_name(path), None) for path in gone if path not in self._nodes)],
        )
        self._reader.grown = 0
        for node in touched.values():
            node.draft = None
        return self._root.digest.hex()

    def _complete(self, touched: dict[str, Directory], generation: int) -> list[Directory]:
        """The directories whose tree is not in the store, all their files' content made sure of."""
        for _ in range(_ROUNDS):
            missing = self._missing(generation)
            lost = [node for node in missing if node.verified != generation and self._restore(node)]
            for node in missing:
                node.verified = generation
            if not lost:
                break
            for node in (*missing, *lost):
                self._mark(node, touched)
            finish(sorted(touched.values(), key=_depth), {}, lambda _: False)
        return missing

    def _missing(self, generation: int) -> list[Directory]:
        """Directories the store does not have, found from the top: what it has, it has with all below."""
        assert self._root is not None
        missing: list[Directory] = []
        todo = [self._root]
        while todo:
            node = todo.pop()
            assert node.digest is not None
            if node.stored == generation or node.digest == EMPTY_DIGEST:
                continue
            node.stored = generation
            if not self._store.index.has(node.digest):
                missing.append(node)
                todo += node.subs.values()
        return missing

    def _restore(self, node: Directory) -> bool:
        """Take in again what the store has lost; returns whether that changed the directory."""
        whole = self._store.objects.whole
        before = dict(node.files)
        for name, (_, _, size, _, _, flags, digest) in before.items():
            if not whole(digest, bool(flags & 1), size):
                self._reader.take(node, name)
        return node.files != before


def _matches(node: Directory, row: bytes | None, same: set[str]) -> bool:
    return row is not None and node.path in same and row[:32] == node.digest


def _depth(node: Directory) -> int:
    return node.path.count("/") + 1 if node.path else 0


def _with_all_below(node: Directory | None) -> list[Directory]:
    found = [node] if node is not None else []
    for one in found:
        found += one.subs.values()
    return found


def _outermost(paths: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Shorter paths first, ignore files before everything else beside them."""
    return sorted(paths, key=lambda parts: (len(parts), parts[-1] != ".gitignore", parts))
