"""Facts of a git repository: who made which commit, what differs from it.

Read straight from the repository's files where that is simple (HEAD, loose commits), else asked of git. Nothing fails
where git is missing or refuses the directory: then less is known.
"""

from __future__ import annotations

import os
import subprocess
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.artifacts._repository import Repository

_TIMEOUT = 30
_MAX_MESSAGE = 100_000
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. Dates are ISO 8601 in UTC, empty where unknown."""

    id: str
    message: str = ""
    author_date: str = ""
    committer_date: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What is checked out: the branch (empty when detached) and the commit id (empty before the first)."""

    branch: str
    commit: str


def head(repository: Repository) -> Head | None:
    """What is checked out; None where only git could tell."""
    try:
        text = (repository.directory / "HEAD").read_text(errors="surrogateescape").strip()
        if not text.startswith("ref:"):
            return Head("", text)
        ref = text.removeprefix("ref:").strip()
        if ref == "refs/heads/.invalid":  # the reftable format keeps its refs elsewhere
            return None
        return Head(ref.removeprefix("refs/heads/"), _resolve(repository, ref))
    except OSError:
        return None


def _resolve(repository: Repository, ref: str, depth: int = 5) -> str:
    loose = repository.common / ref
    if loose.is_file():
        text = loose.read_text().strip()
        inner = text.removeprefix("ref:").strip()
        return _resolve(repository, inner, depth - 1) if inner != text and depth else text
    packed = repository.common / "packed-refs"
    for line in packed.read_text(errors="surrogateescape").splitlines() if packed.is_file() else ():
        name, _, found = line.partition(" ")
        if found == ref:
            return name
    return ""


def commit(repository: Repository, name: str) -> Commit:
    """A commit by its full id."""
    loose = repository.common / "objects" / name[:2] / name[2:]
    try:
        data = zlib.decompress(loose.read_bytes()).partition(b"\0")[2]
    except (OSError, zlib.error):
        data = ask(repository.worktree, "cat-file", "commit", name) or b""
    header, _, message = data.partition(b"\n\n")
    fields = dict(line.split(b" ", 1) for line in header.split(b"\n") if b" " in line and not line.startswith(b" "))
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    return Commit(
        name,
        _text(message[:_MAX_MESSAGE], encoding).strip("\n"),
        _date(fields.get(b"author", b"")),
        _date(fields.get(b"committer", b"")),
    )


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _date(person: bytes) -> str:
    seconds = person.rpartition(b"> ")[2].split(b" ")[0]
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def changes(repository: Repository, directory: Path) -> dict[str, str] | None:
    """Paths below `directory` that differ from HEAD, and the blob id HEAD has for each (empty: it has none).

    Paths are relative to `directory`. None where git is missing or refuses to look.
    """
    options = ("--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--", ".")
    output = ask(directory, "--no-optional-locks", "status", *options)
    if output is None:
        return None
    prefix = directory.relative_to(repository.worktree).as_posix()
    start = 0 if prefix == "." else len(os.fsencode(prefix)) + 1
    found: dict[str, str] = {}
    for row in output.split(b"\0"):
        if row[:1] == b"1":
            _, _, _, mode, _, _, blob, _, path = row.split(b" ", 8)
            found[os.fsdecode(path[start:])] = "" if mode == b"000000" else blob.decode()
        elif row[:1] == b"u":
            found[os.fsdecode(row.split(b" ", 10)[10][start:])] = "conflict"
        elif row[:1] == b"?":
            found[os.fsdecode(row[2:][start:])] = ""
    return found


def ask(directory: Path, *arguments: str) -> bytes | None:
    """What a git command prints; None where it fails."""
    command = ["git", "-C", str(directory), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=_TIMEOUT, env=_environment(), stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def conversation(directory: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A git command that is asked on its standard input. Raises `OSError` where there is no git."""
    command = ["git", "-C", str(directory), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_environment())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | {"LC_ALL": "C"}
