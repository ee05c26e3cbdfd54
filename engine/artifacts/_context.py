"""What decides which files of a source directory count: the repositories it touches, and their ignore rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from engine.artifacts import _gitconfig, _gitindex, _repository, ignore
from engine.artifacts._gitindex import Tracked
from engine.artifacts._repository import Repository
from engine.artifacts.ignore import Rules
from engine.artifacts.tree import decode_name, encode_name

Signature = tuple[int, int, int, int] | None
OURS = frozenset((".git", ".greenroom"))


def signature(file: Path) -> Signature:
    """What changes when a file does; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


class Territory:
    """The part of a source directory that belongs to one repository (or to none).

    `place` is its top relative to the source directory (empty or ending in ``/``), `prefix` the way from the
    repository's top to it: one of the two is always empty.
    """

    def __init__(self, root: Path, place: str, repository: Repository | None, prefix: str) -> None:
        self.place = place
        self.repository = repository
        self._prefix = os.fsencode(prefix)
        self._tracked: Tracked | None = None  # read when first asked for: many sources hold nothing ignored
        self._seen: Signature = None
        settings = repository.settings if repository else _gitconfig.load(None, None)
        self.ignore_case = settings.get("core.ignorecase", "") == "true"
        own = _gitconfig.excludes_file(settings)
        self._sources = [*([own] if own else []), *([repository.exclude] if repository else [])]
        above = _above(root, repository) if not place else []
        files = [self.read(file) for file in self._sources]
        self.rules, self._outer = self._base(files, above), [directory / ".gitignore" for directory in above]
        configs = [*_gitconfig.files(), repository.common / "config" if repository else root / ".git" / "HEAD"]
        self._watched = {file: signature(file) for file in (*self._sources, *self._outer, *configs)}

    def _base(self, files: Sequence[tuple[ignore.Rule, ...]], above: Sequence[Path]) -> Rules:
        """The rules that reach the territory's top from outside of it."""
        rules = Rules.of(*files)
        for directory, name in zip(above, os.fsdecode(self._prefix).split("/"), strict=False):
            rules = rules.plus(self.read(directory / ".gitignore", through_links=False))
            if rules.ignored(name, True):
                return Rules.of(*files)  # an ignored directory chosen as a source is meant to be read
            rules = rules.below(name)
        return rules

    def read(self, file: Path, *, through_links: bool = True) -> tuple[ignore.Rule, ...]:
        """The rules of an ignore file; none where it cannot be read (git does not follow a linked .gitignore)."""
        flags = os.O_RDONLY | os.O_CLOEXEC | (0 if through_links else os.O_NOFOLLOW)
        try:
            with os.fdopen(os.open(file, flags), "rb") as source:
                return ignore.parse(source.read(), ignore_case=self.ignore_case)
        except OSError:
            return ()

    @property
    def moved(self) -> bool:
        """Whether rules from outside the source directory have changed since."""
        return any(signature(file) != seen for file, seen in self._watched.items())

    def refresh(self) -> frozenset[bytes]:
        """Read git's index again if it changed since somebody asked; returns the tracked paths that came or went."""
        if self.repository is None or self._tracked is None or signature(self.repository.index) == self._seen:
            return frozenset()
        before = self._tracked.files
        return before ^ self._load(self.repository).files

    def _load(self, repository: Repository) -> Tracked:
        self._seen = signature(repository.index)
        self._tracked = _gitindex.read(repository)
        return self._tracked

    def source_path(self, tracked: bytes) -> str | None:
        """A tracked path relative to the source directory; None where it is outside of it."""
        if not tracked.startswith(self._prefix):
            return None
        return self.place + decode_name(tracked[len(self._prefix) :])

    def tracks(self, path: str, is_directory: bool) -> bool:
        """Whether git tracks a file (or something in a directory), given relative to the source directory."""
        if self.repository is None:
            return False
        name = self._prefix + encode_name(path[len(self.place) :])
        tracked = self._tracked or self._load(self.repository)
        return name in (tracked.directories if is_directory else tracked.files)


def top(root: Path) -> Territory:
    """The territory of the source directory itself."""
    repository = _repository.above(root)
    prefix = "" if repository is None else root.relative_to(repository.worktree).as_posix()
    return Territory(root, "", repository, "" if prefix in ("", ".") else prefix + "/")


def nested(root: Path, path: str) -> Territory | None:
    """The territory of a repository inside the source directory, if there is one at `path`."""
    repository = _repository.at(root / path)
    return Territory(root, path + "/", repository, "") if repository else None


def _above(root: Path, repository: Repository | None) -> list[Path]:
    """The directories from the repository's top down to the one that holds the source directory."""
    if repository is None:
        return []
    inside = [place for place in root.parents if place.is_relative_to(repository.worktree)]
    return inside[::-1]
