# ruff: noqa: PTH108, PTH211
# os calls on plain strings: there are many files.
"""Putting one thing of a tree into a directory, and taking one out."""

from __future__ import annotations

import os

from engine.artifacts import _clone
from engine.artifacts._manifest import EXECUTABLE, Look, look_at
from engine.artifacts._objects import marked
from engine.artifacts._trash import empty_in_background, toss
from engine.artifacts.sealing import Tampered
from engine.artifacts.store import Store
from engine.artifacts.tree import Node, encode_name


class Broken(Exception):
    """An object is missing or not what it says."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.name)
        self.node = node


class Placer:
    """Places the store's objects as links (`linked`) or as copies. Directories that go are moved into `trash`."""

    def __init__(self, store: Store, trash: str, *, linked: bool) -> None:
        self._store = store
        self._trash = trash
        self._tossed = False
        self._link = linked

    def create(self, path: str, node: Node) -> Look | None:
        """Put a file or link where nothing is. Returns a file's look. Raises `Broken`."""
        if node.kind == "link":
            os.symlink(node.target, encode_name(path))
            return None
        executable = node.kind == "exec"
        source = self._store.objects.path(node.digest, executable)
        try:
            self._place(source, path, node)
        except (FileNotFoundError, Tampered):
            raise Broken(node) from None
        status = os.lstat(path)
        if status.st_size != node.size or status.st_mtime_ns != marked(node.digest, status.st_mtime_ns):
            status = self._second_look(path, node)
        return look_at(status, EXECUTABLE if executable else 0, node.digest)

    def remove(self, path: str, *, is_directory: bool) -> None:
        """Take a file, link or whole directory away."""
        if is_directory:
            toss(path, self._trash)
            self._tossed = True
        else:
            os.unlink(path)

    def finish(self) -> None:
        """All is in place: what was taken away may be deleted."""
        if self._tossed:
            empty_in_background(self._trash)

    def _second_look(self, path: str, node: Node) -> os.stat_result:
        """The object may be broken: mend it and place it again, or give up."""
        os.unlink(path)
        if not self._store.objects.mend(node.digest, node.kind == "exec", node.size):
            raise Broken(node)
        self._place(self._store.objects.path(node.digest, node.kind == "exec"), path, node)
        return os.lstat(path)

    def _place(self, source: str, path: str, node: Node) -> None:
        if self._link:
            _clone.link(source, path)
        elif (content := self._store.objects.content(node.digest, node.kind == "exec")) is None:
            _clone.copy(source, path)
        else:
            _clone.write(source, path, content.blocks())
