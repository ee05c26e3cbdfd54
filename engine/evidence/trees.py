"""Two content trees, file by file: what was added, removed, changed, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_TREE, Entry, Node
from engine.evidence.text import LARGEST, DiffLine, TextDiff, unified

MOST = 2_000  # files of one comparison that are listed

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs. Sizes are in bytes, 0 where it is not there; `note` says what else is different."""

    kind: ChangeKind
    path: str
    before: int = 0
    after: int = 0
    note: str = ""

    @property
    def sign(self) -> str:
        """``+``, ``-`` or ``~``."""
        return {"added": "+", "removed": "-", "changed": "~"}[self.kind]


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What differs from one tree to another. `files` are the first of them; the counts are of all.

    `lost`: one of the trees is not kept any more, so that only the fact is known.
    """

    files: tuple[FileChange, ...] = ()
    added: int = 0
    removed: int = 0
    changed: int = 0
    lost: bool = False

    @property
    def count(self) -> int:
        """How many files differ."""
        return self.added + self.removed + self.changed

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.files)

    @property
    def words(self) -> str:
        """``2 added, 1 changed``."""
        if self.lost:
            return "dropped from the cache"
        counts = ((self.added, "added"), (self.removed, "removed"), (self.changed, "changed"))
        return ", ".join(f"{count} {word}" for count, word in counts if count) or "no file differs"


def compare(store: Store, old: str, new: str) -> TreeChange:
    """What differs from tree `old` to tree `new`; an empty name stands for a tree without files."""
    old, new = old or EMPTY_TREE, new or EMPTY_TREE
    if old == new:
        return TreeChange()
    try:
        found = store.diff(old, new)
        kinds: list[tuple[ChangeKind, str]] = [("changed", path) for path in found.changed]
        kinds += [("added", path) for path in found.added]
        kinds += [("removed", path) for path in found.removed]
        listed = kinds[:MOST]
        before = _nodes(store, old, [path for kind, path in listed if kind != "added"])
        after = _nodes(store, new, [path for kind, path in listed if kind != "removed"])
        files = tuple(_change(kind, path, before.get(path), after.get(path)) for kind, path in listed)
    except (KeyError, OSError, ValueError):
        return TreeChange(lost=True)
    files = tuple(sorted(files, key=lambda change: change.path))
    return TreeChange(files, len(found.added), len(found.removed), len(found.changed))


def listing(store: Store, tree: str) -> list[Entry] | None:
    """The files of a tree; None where it is not kept any more."""
    try:
        return [entry for entry in store.walk(tree) if entry.kind != "dir"] if tree else []
    except (KeyError, OSError, ValueError):
        return None


def difference(store: Store, old: str, new: str, path: str) -> TextDiff:
    """One file as a diff; a tree that does not have it counts as an empty file."""
    before, after = _find(store, old, path), _find(store, new, path)
    for node in (before, after):
        if node is not None and node.size > LARGEST:
            sizes = f"{before.size if before else 0} → {after.size if after else 0} bytes"
            return TextDiff((DiffLine("note", f"too large to be compared line by line: {sizes}"),))
    try:
        data = [store.read(tree, path) if node else b"" for tree, node in ((old, before), (new, after))]
    except (OSError, ValueError):
        return TextDiff((DiffLine("note", "the content was dropped from the cache"),))
    found = unified(*data)
    if found.binary:
        sizes = " → ".join(f"{len(part)} bytes" for part in data)
        return TextDiff((DiffLine("note", f"binary: {sizes}"),), binary=True)
    return found


def head(store: Store, tree: str, path: str, limit: int) -> tuple[bytes, int]:
    """The beginning of a file and its whole size in bytes. Raises `FileNotFoundError` where it is not kept."""
    node = store.find(tree, path)
    if node.kind == "link" or node.size <= limit:
        return store.read(tree, path)[:limit], node.size
    with store.file(node).open("rb") as file:
        return file.read(limit), node.size


def _find(store: Store, tree: str, path: str) -> Node | None:
    try:
        return store.find(tree, path) if tree else None
    except (KeyError, OSError, ValueError):
        return None


def _nodes(store: Store, tree: str, paths: list[str]) -> dict[str, Node]:
    """The records of files, each folder taken apart once: a folder may hold thousands."""
    found: dict[str, Node] = {}
    folders: dict[str, dict[str, Node]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            digest = store.find(tree, folder).digest if folder else bytes.fromhex(tree)
            folders[folder] = {node.name: node for node in store.nodes(digest)}
        found[path] = folders[folder][name]
    return found


def _change(kind: ChangeKind, path: str, before: Node | None, after: Node | None) -> FileChange:
    note = ""
    if before and after and before.kind != after.kind:
        note = {"exec": "now executable", "link": "now a link", "file": "now a plain file"}.get(after.kind, after.kind)
    return FileChange(kind, path, before.size if before else 0, after.size if after else 0, note)
