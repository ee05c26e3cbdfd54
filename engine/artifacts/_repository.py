"""Where a git repository keeps what snapshots need to know: index, exclude file, settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.artifacts._gitconfig import Settings, load


@dataclass(frozen=True)
class Repository:
    """A repository found by looking, not by asking git. `common` differs from `directory` in linked worktrees."""

    worktree: Path
    directory: Path
    common: Path

    @property
    def index(self) -> Path:
        """The index file."""
        return self.directory / "index"

    @property
    def exclude(self) -> Path:
        """The repository's private ignore file."""
        return self.common / "info" / "exclude"

    @cached_property
    def settings(self) -> Settings:
        """The git settings in force here."""
        return load(self.common / "config", self.directory)

    @property
    def sha256(self) -> bool:
        """Whether object names are SHA-256."""
        return self.settings.get("extensions.objectformat", "").lower() == "sha256"


def at(directory: Path) -> Repository | None:
    """The repository whose worktree's top is exactly this directory."""
    dot = directory / ".git"
    try:
        place = dot if dot.is_dir() else _follow(dot)
        common = place
        if (place / "commondir").is_file():
            common = (place / (place / "commondir").read_text().strip()).resolve()
        if not (place / "HEAD").exists() and not (place / "HEAD").is_symlink():
            return None
    except (OSError, ValueError):
        return None
    return Repository(directory, place, common) if (common / "objects").is_dir() else None


def above(directory: Path) -> Repository | None:
    """The repository that a directory is in."""
    for place in (directory, *directory.parents):
        found = at(place)
        if found is not None:
            return found
    return None


def _follow(dot: Path) -> Path:
    text = dot.read_text(errors="surrogateescape")
    if not text.startswith("gitdir:"):
        raise ValueError("not a gitdir file")
    return (dot.parent / text.removeprefix("gitdir:").strip("\n").strip()).resolve()
