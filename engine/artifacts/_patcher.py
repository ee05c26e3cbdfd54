# ruff: noqa: PTH102
# os calls on plain strings, as everywhere around workspaces.
"""A reset of a directory that is known to be exactly one tree: only what differs from the other is looked at."""

from __future__ import annotations

import os

from engine.artifacts._manifest import GONE, Look, Patches
from engine.artifacts._placing import Placer
from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_DIGEST


class Patcher:
    """Turns one tree into another. Use `run` once."""

    def __init__(self, directory: str, store: Store, placer: Placer) -> None:
        self._root = directory
        self._store = store
        self._placer = placer
        self._patches: Patches = {}

    def run(self, old: bytes, new: bytes) -> Patches:
        """Apply the difference. Returns what the manifest has to learn. Raises as `Placer.create` and the store do."""
        if old != new:
            self._directory("", old, new)
        self._placer.finish()
        return self._patches

    def _directory(self, path: str, old: bytes, new: bytes) -> None:
        before, after = self._store.nodes(old), self._store.nodes(new)
        stale = {node.name: node for node in set(before).difference(after)}
        fresh = {node.name: node for node in set(after).difference(before)}
        where = f"{self._root}/{path}" if path else self._root
        changed: dict[str, Look] = self._patches.setdefault(path, {})
        descend = {name for name in stale.keys() & fresh.keys() if stale[name].kind == fresh[name].kind == "dir"}
        for name, node in stale.items():
            if name not in descend:
                self._placer.remove(f"{where}/{name}", is_directory=node.kind == "dir")
                changed[name] = GONE
        for name, node in fresh.items():
            if node.kind != "dir":
                if (look := self._placer.create(f"{where}/{name}", node)) is not None:
                    changed[name] = look
                continue
            if name not in descend:
                os.mkdir(f"{where}/{name}", 0o755)
            below = f"{path}/{name}" if path else name
            self._directory(below, stale[name].digest if name in descend else EMPTY_DIGEST, node.digest)
