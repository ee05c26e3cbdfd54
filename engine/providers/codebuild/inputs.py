"""Putting a build's input artifacts in place, and finding out whether it wrote through them into the store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from engine.artifacts import spare, workspace
from engine.artifacts.store import Store
from engine.providers.codebuild.layout import Layout

# On AWS a build may write to its source in place, so it gets copies. Past these limits copies would cost more disk and
# time than they are worth: then inputs are read-only links.
COPIED_FILES = 20_000
COPIED_BYTES = 256 << 20
# A spare is a second set of the files. Fewer are verified in no time; copies are not to take what is left of the disk.
SPARED_FILES = 100
SPARED_SHARE = 10


@dataclass(frozen=True, slots=True)
class Inputs:
    """Input artifacts by name -> tree digest, and where each belongs."""

    trees: dict[str, str]
    primary: str
    layout: Layout
    store: Store

    def folder(self, name: str) -> Path:
        """Where an artifact lies: the primary one is the source directory."""
        return self.layout.source if name == self.primary else self.layout.secondary(name)

    def place(self) -> None:
        """Make each folder exactly its artifact. Raises `TreeMissing`."""
        _tidy(self.layout.source)
        for name, tree in self.trees.items():
            folder = self.folder(name)
            folder.parent.mkdir(parents=True, exist_ok=True)
            workspace.reset(folder, self.store, tree, writable=is_light(self.store, tree))
        if not self.primary:
            empty(self.layout.source)

    def prepare_spares(self, pause: Callable[[], bool]) -> None:
        """Get ready what lets the next `place` look at nothing but the difference."""
        for name, tree in self.trees.items():
            folder = self.folder(name)
            if deserves_spare(self.store, tree, folder):
                spare.prepare(folder, self.store, tree, writable=is_light(self.store, tree), pause=pause)
            else:
                spare.drop(folder)

    def mutated(self) -> list[str]:
        """Paths that were changed in the store itself."""
        return [
            path for name, tree in self.trees.items() for path in workspace.mutated(self.folder(name), self.store, tree)
        ]


def is_light(store: Store, tree: str) -> bool:
    """Whether a tree is small enough to be copied."""
    files, size = _weight(store, bytes.fromhex(tree))
    return files <= COPIED_FILES and size <= COPIED_BYTES


def deserves_spare(store: Store, tree: str, folder: Path) -> bool:
    """Whether a second set of a tree's files is worth its disk space. Links take next to none."""
    files, size = _weight(store, bytes.fromhex(tree))
    if files < SPARED_FILES or not folder.is_dir():
        return False
    return not is_light(store, tree) or size * SPARED_SHARE <= shutil.disk_usage(folder).free


_WEIGHTS: WeakKeyDictionary[Store, dict[bytes, tuple[int, int]]] = WeakKeyDictionary()
_MANY = 16384


def _weight(store: Store, digest: bytes) -> tuple[int, int]:
    """Files and bytes below a directory. Remembered by content: after a save only what changed is counted."""
    known = _WEIGHTS.setdefault(store, {})
    if (found := known.get(digest)) is None:
        if len(known) >= _MANY:
            known.clear()
        found = known[digest] = _weighed(store, digest)
    return found


def _weighed(store: Store, digest: bytes) -> tuple[int, int]:
    files = size = 0
    for node in store.nodes(digest):
        if node.kind == "dir":
            more_files, more_size = _weight(store, node.digest)
        else:
            more_files, more_size = 1, node.size
        files, size = files + more_files, size + more_size
        if files > COPIED_FILES or size > COPIED_BYTES:
            break
    return files, size


def empty(folder: Path) -> None:
    """Make it an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _tidy(source: Path) -> None:
    """Remove what an earlier build made beside its source."""
    source.parent.mkdir(parents=True, exist_ok=True)
    for path in source.parent.iterdir():
        # Names of that kind are the workspace's own records.
        if path == source or path.name.startswith(f".{source.name}."):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
