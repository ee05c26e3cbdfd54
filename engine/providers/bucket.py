"""A folder that stands in for a bucket: objects appear whole or not at all, and never outside of it."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.artifacts.archive import export_zip
from engine.artifacts.store import Store
from engine.artifacts.tree import Entry, Node
from engine.providers.contents import resolve


class BucketProblem(Exception):
    """The folder cannot take these objects."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Stopped(Exception):
    """The deployment was cancelled before anything was changed."""


class Bucket:
    """Puts objects into a folder: all are first written beside their place, then swapped in one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_tree(self, store: Store, tree: str, prefix: str, stop: threading.Event) -> int:
        """Put every file of a tree under a prefix and return how many there were. Links become what they point to."""
        objects = {
            posixpath.join(prefix, entry.path): content
            for entry in store.walk(tree)
            if (content := _content(store, tree, entry)) is not None
        }
        self._check(objects)
        with self._stage() as stage:
            staged = []
            for number, (key, content) in enumerate(objects.items()):
                if stop.is_set():
                    raise Stopped
                store.copy(content, stage / str(number))
                staged.append((stage / str(number), key))
            self._swap(staged)
        return len(staged)

    def put_zip(self, store: Store, tree: str, key: str, stop: threading.Event) -> int:
        """Put a tree as one zip."""
        self._check([key])
        with self._stage() as stage:
            export_zip(store, tree, stage / "zip")
            if stop.is_set():
                raise Stopped
            self._swap([(stage / "zip", key)])
        return 1

    @contextlib.contextmanager
    def _stage(self) -> Iterator[Path]:
        """A folder on the same file system, so that a rename is all it takes to put a file in place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".greenroom-", dir=self.folder))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)

    def _check(self, keys: Iterable[str]) -> None:
        """Find everything that would go wrong before the first file is changed. Raises `BucketProblem`."""
        root = os.path.realpath(self.folder)
        wanted = set(keys)
        checked: set[str] = set()
        for key in wanted:
            place = self.folder / key
            if place.is_dir():
                raise BucketProblem(
                    f"{key} is to be a file, but the bucket's folder has a folder of that name", "Remove the folder."
                )
            above = posixpath.dirname(key)
            while above and above not in checked:
                checked.add(above)
                self._check_folder(root, above, wanted)
                above = posixpath.dirname(above)

    def _check_folder(self, root: str, above: str, wanted: set[str]) -> None:
        folder = self.folder / above
        if above in wanted or (folder.exists() and not folder.is_dir()):
            raise BucketProblem(
                f"{above} is both a file and the beginning of another key", "S3 allows that, a folder cannot hold it."
            )
        real = os.path.realpath(folder)
        if real != root and not real.startswith(root + os.sep):
            raise BucketProblem(f"{above} is a link that leads out of the bucket's folder", "Remove the link.")

    def _swap(self, staged: list[tuple[Path, str]]) -> None:
        for file, key in staged:
            place = self.folder / key
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)


def _content(store: Store, tree: str, entry: Entry) -> Node | None:
    """The file behind an entry; None for folders, and for links that lead nowhere inside the tree."""
    node = resolve(store, tree, entry.path) if entry.kind == "link" else None
    if entry.kind in ("file", "exec"):
        node = Node(entry.path, entry.kind, bytes.fromhex(entry.digest), entry.size)
    return node
