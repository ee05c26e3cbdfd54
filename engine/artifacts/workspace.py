# ruff: noqa: PTH100, PTH101, PTH102, PTH103, PTH104, PTH108, PTH112, PTH114, PTH115, PTH211
# os calls on plain strings: there are many files.
"""Workspaces: directories that are made exactly a tree, again and again, at the cost of what changed.

Files are hard links of the store's read-only objects, or copies. What was put where is kept in a manifest beside the
directory, so that the next reset replaces only what the tree or an action has changed. What has to go is moved aside
at once and deleted in the background.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from engine.artifacts import _clone
from engine.artifacts import tree as trees
from engine.artifacts._manifest import EXECUTABLE, Look, Manifest, beside, look_at, pack, unpack
from engine.artifacts._objects import marked
from engine.artifacts.store import Store, TreeMissing
from engine.artifacts.tree import Entry, Node, encode_name

_serial = itertools.count()


def reset(directory: Path, store: Store, tree: str, *, writable: bool = False) -> None:
    """Make `directory` exactly the tree: what differs is replaced, what is too much goes.

    By default files are read-only links of the store (fast; an action that is not root cannot write to them in
    place). With `writable` they are copies of its own, which costs only for what changed since the last reset.
    Raises `TreeMissing` where the tree or some content is not in the store.
    """
    try:
        with store.hold():
            _reset(os.path.abspath(directory), store, tree, writable)
    except _Broken as broken:
        store.evict([broken.node])
        raise TreeMissing(f"the content of {broken.node.name} is damaged or gone from the store") from None


def _reset(where: str, store: Store, tree: str, writable: bool) -> None:
    if not store.has(tree):
        raise TreeMissing(f"tree {tree} is not in the store any more")
    manifest = Manifest.load(where)
    if manifest is None or manifest.linked == writable:
        manifest = _fresh(where, linked=not writable)
    manifest.withdraw()
    try:
        _Resetter(where, store, manifest).run(trees.raw(tree))
    except PermissionError:
        # an action left things that are not ours to change (a container running as root): begin anew
        manifest = _fresh(where, linked=not writable)
        _Resetter(where, store, manifest).run(trees.raw(tree))
    manifest.save(where)


def mutated(directory: Path, store: Store, tree: str) -> list[str]:
    """Paths of the tree whose store objects were written through a link. Those objects are evicted.

    An object whose mode alone was changed is mended and not reported: collect an action's outputs first. A workspace
    of copies cannot have harmed the store.
    """
    manifest = Manifest.load(os.path.abspath(directory))
    if manifest is not None and not manifest.linked:
        return []
    broken: list[tuple[str, Node]] = []
    with contextlib.suppress(TreeMissing):
        for entry in store.walk(tree):
            node = _as_object(entry)
            if node is not None and not store.objects.whole(node.digest, entry.kind == "exec", node.size):
                broken.append((entry.path, node))
    if not broken:
        return []
    store.evict([node for _, node in broken])
    return [path for path, node in broken if not _whole(store, node)]


def discard(directory: Path) -> None:
    """Move a workspace aside and delete it in the background. What an earlier crash left aside goes as well."""
    where = os.path.abspath(directory)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside(where, "manifest"))
    if os.path.lexists(where):
        _toss(where, beside(where, "trash"))
    _empty_in_background(beside(where, "trash"))


def _as_object(entry: Entry) -> Node | None:
    if entry.kind in ("link", "dir"):
        return None
    return Node(entry.path, entry.kind, bytes.fromhex(entry.digest), entry.size)


def _whole(store: Store, node: Node) -> bool:
    return store.objects.whole(node.digest, node.kind == "exec", node.size)


def _fresh(where: str, *, linked: bool) -> Manifest:
    if os.path.lexists(where):
        discard(Path(where))
    os.makedirs(where, mode=0o755)
    manifest = Manifest(where, linked=linked)
    manifest.rows[""] = pack({})
    return manifest


class _Broken(Exception):
    """An object is missing or not what it says."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.name)
        self.node = node


class _Resetter:
    """One reset: walks the tree and the directory side by side."""

    def __init__(self, where: str, store: Store, manifest: Manifest) -> None:
        self._where = where
        self._store = store
        self._manifest = manifest
        self._old = manifest.rows
        self._new: dict[str, bytes] = {}
        self._trash = beside(where, "trash")
        self._tossed = False
        self._place: Callable[[str, str], None] = _clone.link if manifest.linked else _clone.copy

    def run(self, tree: bytes) -> None:
        """Bring everything in line and leave the new rows in the manifest."""
        self._directory("", tree, created=False)
        self._manifest.rows = self._new
        if self._tossed:
            _empty_in_background(self._trash)

    def _directory(self, path: str, digest: bytes, *, created: bool) -> None:
        wanted = {node.name: node for node in self._store.nodes(digest)}
        where = f"{self._where}/{path}" if path else self._where
        if not created:
            _open_up(where)
        row = self._old.get(path)
        known = unpack(row) if row is not None else {}
        kept = {} if created else self._keep(where, wanted, known)
        files = {name: look for name, look in kept.items() if look is not None}
        prefix = path + "/" if path else ""
        for name, node in wanted.items():
            if node.kind == "dir":
                if fresh := name not in kept:
                    os.mkdir(f"{where}/{name}", 0o755)
                self._directory(prefix + name, node.digest, created=fresh)
            elif name not in kept and (look := self._create(f"{where}/{name}", node)) is not None:
                files[name] = look
        self._new[path] = row if row is not None and files == known else pack(files)

    def _keep(self, where: str, wanted: dict[str, Node], known: dict[str, Look]) -> dict[str, Look | None]:
        """What is right already; everything else in the directory is moved away."""
        kept: dict[str, Look | None] = {}
        with os.scandir(where) as found:
            items = list(found)
        for item in items:
            node = wanted.get(item.name)
            look = known.get(item.name)
            if node is not None and self._is_right(item, node, look):
                kept[item.name] = look if node.kind in ("file", "exec") else None
            else:
                self._remove(item)
        return kept

    def _is_right(self, item: os.DirEntry[str], node: Node, look: Look | None) -> bool:
        if node.kind == "dir":
            return item.is_dir(follow_symlinks=False)
        if node.kind == "link":
            return item.is_symlink() and os.readlink(encode_name(item.path)) == node.target
        if look is None:
            return False
        mtime, ctime, size, inode, mode, flags, digest = look
        if digest != node.digest or flags != (EXECUTABLE if node.kind == "exec" else 0):
            return False
        status = item.stat(follow_symlinks=False)
        # a link's ctime moves whenever another workspace links or drops the same object
        return (self._manifest.linked or status.st_ctime_ns == ctime) and (
            (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode) == (mtime, size, inode, mode)
        )

    def _remove(self, item: os.DirEntry[str]) -> None:
        if item.is_dir(follow_symlinks=False):
            _toss(item.path, self._trash)
            self._tossed = True
        else:
            os.unlink(item.path)

    def _create(self, path: str, node: Node) -> Look | None:
        if node.kind == "link":
            os.symlink(node.target, encode_name(path))
            return None
        executable = node.kind == "exec"
        source = self._store.objects.path(node.digest, executable)
        try:
            self._place(source, path)
        except FileNotFoundError:
            raise _Broken(node) from None
        status = os.lstat(path)
        if status.st_size != node.size or status.st_mtime_ns != marked(node.digest, status.st_mtime_ns):
            status = self._second_look(path, node)
        return look_at(status, EXECUTABLE if executable else 0, node.digest)

    def _second_look(self, path: str, node: Node) -> os.stat_result:
        """The object may be broken: mend it and place it again, or give up."""
        os.unlink(path)
        if not self._store.objects.mend(node.digest, node.kind == "exec", node.size):
            raise _Broken(node)
        self._place(self._store.objects.path(node.digest, node.kind == "exec"), path)
        return os.lstat(path)


def _open_up(directory: str) -> None:
    """A directory an action has closed to us, or given another mode, gets its own back."""
    if stat.S_IMODE(os.lstat(directory).st_mode) != 0o755:
        os.chmod(directory, 0o755)  # noqa: S103 - what mkdir gives


def _toss(path: str, trash: str) -> None:
    os.makedirs(trash, mode=0o700, exist_ok=True)
    try:
        os.rename(path, f"{trash}/{os.getpid()}-{next(_serial)}")
    except OSError:  # a mount point, or not ours to move
        _delete(path)
        if os.path.lexists(path):
            raise


def _empty_in_background(trash: str) -> None:
    if os.path.lexists(trash):
        threading.Thread(target=_delete, args=(trash,), name="greenroom-trash", daemon=True).start()


def _delete(path: str) -> None:
    """Delete as far as we may; directories that are closed are opened for it."""
    if not os.path.isdir(path) or os.path.islink(path):
        with contextlib.suppress(OSError):
            os.unlink(path)
        return
    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        for directory, names, _ in os.walk(path):
            for place in (directory, *(f"{directory}/{name}" for name in names)):
                with contextlib.suppress(OSError):
                    if not os.path.islink(place):
                        os.chmod(place, 0o700)
        shutil.rmtree(path, ignore_errors=True)
