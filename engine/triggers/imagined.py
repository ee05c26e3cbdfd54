"""Pushes and pull requests as they would be, made from the local repository or from what somebody says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.artifacts import _git
from engine.artifacts.commit import NoCommit, find_commit
from engine.triggers.detect import BRANCH, TAG, changed_files, head_branch, merge_base
from engine.triggers.filters import PullRequest, PullRequestEvent, Push


def imagined_push(
    directory: Path, branch: str = "", *, commits: str = "", paths: Sequence[str] = (), created: bool = False
) -> tuple[Push, str]:
    """A push to a branch (the one that is checked out where none is named), and the commit that it brings.

    `commits` is a range like git's, ``A..B``; without it what the upstream branch lacks, or else the last commit.
    `paths` are the changed files instead of those of the commits. Raises `NoCommit`.
    """
    branch = branch or head_branch(directory)
    if not branch:
        raise NoCommit("no branch is checked out; name the one that is pushed")
    before, _, after = commits.partition("..")
    tip = _tip(directory, branch)
    if commits:
        tip = find_commit(directory, after or tip or "HEAD")
    if paths or created:
        return Push("branch", branch, tuple(paths), created), tip
    if not tip:
        raise NoCommit(f"there is no branch {branch} here; say with --path which files its push would change")
    start = find_commit(directory, before) if before else _pushed_already(directory, branch, tip)
    return Push("branch", branch, changed_files(directory, start, tip) if start else (), created=not start), tip


def imagined_tag(directory: Path, tag: str) -> tuple[Push, str]:
    """A push of a tag, which need not be there: it then stands for what is checked out. Raises `NoCommit`."""
    asked = _git.ask(directory, "rev-parse", "--verify", "--quiet", TAG + tag + "^{commit}")
    return Push("tag", tag), asked.decode().strip() if asked else find_commit(directory, "HEAD")


def imagined_pull_request(
    directory: Path, target: str, source: str = "", *, event: PullRequestEvent = "OPEN", paths: Sequence[str] = ()
) -> tuple[PullRequest, str]:
    """Something that happens to a pull request of a branch (the one that is checked out) into `target`, and its commit.

    The changed files are those since the branches parted, unless `paths` says. Raises `NoCommit`.
    """
    source = source or head_branch(directory)
    if not source:
        raise NoCommit("no branch is checked out; name the one of the pull request")
    tip = _tip(directory, source)
    if paths:
        return PullRequest(event, source, target, tuple(paths)), tip
    if not tip:
        raise NoCommit(f"there is no branch {source} here; say with --path which files it changes")
    base = merge_base(directory, _target(directory, target), tip)
    if not base:
        raise NoCommit(f"{source} and {target} have no commit in common; say with --path which files it changes")
    return PullRequest(event, source, target, changed_files(directory, base, tip)), tip


def _tip(directory: Path, branch: str) -> str:
    asked = _git.ask(directory, "rev-parse", "--verify", "--quiet", BRANCH + branch + "^{commit}")
    return asked.decode().strip() if asked else ""


def _target(directory: Path, target: str) -> str:
    """The commit of a target branch, which may be known only as that of the remote."""
    for ref in (BRANCH + target, f"refs/remotes/origin/{target}"):
        asked = _git.ask(directory, "rev-parse", "--verify", "--quiet", ref + "^{commit}")
        if asked:
            return asked.decode().strip()
    raise NoCommit(f"there is no branch {target} here, and none of origin")


def _pushed_already(directory: Path, branch: str, tip: str) -> str:
    """Where the branch was before the push: its upstream if that is behind, else the commit before the last."""
    for name in (f"{branch}@{{upstream}}", f"{tip}~1"):
        asked = _git.ask(directory, "rev-parse", "--verify", "--quiet", name + "^{commit}")
        found = asked.decode().strip() if asked else ""
        if found and found != tip:
            return found
    return ""
