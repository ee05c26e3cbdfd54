"""Workspaces: directories that are made exactly a tree, again and again, at the cost of what changed.

Files are hard links of the store's read-only objects, or copies. What was put where is kept in a manifest beside the
directory, so that the next reset replaces only what the tree or an action has changed. What has to go is moved aside
at once and deleted in the background. Where a spare was got ready (`engine.artifacts.spare`), it takes the
directory's place, and only what differs between two trees is looked at.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from engine.artifacts import spare
from engine.artifacts import tree as trees
from engine.artifacts._manifest import are_links
from engine.artifacts._placing import Broken
from engine.artifacts._resetter import make_exact, take_away
from engine.artifacts._site import Site
from engine.artifacts.store import Store, TreeMissing
from engine.artifacts.tree import Entry, Node


def reset(directory: Path, store: Store, tree: str, *, writable: bool = False) -> None:
    """Make `directory` exactly the tree: what differs is replaced, what is too much goes.

    By default files are read-only links of the store (fast; an action that is not root cannot write to them in
    place). With `writable` they are copies of its own, which costs only for what changed since the last reset.
    Raises `TreeMissing` where the tree or some content is not in the store.
    """
    where = os.path.abspath(directory)  # noqa: PTH100 - `Path.absolute` leaves ".." in it
    try:
        with store.hold():
            if not store.has(tree):
                raise TreeMissing(f"tree {tree} is not in the store any more")
            linked = not writable and store.links
            if not spare.put_on(where, store, tree, linked=linked):
                make_exact(Site.of(where), store, trees.raw(tree), linked=linked)
    except Broken as broken:
        store.evict([broken.node])
        raise TreeMissing(f"the content of {broken.node.name} is damaged or gone from the store") from None


def mutated(directory: Path, store: Store, tree: str) -> list[str]:
    """Paths of the tree whose store objects were written through a link. Those objects are evicted.

    An object whose mode alone was changed is mended and not reported: collect an action's outputs first. A workspace
    of copies cannot have harmed the store.
    """
    if not are_links(Site.of(os.path.abspath(directory))):  # noqa: PTH100
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
    spare.drop(directory)
    take_away(Site.of(os.path.abspath(directory)))  # noqa: PTH100


def _as_object(entry: Entry) -> Node | None:
    if entry.kind in ("link", "dir"):
        return None
    return Node(entry.path, entry.kind, bytes.fromhex(entry.digest), entry.size)


def _whole(store: Store, node: Node) -> bool:
    return store.objects.whole(node.digest, node.kind == "exec", node.size)
