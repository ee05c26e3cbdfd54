"""A commit's content as a tree of the store, read from git's objects: nobody's working tree is touched.

What is in the commit is taken as it is: no filter of .gitattributes runs, a submodule is an empty directory, as in the
archive that AWS hands out.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import _git, _repository, ignore
from engine.artifacts import tree as trees
from engine.artifacts.ignore import Rules
from engine.artifacts.store import Store
from engine.artifacts.tree import Branch, Node

_REMEMBERED = 200_000  # blobs: the next commit has most of them, too


class NoCommit(LookupError):
    """There is no such commit, or git cannot say. The message is for people."""


@dataclass(frozen=True, slots=True)
class _Blob:
    path: str
    mode: str
    id: str


def find_commit(directory: Path, name: str) -> str:
    """The full id of a commit, branch or tag in the repository of `directory`. Raises `NoCommit`."""
    option = name.startswith("-")  # older gits know no --end-of-options here
    asked = None if option else _git.ask(directory, "rev-parse", "--verify", "--quiet", name + "^{commit}")
    if not asked:
        outside = "" if _repository.above(directory.resolve()) else ": it is in no git repository"
        raise NoCommit(f"{directory} has no commit {name}{outside}")
    return asked.decode().strip()


def branch_of(directory: Path) -> str:
    """The branch that is checked out there; empty where there is none."""
    repository = _repository.above(directory.resolve())
    head = _git.head(repository) if repository else None
    return head.branch if head else ""


def commit_tree(directory: Path, commit: str, store: Store, *, exclude: Sequence[str] = ()) -> str:
    """What `directory` holds in that commit, as a tree of the store.

    `exclude` are patterns to leave out, written as in .gitignore. Raises `NoCommit`.
    """
    directory = directory.resolve()
    name = find_commit(directory, commit)
    repository = _repository.above(directory)
    inside = directory.relative_to(repository.worktree).as_posix() if repository else "."
    listing = _git.ask(directory, "ls-tree", "-r", "-z", "--full-tree", f"{name}:{'' if inside == '.' else inside}")
    if listing is None:
        raise NoCommit(f"commit {name[:7]} has no directory {inside}")
    rules = Rules.of(ignore.parse("\n".join(exclude).encode("utf-8", "surrogateescape")))
    with store.hold(), _Blobs(directory, store) as blobs:
        root: Branch = {}
        for blob in _listed(listing):
            if not _left_out(rules, blob.path):
                trees.graft(root, blob.path, blobs.leaf(blob))
        return store.record(root, blobs.grown)


def _listed(listing: bytes) -> Iterator[_Blob]:
    for row in filter(None, listing.split(b"\0")):
        facts, _, path = row.partition(b"\t")
        mode, _, identity = facts.decode("ascii").split(" ")
        yield _Blob(os.fsdecode(path), mode, identity)


def _left_out(rules: Rules, path: str) -> bool:
    *parents, name = path.split("/")
    for parent in parents:
        if rules.ignored(parent, True):
            return True
        rules = rules.below(parent)
    return rules.ignored(name, False)


_known: dict[tuple[Path, str, str], Node] = {}


class _Blobs:
    """Puts blobs into the store: one git process for all of them."""

    def __init__(self, directory: Path, store: Store) -> None:
        self.grown = 0
        self._directory = directory
        self._store = store
        self._git: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Blobs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._git is not None:
            self._git.communicate()

    def leaf(self, blob: _Blob) -> Node | Branch:
        """The record of one entry of a commit."""
        if blob.mode == "160000":
            return {}
        if blob.mode == "120000":
            return trees.link_node("", self._read(blob))
        executable = blob.mode == "100755"
        key = (self._store.root, blob.id, blob.mode)
        node = _known.get(key)
        if node is None or not self._store.objects.whole(node.digest, executable, node.size):
            data = self._read(blob)
            digest, grown = self._store.objects.add_bytes(data, executable, time.time_ns())
            self.grown += grown
            if len(_known) >= _REMEMBERED:
                _known.clear()
            node = _known[key] = Node("", "exec" if executable else "file", digest, len(data))
        return node

    def _read(self, blob: _Blob) -> bytes:
        if self._git is None:
            self._git = _git.conversation(self._directory, "cat-file", "--batch")
        assert self._git.stdin is not None
        assert self._git.stdout is not None
        try:
            self._git.stdin.write(blob.id.encode() + b"\n")
            self._git.stdin.flush()
            header = self._git.stdout.readline().split()
            data = self._git.stdout.read(int(header[2]) + 1)[:-1]
        except (OSError, IndexError, ValueError) as trouble:
            raise NoCommit(f"git cannot read {blob.path} of the commit: {trouble}") from trouble
        if header[1] != b"blob" or len(data) != int(header[2]):
            raise NoCommit(f"git cannot read {blob.path} of the commit")
        return data
