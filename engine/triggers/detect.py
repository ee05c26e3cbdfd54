"""Pushes, as this machine sees them: branches and tags of a local repository that moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import _git, _repository
from engine.triggers.filters import Push

BRANCH, TAG = "refs/heads/", "refs/tags/"

Refs = Mapping[str, str]
"""The commit of each branch and tag, by full name."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A branch or tag that points somewhere else now; `before` is empty where it is new."""

    ref: str
    before: str
    after: str


def repository_of(directory: Path) -> Path | None:
    """What the worktrees of a repository have in common (its .git directory), which tells it from others."""
    found = _repository.above(directory.resolve())
    return found.common if found else None


def read_refs(directory: Path) -> Refs | None:
    """Every branch and tag of the repository; an annotated tag stands for its commit. None where git cannot say."""
    format_ = "--format=%(refname)%00%(objectname)%00%(*objectname)"
    listed = _git.ask(directory, "for-each-ref", format_, BRANCH, TAG)
    if listed is None:
        return None
    rows = (line.split("\0") for line in listed.decode("utf-8", "surrogateescape").splitlines())
    return {ref: peeled or commit for ref, commit, peeled in rows}


def head_branch(directory: Path) -> str:
    """The branch that is checked out; empty where none is."""
    asked = _git.ask(directory, "symbolic-ref", "--quiet", "--short", "HEAD")
    return asked.decode("utf-8", "surrogateescape").strip() if asked else ""


def moved(before: Refs, after: Refs) -> Iterator[Moved]:
    """What a push of all branches and tags would have brought. What was deleted starts nothing."""
    for ref, commit in sorted(after.items()):
        if before.get(ref) != commit:
            yield Moved(ref, before.get(ref, ""), commit)


def push_of(directory: Path, moved: Moved) -> Push:
    """The push that a moved branch or tag stands for, with the files that it changed."""
    if moved.ref.startswith(TAG):
        return Push("tag", moved.ref.removeprefix(TAG))
    paths = changed_files(directory, moved.before, moved.after) if moved.before else ()
    return Push("branch", moved.ref.removeprefix(BRANCH), paths, created=not moved.before)


def changed_files(directory: Path, before: str, after: str) -> tuple[str, ...]:
    """The files that differ between two commits, from the top of the repository."""
    listed = _git.ask(directory, "diff", "--name-only", "-z", "--no-renames", before, after, "--")
    names = (listed or b"").split(b"\0")
    return tuple(name.decode("utf-8", "surrogateescape") for name in names if name)


def merge_base(directory: Path, one: str, other: str) -> str:
    """The commit that two branches have in common; empty where there is none."""
    asked = _git.ask(directory, "merge-base", one, other)
    return asked.decode().strip() if asked else ""


def latest(directory: Path, branch: str) -> tuple[str, str] | None:
    """Commit and name of a branch; of what is checked out where there is no such branch. None without a commit."""
    for ref, name in ((BRANCH + branch, branch), ("HEAD", "")) if branch else (("HEAD", ""),):
        asked = _git.ask(directory, "rev-parse", "--verify", "--quiet", ref + "^{commit}")
        if asked:
            return asked.decode().strip(), name or head_branch(directory)
    return None


def places(directory: Path) -> tuple[list[Path], list[Path]]:
    """Where a repository keeps its branches and tags: directories to watch, and single files."""
    common = repository_of(directory)
    if common is None:
        return [], []
    directories = [place for place in (common / "refs", common / "reftable") if place.is_dir()]
    return directories, [common / "packed-refs"]
