"""What a build's files were before its last few commands, so that it can go back to one of them.

Files that are as the store has them are only noted, and what one checkpoint has copied serves those after it: a
checkpoint costs a look at every file, and the bytes that the last command wrote.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.artifacts.store import Store
from engine.providers.codebuild.inputs import Inputs

CHECKPOINTS = 3  # kept where people debug and nothing says how many
MOST_BYTES = 256 << 20  # of copies, in all checkpoints of a build
MOST_FILES = 50_000  # that are looked at before each command


class _Seen(NamedTuple):
    """A file, link or folder as it was. `copy` names its copy; empty where the store has it, or none is needed."""

    look: tuple[int, ...]
    kind: int  # as of `stat.S_IFMT`
    target: str = ""
    copy: str = ""


class TooMuch(Exception):
    """The files are too many, or too large."""


@dataclass(slots=True)
class Checkpoints:
    """Checkpoints of `roots`, in a folder of their own: the last `keep`, and that of the phase's beginning.

    `untouched` tells which files need no copy as long as they are as they began: how to write them again. What begins
    with `beside`, directly in a root, is none of the build's.
    """

    folder: Path
    roots: tuple[Path, ...]
    keep: int
    untouched: Callable[[], Mapping[str, Callable[[], None]]] = dict
    beside: str = ""
    most_bytes: int = MOST_BYTES
    most_files: int = MOST_FILES
    _stored: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    _kept: dict[str, dict[str, _Seen]] = field(default_factory=dict)
    _last: dict[str, _Seen] = field(default_factory=dict)
    _copied: int = 0

    def begin(self) -> None:
        """The workspace is as the inputs have it. Raises `TooMuch`, `OSError`."""
        self.drop()
        self.folder.mkdir(parents=True)
        self._stored = self.untouched()
        self._last = {place: seen for place, seen in self._scan() if place in self._stored}

    def go_on(self) -> None:
        """Know those that an earlier attempt has saved, and add to them. Raises `OSError`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stored = self.untouched()
        try:
            saved = json.loads(self._index.read_text(encoding="utf-8", errors="surrogateescape"))
            for key, rows in saved.items():
                self._kept[key] = {row[0]: _Seen(tuple(row[1]), *row[2:]) for row in rows}
        except (OSError, ValueError, TypeError, IndexError):
            self._kept = {}
        self._last = next(reversed(self._kept.values()), {})
        self._copied = max((int(path.name) for path in self.folder.iterdir()), default=0)

    def save(self) -> None:
        """Let a later attempt go back to them. Raises `OSError`."""
        plain = {key: [(place, *seen) for place, seen in kept.items()] for key, kept in self._kept.items()}
        self._index.write_text(json.dumps(plain), encoding="utf-8", errors="surrogateescape")

    def take(self, key: str, *, first: bool) -> None:
        """Keep what the files are now. `first`: it is the beginning of a phase. Raises `TooMuch`, `OSError`."""
        found = {place: self._noted(place, seen) for place, seen in self._scan()}
        if first:
            self._kept = {key: found}  # nobody goes back to an earlier phase
        else:
            self._kept[key] = found
            self._thin()
        self._last = found
        self._sweep()
        if self._bytes() > self.most_bytes:
            raise TooMuch(f"more than {self.most_bytes >> 20} MiB")

    def has(self, key: str) -> bool:
        """Whether it can be gone back to."""
        return key in self._kept

    def restore(self, key: str) -> None:
        """Make the files what they were. Raises `OSError`."""
        wanted, present = self._kept[key], dict(self._scan())
        for place in sorted(set(present) - set(wanted), reverse=True):  # what a folder holds goes before it
            _remove(place)
        for place, seen in sorted(wanted.items()):
            now = present.get(place)
            if now is None or (now.kind, now.target) != (seen.kind, seen.target) or now.look != seen.look:
                self._put(place, seen, now)
        later = dict(self._scan())
        self._last = {place: _Seen(later[place].look, s.kind, s.target, s.copy) for place, s in wanted.items()}
        self._kept[key] = self._last

    def drop(self) -> None:
        """Keep nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._index.unlink(missing_ok=True)
        self._kept, self._last = {}, {}

    @property
    def _index(self) -> Path:
        return self.folder.with_suffix(".json")

    def _scan(self) -> Iterator[tuple[str, _Seen]]:
        count = 0
        for root in self.roots:
            for found in _below(str(root), self.beside):
                count += 1
                if count > self.most_files:
                    raise TooMuch(f"more than {self.most_files} files")
                yield found

    def _noted(self, place: str, seen: _Seen) -> _Seen:
        before = self._last.get(place)
        if before is not None and (before.look, before.kind) == (seen.look, seen.kind):
            return before
        if not stat.S_ISREG(seen.kind):
            return seen
        self._copied += 1
        shutil.copyfile(place, self.folder / str(self._copied))
        return _Seen(seen.look, seen.kind, copy=str(self._copied))

    def _thin(self) -> None:
        """The phase's first one stays, and the newest."""
        for key in list(self._kept)[1 : -self.keep]:
            del self._kept[key]

    def _sweep(self) -> None:
        if present := list(self.folder.iterdir()):
            wanted = {seen.copy for kept in self._kept.values() for seen in kept.values() if seen.copy}
            for path in present:
                if path.name not in wanted:
                    path.unlink()

    def _bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def _put(self, place: str, seen: _Seen, now: _Seen | None) -> None:
        if now is not None and not (stat.S_ISDIR(now.kind) and stat.S_ISDIR(seen.kind)):
            _remove(place)
        if stat.S_ISDIR(seen.kind):
            Path(place).mkdir(exist_ok=True)
        elif stat.S_ISLNK(seen.kind):
            Path(place).symlink_to(seen.target)
        elif seen.copy:
            shutil.copyfile(self.folder / seen.copy, place)
        elif place in self._stored:
            self._stored[place]()
        if not stat.S_ISLNK(seen.kind) and Path(place).exists():
            Path(place).chmod(stat.S_IMODE(seen.look[4]))


def checkpoints_of(inputs: Inputs, keep: int) -> Checkpoints:
    """Those of a build that begins with these inputs."""
    layout = inputs.layout
    roots = (layout.source.parent, layout.secondary("x").parent, layout.output("x").parent)
    records = f".{layout.source.name}."  # of the workspace: what it holds, and a spare of it
    return Checkpoints(layout.checkpoints, roots, keep, lambda: _originals(inputs), records)


def _originals(inputs: Inputs) -> dict[str, Callable[[], None]]:
    """How each file of the inputs is written again, by its place."""
    found: dict[str, Callable[[], None]] = {}
    for name, tree in inputs.trees.items():
        for entry in inputs.store.walk(tree):
            if entry.kind in ("file", "exec"):
                place = inputs.folder(name) / entry.path
                found[str(place)] = partial(_again, inputs.store, tree, entry.path, place)
    return found


def _again(store: Store, tree: str, path: str, place: Path) -> None:
    place.write_bytes(store.read(tree, path))


def _below(root: str, beside: str = "") -> Iterator[tuple[str, _Seen]]:
    """Everything in a folder, folders before what they hold; pipes and sockets are left where they are."""
    try:
        with os.scandir(root) as found:
            items = list(found)
    except FileNotFoundError:
        return
    for item in items:
        if beside and item.name.startswith(beside):
            continue
        status = item.stat(follow_symlinks=False)
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFDIR:
            yield item.path, _Seen((0, 0, 0, 0, status.st_mode), kind)  # its times change with what it holds
            yield from _below(item.path)
        elif kind in (stat.S_IFREG, stat.S_IFLNK):
            target = os.readlink(item.path) if kind == stat.S_IFLNK else ""  # noqa: PTH115
            look = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode)
            yield item.path, _Seen(look, kind, target)


def _remove(name: str) -> None:
    place = Path(name)
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
