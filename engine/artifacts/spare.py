# ruff: noqa: PTH100, PTH104, PTH105, PTH108
# os calls on plain strings, as everywhere around workspaces.
"""Spares: a second directory beside a workspace, got ready while nothing runs, that takes its place at the next start.

    .NAME.spare            a directory that is being got ready, or is
    .NAME.spare.manifest   what it holds
    .NAME.spare.clean      the mark: it is exactly this tree. Taken away before anything else is touched
    .NAME.worn             what was the workspace until a spare took its place: material of the next spare
    .NAME.worn.manifest

The mark is all that is believed. Whatever interrupts us leaves a directory without a mark, and the next reset looks at
every file of the workspace itself, as it always did. A mark counts until the machine is started again, because nothing
here waits for the disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from engine.artifacts import tree as trees
from engine.artifacts._manifest import Manifest, append
from engine.artifacts._patcher import Patcher
from engine.artifacts._placing import Broken, Placer
from engine.artifacts._resetter import GaveWay, Pause, make_exact, take_away
from engine.artifacts._site import Site, beside
from engine.artifacts._users import is_used
from engine.artifacts.store import Store, TreeMissing

_claims: set[str] = set()
_claiming = threading.Lock()


def prepare(directory: Path, store: Store, tree: str, *, writable: bool = False, pause: Pause = lambda: False) -> bool:
    """Get a spare ready that is exactly the tree, every file of it verified. Whether there is one now.

    It is made of the directory that the last spare replaced, except while a process still works in there. Touches
    neither the workspace nor its manifest. `pause` is asked all the time; what is done by then is not done again.
    """
    where = os.path.abspath(directory)
    with _claim(where) as mine:
        if not mine:
            return False
        try:
            with store.hold():
                return _prepare(where, store, tree, not writable and store.links, pause)
        except GaveWay:
            return False
        except Broken as broken:
            damaged = broken.node
    store.evict([damaged])
    return False


def put_on(where: str, store: Store, tree: str, *, linked: bool) -> bool:
    """Let the spare become the workspace and the tree: the cost is that of the difference. False where there is none.

    Without it the workspace may be gone, but never wrong: then its manifest is gone as well. Call it while holding the
    store. Raises `Broken`.
    """
    with _claim(where) as mine:
        if not mine:
            return False
        try:
            mark = _Mark.take(where)
            if mark is None or mark.linked != linked or not mark.counts(where, store):
                return False
            _change(where)
            placer = Placer(store, beside(where, "trash"), linked=linked)
            patches = Patcher(where, store, placer).run(trees.raw(mark.tree), trees.raw(tree))
            append(Site.spare(where).manifest, patches)
            os.rename(Site.spare(where).manifest, Site.of(where).manifest)
        except OSError:
            return False
        return True


def drop(directory: Path) -> None:
    """Do without a spare, and give its disk space back in the background."""
    where = os.path.abspath(directory)
    with _claim(where) as mine:
        if mine:
            _Mark.take(where)
            for site in (Site.spare(where), Site.worn(where)):
                if os.path.lexists(site.directory) or os.path.lexists(site.manifest):
                    take_away(site)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Says that a spare is exactly `tree`. `evictions`: of the store, when that was found."""

    tree: str
    linked: bool
    inode: int
    evictions: int
    boot: str

    @classmethod
    def take(cls, where: str) -> _Mark | None:
        """The mark, which is gone now: whoever takes it is the only one to believe it, and once.

        Raises `OSError` where it cannot be taken away.
        """
        file = beside(where, "spare.clean")
        text = ""
        try:
            with contextlib.suppress(ValueError):
                text = Path(file).read_text()
            os.unlink(file)
            return cls(**json.loads(text))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def put(self, where: str) -> None:
        """Write it, whole or not at all."""
        file = beside(where, "spare.clean")
        Path(file + ".new").write_text(json.dumps(asdict(self)))
        os.replace(file + ".new", file)

    def counts(self, where: str, store: Store) -> bool:
        """Whether it is of this directory and time, and no object that the spare may link to was found broken since."""
        try:
            inode = os.lstat(beside(where, "spare")).st_ino
        except OSError:
            return False
        steady = not self.linked or self.evictions == store.evictions()
        return (self.inode, self.boot) == (inode, _boot()) and steady and store.has(self.tree)


def _prepare(where: str, store: Store, tree: str, linked: bool, pause: Pause) -> bool:
    site = Site.spare(where)
    mark = _Mark.take(where)
    if mark is None or (mark.tree, mark.linked) != (tree, linked) or not mark.counts(where, store):
        if not store.has(tree):
            raise TreeMissing(f"tree {tree} is not in the store any more")
        evictions = store.evictions()
        _gather_material(where)
        used = is_used(site.directory)
        if used:
            return False
        if used is None:
            take_away(site)
        make_exact(site, store, trees.raw(tree), linked=linked, pause=pause)
        mark = _Mark(tree, linked, os.lstat(site.directory).st_ino, evictions, _boot())
    if pause():  # an action has begun, and is not to have a mark beside it
        return False
    mark.put(where)
    return True


def _gather_material(where: str) -> None:
    """The directory that was the workspace before becomes the spare, unless there is one already."""
    spare, worn = Site.spare(where), Site.worn(where)
    if os.path.lexists(worn.directory):
        if os.path.lexists(spare.directory):
            take_away(worn)
        else:
            Manifest(spare, linked=True).withdraw()
            os.rename(worn.directory, spare.directory)
            with contextlib.suppress(FileNotFoundError):
                os.replace(worn.manifest, spare.manifest)


def _change(where: str) -> None:
    """The workspace becomes worn, the spare the workspace. In between there is none, and no manifest fits the other."""
    here, spare, worn = Site.of(where), Site.spare(where), Site.worn(where)
    if os.path.lexists(worn.directory):
        take_away(worn)
    if os.path.lexists(here.directory):
        os.rename(here.directory, worn.directory)
        with contextlib.suppress(FileNotFoundError):
            os.replace(here.manifest, worn.manifest)
    os.rename(spare.directory, here.directory)


@contextmanager
def _claim(where: str) -> Iterator[bool]:
    """One at a time for each workspace. Nobody waits: False where somebody else is at it."""
    with _claiming:
        mine = where not in _claims
        _claims.add(where)
    try:
        yield mine
    finally:
        if mine:
            _claims.discard(where)


@cache
def _boot() -> str:
    """What a mark of before a power cut, whose files may not have reached the disk, does not have."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # no such thing here: marks count for this process only
        return str(uuid.uuid4())
