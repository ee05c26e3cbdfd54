"""Which directories are watched and which changes in them count."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from engine._watching.names import litter

OURS: Final = frozenset({".git", ".greenroom"})
"""Never watched, wherever they lie: git's own files, and what runs write."""

RULES: Final = ".gitignore"

Signature = tuple[int, int, int, int]


class Places:
    """The roots, the single files outside them, and the rule that leaves things out.

    Ignored directories are not watched at all: a node_modules has more directories than most projects, every watch
    costs kernel memory, and what happens in there would only crowd the queue.
    """

    def __init__(
        self,
        roots: Mapping[str, Path],
        extra_files: Collection[Path],
        ignored: Callable[[Path], bool],
        corner: Path | None,
    ) -> None:
        self.roots = {name: path.absolute() for name, path in roots.items()}
        self.corner = corner.absolute() if corner else None
        self._ignored = ignored
        self._extras = {path.absolute(): path for path in extra_files}
        # An extra file may be a link: its target's directory is where a save shows.
        self._extras.update({Path(os.path.realpath(path)): path for path in extra_files})
        self._prefixes = tuple(f"{root}/" for root in self.roots.values())

    @property
    def extras(self) -> frozenset[Path]:
        """The single files, under the names they were given by."""
        return frozenset(self._extras.values())

    def standing(self) -> set[str]:
        """The directories to watch besides those in the roots, as far as they exist."""
        found = {str(path.parent) for path in self._extras} | ({str(self.corner)} if self.corner else set())
        return {path for path in found if os.path.isdir(path)}  # noqa: PTH112

    def directories(self, tops: Iterable[Path] | None = None) -> set[str]:
        """`tops` (all roots by default) and every directory below that is not left out."""
        found: set[str] = set()
        pending = [str(top) for top in (self.roots.values() if tops is None else tops)]
        while pending:
            top = pending.pop()
            try:
                with os.scandir(top) as entries:
                    found.add(top)
                    below = (entry for entry in entries if entry.is_dir(follow_symlinks=False))
                    pending += [entry.path for entry in below if self._entered(entry)]
            except OSError:  # gone meanwhile, or not ours to read: nothing to watch in either case
                continue
        return found

    def named(self, path: Path) -> Path | None:
        """The name under which a change of `path` is reported; None where it does not count."""
        extra = self._extras.get(path)
        if extra is not None:
            return extra
        text = str(path)
        for prefix in self._prefixes:
            if text.startswith(prefix):
                parts = text[len(prefix) :].split("/")
                if OURS.isdisjoint(parts) and not litter(parts[-1]) and not self._ignored(path):
                    return path
        return path if path in self.roots.values() else None

    def extra_signatures(self) -> dict[Path, Signature | None]:
        """What tells whether a single file changed; None while it does not exist."""
        return {path: signature(path) for path in self.extras}

    def identities(self) -> dict[Path, tuple[int, int] | None]:
        """Which directory stands at each root, and in the corner, now; None for none."""
        found: dict[Path, tuple[int, int] | None] = {}
        for place in (*self.roots.values(), *([self.corner] if self.corner else [])):
            stands = signature(place) if place.is_dir() else None
            found[place] = stands[:2] if stands else None
        return found

    def git_locks(self) -> list[Path]:
        """The files that exist while git rewrites the working tree of a root."""
        locks = set()
        for root in self.roots.values():
            for directory in (root, *root.parents):
                git = directory / ".git"
                if git.is_dir():
                    locks.add(git / "index.lock")
                elif git.is_file():
                    locks.add(_linked_git(git) / "index.lock")
                else:
                    continue
                break
        return sorted(locks)

    def _entered(self, entry: os.DirEntry[str]) -> bool:
        return entry.name not in OURS and not self._ignored(Path(entry.path))


def signature(path: Path) -> Signature | None:
    """Device, inode, time of change in ns and size of what `path` leads to; None where it leads nowhere."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _linked_git(file: Path) -> Path:
    """Where the .git file of a worktree or submodule points."""
    try:
        target = file.read_text(encoding="utf-8", errors="surrogateescape").partition("gitdir:")[2].strip()
    except OSError:
        return file
    return file.parent / target
