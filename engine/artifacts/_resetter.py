# ruff: noqa: PTH101, PTH102, PTH103, PTH115
# os calls on plain strings: there are many files.
"""A reset that trusts nothing: every file of the directory is looked at, and what is not right is replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from engine.artifacts._manifest import EXECUTABLE, Look, Manifest, pack, unpack
from engine.artifacts._placing import Placer
from engine.artifacts._site import Site
from engine.artifacts._trash import empty_in_background, toss
from engine.artifacts.store import Store
from engine.artifacts.tree import Node, encode_name

Pause = Callable[[], bool]
"""Asked again and again by work that can wait: True once it should break off."""


class GaveWay(Exception):
    """A reset was broken off where it asked whether it should be."""


def make_exact(site: Site, store: Store, tree: bytes, *, linked: bool, pause: Pause | None = None) -> None:
    """Make the directory exactly the tree. The manifest is away meanwhile.

    Raises `TreeMissing`, `Broken`, `OSError`; `GaveWay` when `pause` says so, keeping the manifest of what is done.
    """
    manifest = Manifest.load(site)
    if manifest is None or manifest.linked != linked:
        manifest = _anew(site, linked=linked)
    manifest.withdraw()
    try:
        _Resetter(site, store, manifest, pause).run(tree)
    except PermissionError:
        # an action left things that are not ours to change (a container running as root): begin anew
        manifest = _anew(site, linked=linked)
        _Resetter(site, store, manifest, pause).run(tree)
    except GaveWay:
        manifest.save()
        raise
    manifest.save()


def take_away(site: Site) -> None:
    """Move a directory aside and delete it in the background; its manifest goes as well."""
    Manifest(site, linked=True).withdraw()
    if os.path.lexists(site.directory):
        toss(site.directory, site.trash)
    empty_in_background(site.trash)


def _anew(site: Site, *, linked: bool) -> Manifest:
    if os.path.lexists(site.directory):
        take_away(site)
    os.makedirs(site.directory, mode=0o755)
    manifest = Manifest(site, linked=linked)
    manifest.rows[""] = pack({})
    return manifest


class _Resetter:
    """One reset: walks the tree and the directory side by side."""

    def __init__(self, site: Site, store: Store, manifest: Manifest, pause: Pause | None) -> None:
        self._where = site.directory
        self._store = store
        self._manifest = manifest
        self._pause = pause
        self._old = manifest.rows
        self._new: dict[str, bytes] = {}
        self._placer = Placer(store, site.trash, linked=manifest.linked)

    def run(self, tree: bytes) -> None:
        """Bring everything in line and leave the new rows in the manifest."""
        try:
            self._directory("", tree, created=False)
        except GaveWay:
            # Old rows of what was not reached are still true, and a row that is not true fits no file.
            self._manifest.rows = {**self._old, **self._new}
            raise
        self._manifest.rows = self._new
        self._placer.finish()

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
            elif name not in kept:
                self._give_way()
                if (look := self._placer.create(f"{where}/{name}", node)) is not None:
                    files[name] = look
        self._new[path] = row if row is not None and files == known else pack(files)

    def _keep(self, where: str, wanted: dict[str, Node], known: dict[str, Look]) -> dict[str, Look | None]:
        """What is right already; everything else in the directory is moved away."""
        kept: dict[str, Look | None] = {}
        with os.scandir(where) as found:
            items = list(found)
        for item in items:
            self._give_way()
            node = wanted.get(item.name)
            look = known.get(item.name)
            if node is not None and self._is_right(item, node, look):
                kept[item.name] = look if node.kind in ("file", "exec") else None
            else:
                self._placer.remove(item.path, is_directory=item.is_dir(follow_symlinks=False))
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

    def _give_way(self) -> None:
        if self._pause is not None and self._pause():
            raise GaveWay


def _open_up(directory: str) -> None:
    """A directory an action has closed to us, or given another mode, gets its own back."""
    if stat.S_IMODE(os.lstat(directory).st_mode) != 0o755:
        os.chmod(directory, 0o755)  # noqa: S103 - what mkdir gives
