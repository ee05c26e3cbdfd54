"""Edits of a source that are laid into the workspace of a build that stands still: what it has made stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine.artifacts.store import Store
from engine.providers.codebuild.inputs import Inputs


def lay_edits(inputs: Inputs, old: Mapping[str, str], new: Mapping[str, str], store: Store) -> dict[str, Path]:
    """Bring the folders of input artifacts from one tree to another, touching what differs only.

    Returns the places by path; that of a secondary artifact has its name in front. Raises `OSError` or `KeyError` where
    a tree is not in the store any more.
    """
    laid: dict[str, Path] = {}
    for name, tree in new.items():
        before = old.get(name)
        if before is None or before == tree:
            continue
        folder = inputs.folder(name)
        wanted = {entry.path: entry for entry in store.walk(tree)}
        for path in store.diff(before, tree).paths:
            place = folder / path
            _remove(place)
            if (entry := wanted.get(path)) is not None:
                _put(place, entry.kind, store, tree, path)
            laid[path if name == inputs.primary else f"{name}: {path}"] = place
    return laid


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _put(place: Path, kind: str, store: Store, tree: str, path: str) -> None:
    """A file of its own, never a link into the store: whoever debugs may write to it."""
    for above in reversed(place.parents):
        if above.is_symlink() or above.is_file():
            above.unlink()
            break
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "dir":
        place.mkdir(exist_ok=True)
    elif kind == "link":
        place.symlink_to(os.fsdecode(store.read(tree, path)))
    else:
        place.write_bytes(store.read(tree, path))
        place.chmod(0o755 if kind == "exec" else 0o644)
