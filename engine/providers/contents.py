"""Looking into stored trees as a file system would: links are followed."""

from __future__ import annotations

import os
import posixpath

from engine.artifacts.store import Store
from engine.artifacts.tree import Node

_LINKS = 40  # as many links in a row as Linux follows


def resolve(store: Store, tree: str, path: str) -> Node | None:
    """The file a path leads to, links followed inside the tree; None where there is none."""
    for _ in range(_LINKS):
        try:
            node = store.find(tree, path)
        except (FileNotFoundError, ValueError):
            return None
        if node.kind == "dir":
            return None
        if node.kind != "link":
            return node
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), os.fsdecode(node.target)))
    return None
