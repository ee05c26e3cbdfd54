# ruff: noqa: PTH108
# os calls on plain strings: there are many files.
"""Dropping content: by age to stay under the cap, or because it is broken. Only with the store held exclusively."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from engine.artifacts import tree as trees
from engine.artifacts._index import Index
from engine.artifacts._objects import Objects, on_disk
from engine.artifacts.tree import EMPTY_DIGEST, Node

Item = tuple[bytes, bool]  # an object: digest, executable


class Sweeper:
    """Marks what lives, sweeps the rest."""

    def __init__(self, index: Index, objects: Objects) -> None:
        self._index = index
        self._objects = objects

    def sweep(self, max_bytes: int, keep: Iterable[bytes]) -> list[bytes]:
        """Drop root trees, the least recently used first, until the rest takes at most `max_bytes`."""
        live = _Live(self._index.bodies())
        roots = self._index.roots()
        kept = set(keep)
        for root in kept:
            live.mark(live.share(root))
        staying = 0
        candidates = [root for root in roots if root not in kept]
        for root in candidates:
            share = live.share(root)
            if live.size + share.size > max_bytes:
                break
            live.mark(share)
            staying += 1
        dropped = candidates[staying:]
        self._index.drop([d for d in live.bodies if d not in live.trees], dropped, live.size)
        self._sweep_objects(live.objects)
        self._index.remember("swept", int(time.time()))
        return dropped[::-1]

    def _sweep_objects(self, live: Mapping[Item, int]) -> None:
        for path, digest, executable in self._objects.everything():
            if (digest, executable) not in live:
                with contextlib.suppress(OSError):
                    os.unlink(path)
        self._objects.clear_scratch()

    def evict(self, broken: Collection[Node]) -> None:
        """Drop objects that are not what they say, and the trees above them; sound ones among them are left."""
        gone = [
            node
            for node in broken
            if self._objects.sealer is not None or not self._objects.whole(node.digest, node.kind == "exec", node.size)
            if not self._objects.mend(node.digest, node.kind == "exec", node.size)
        ]
        if not gone:
            return
        trees_gone = _above(self._index.bodies(), {(node.kind, node.digest) for node in gone})
        self._index.remember("evictions", self._index.fact("evictions") + 1)
        self._index.drop(trees_gone, trees_gone)
        for node in gone:
            self._objects.remove(node.digest, node.kind == "exec")


@dataclass(slots=True)
class _Share:
    """What one tree needs beyond what is marked already."""

    trees: set[bytes] = field(default_factory=set)
    objects: dict[Item, int] = field(default_factory=dict)
    size: int = 0


class _Live:
    """What is reachable from the marked trees, and what it takes on disk."""

    def __init__(self, bodies: Mapping[bytes, bytes]) -> None:
        self.bodies = bodies
        self.trees: set[bytes] = set()
        self.objects: dict[Item, int] = {}
        self.size = 0

    def mark(self, share: _Share) -> None:
        """Count a tree in."""
        self.trees |= share.trees
        self.objects |= share.objects
        self.size += share.size

    def share(self, root: bytes) -> _Share:
        """What a tree would add."""
        share, todo = _Share(), [root]
        while todo:
            digest = todo.pop()
            body = self.bodies.get(digest)
            if body is None or digest in share.trees or digest in self.trees:
                continue
            share.trees.add(digest)
            share.size += len(body)
            for node in trees.decode(body):
                item = (node.digest, node.kind == "exec")
                if node.kind == "dir":
                    todo.append(node.digest)
                elif node.kind != "link" and item not in self.objects and item not in share.objects:
                    share.objects[item] = node.size
                    share.size += on_disk(node.size)
        return share


def _above(bodies: Mapping[bytes, bytes], broken: Collection[tuple[trees.Kind, bytes]]) -> set[bytes]:
    """Every tree that refers to one of the broken records, directly or through other trees."""
    parents: dict[bytes, list[bytes]] = {}
    todo: list[bytes] = []
    for digest, body in bodies.items():
        for node in trees.decode(body):
            if node.kind == "dir" and node.digest != EMPTY_DIGEST:
                parents.setdefault(node.digest, []).append(digest)
            elif (node.kind, node.digest) in broken:
                todo.append(digest)
    gone: set[bytes] = set()
    while todo:
        digest = todo.pop()
        if digest not in gone:
            gone.add(digest)
            todo += parents.get(digest, ())
    return gone
