"""What a run was seen to look at in its input trees, and whether it would see the same in others.

A look is at a path of a tree, and at one of four things: ``k``, what is there at all (nothing, a file, an empty file, a
program, a directory, a link and where to); ``c``, the content as well; ``n``, the names in a directory; ``a``,
everything below. Of a path that is not there, the look is at the first of its directories that is missing.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from weakref import WeakKeyDictionary

from engine.artifacts import tree as trees
from engine.artifacts.store import Store
from engine.artifacts.tree import Node

Depth = Literal["k", "c", "n", "a"]
Looks = Mapping[str, Mapping[str, str]]
"""Input artifact -> path ("" for its folder) -> the depths of the looks at it, as letters."""

_FILE = "looks"


def put_looks(store: Store, looks: Looks) -> str:
    """Keep them in the store; returns the digest of a tree."""
    plain = json.dumps(looks, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return store.put_bytes({_FILE: zlib.compress(plain.encode(), 3)})


_FOUND: WeakKeyDictionary[Store, dict[str, Looks]] = WeakKeyDictionary()
_MANY = 64


def get_looks(store: Store, tree: str) -> Looks:
    """What was kept. Raises `FileNotFoundError` where the store has dropped it."""
    known = _FOUND.setdefault(store, {})
    if (found := known.get(tree)) is None:
        if len(known) >= _MANY:
            known.clear()
        found = known[tree] = json.loads(zlib.decompress(store.read(tree, _FILE)))
    return found


def changed_looks(store: Store, looks: Mapping[str, str], old: str, new: str) -> Iterator[str]:
    """The paths at which those looks would see something else in `new` than in `old`.

    The cost is that of the trees' difference: a look sees something else only at a path that differs, or at a directory
    above one.
    """
    before, after = _Finder(store, old), _Finder(store, new)
    done: set[str] = set()
    for path in store.diff(old, new).paths if old != new else ():
        for place in _upwards(path):
            if place in done:
                break  # and so are all above it
            done.add(place)
            if any(before.sees(place, depth) != after.sees(place, depth) for depth in looks.get(place, "")):
                yield place


def files_in(looks: Mapping[str, str]) -> list[str]:
    """The paths whose content was looked at, sorted."""
    return sorted(path for path, depths in looks.items() if "c" in depths or "a" in depths)


class Sight:
    """Gathers looks at one tree."""

    def __init__(self, store: Store, tree: str) -> None:
        self._finder = _Finder(store, tree)
        self._depths: dict[str, set[str]] = {}

    def look(self, path: str, depth: Depth) -> None:
        """Somebody has looked there."""
        place = self._finder.reach(path)
        node = self._finder.node(place)
        opened = depth == "c" and node is not None and node.kind == "dir"  # its names are another look
        self._depths.setdefault(place, set()).add("k" if opened or place != path else depth)

    def node(self, path: str) -> Node | None:
        """What the tree has there."""
        return self._finder.node(path)

    def looks(self) -> dict[str, str]:
        """All of them. Who knows the content knows what is there."""
        return {path: _letters(depths) for path, depths in sorted(self._depths.items())}


def _letters(depths: Iterable[str]) -> str:
    found = set(depths)
    if "a" in found:
        return "a"
    return "".join(sorted(found - ({"k"} if "c" in found else set())))


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


class _Finder:
    """Looks paths up, each directory taken apart once."""

    def __init__(self, store: Store, tree: str) -> None:
        self._store = store
        self._top = Node("", "dir", trees.raw(tree), 0)
        self._known: dict[bytes, dict[str, Node]] = {}

    def node(self, path: str) -> Node | None:
        """None where nothing is."""
        node = self._top
        for name in path.split("/") if path else ():
            if node.kind != "dir" or (below := self._in(node).get(name)) is None:
                return None
            node = below
        return node

    def reach(self, path: str) -> str:
        """The path itself where it or at least its directory is there; otherwise the first that is missing above it."""
        node, at = self._top, ""
        for name in path.split("/") if path else ():
            if node.kind != "dir":
                return at
            at = f"{at}/{name}" if at else name
            below = self._in(node).get(name)
            if below is None:
                return at
            node = below
        return at

    def sees(self, path: str, depth: str) -> object:
        """What a look finds, to be compared."""
        node = self.node(path)
        if node is None:
            return None
        kind = (node.kind, node.target, node.kind != "dir" and node.size == 0)
        match depth:
            case "c" if node.kind != "dir":
                return (*kind, node.digest)
            case "n" if node.kind == "dir":
                return tuple((one.name, "file" if one.kind == "exec" else one.kind) for one in self._in(node).values())
            case "a":
                return (*kind, node.digest)
            case _:
                return kind

    def _in(self, node: Node) -> dict[str, Node]:
        found = self._known.get(node.digest)
        if found is None:
            found = self._known[node.digest] = {one.name: one for one in self._store.nodes(node.digest)}
        return found
