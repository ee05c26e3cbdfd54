"""What a source action says of its revision: the id, a label for people, and AWS's output variables.

The variables of each provider are those of
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html; their values come from git where the
source directory is in a repository, and are made from the content where it is not.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import _git, _repository
from engine.artifacts._git import Commit
from engine.artifacts._repository import Repository
from engine.artifacts.store import Store
from engine.artifacts.tree import Node
from engine.model.outcome import Revision

_NO_DATE = "1970-01-01T00:00:00Z"
_NO_COMMIT = "Working directory without a commit"
_REMEMBERED = 64


def revision(
    directory: Path,
    tree: str,
    *,
    provider: str,
    configuration: Mapping[str, str],
    store: Store | None = None,
    region: str = "us-east-1",
    account: str = "000000000000",
) -> Revision:
    """The revision of a source directory whose snapshot is `tree`.

    With `store`, git is asked once for each commit and later saves are compared by digest, without a process. The
    label is the short commit id and how many files differ from it (``a1b2c3d +3 files``). Never raises for what git
    says or does not say.
    """
    facts = _facts(directory.resolve(), tree, store)
    return _described(facts, tree, directory, provider, configuration, (region, account))


def committed(
    directory: Path,
    tree: str,
    commit: str,
    *,
    branch: str = "",
    provider: str,
    configuration: Mapping[str, str],
    region: str = "us-east-1",
    account: str = "000000000000",
) -> Revision:
    """The revision of a source directory as it is in a commit (its full id), whose content is `tree`.

    `branch` is the one that the commit was pushed to; without one the action's own.
    """
    repository = _repository.above(directory.resolve())
    found = _commit(repository, commit) if repository else Commit(commit)
    where = branch or configuration.get("BranchName") or configuration.get("Branch") or ""
    return _described(_Facts(found, where, 0), tree, directory, provider, configuration, (region, account))


def _described(
    facts: _Facts,
    tree: str,
    directory: Path,
    provider: str,
    configuration: Mapping[str, str],
    place: tuple[str, str],
) -> Revision:
    label = _label(facts)
    region, account = place
    match provider:
        case "S3":
            return _s3(tree, label, configuration, str(directory))
        case "ECR":
            return _ecr(tree, label, configuration, str(directory), f"{account}.dkr.ecr.{region}.amazonaws.com")
    variables = _git_variables(provider, facts, configuration, directory)
    return Revision(tree, facts.commit.id, label, facts.commit.message, variables, str(directory))


@dataclass(frozen=True, slots=True)
class _Facts:
    """`changed` is how many files differ from the commit, None where that is not known."""

    commit: Commit
    branch: str
    changed: int | None


def _facts(directory: Path, tree: str, store: Store | None) -> _Facts:
    repository = _repository.above(directory)
    head = _git.head(repository) if repository else None
    if repository is not None and head is None:
        name, branch = (_git.ask(directory, "rev-parse", *what) for what in (["HEAD"], ["--abbrev-ref", "HEAD"]))
        head = _git.Head((branch or b"").decode().strip().replace("HEAD", ""), (name or b"").decode().strip())
    if repository is None or head is None:
        return _Facts(Commit(tree[:40], _NO_COMMIT), "", 0)
    changed = _count(repository, directory, head.commit, tree, store)
    if not head.commit:
        return _Facts(Commit(tree[:40], _NO_COMMIT), head.branch, changed)
    return _Facts(_commit(repository, head.commit), head.branch, changed)


def _label(facts: _Facts) -> str:
    short = facts.commit.id[:7]
    match facts.changed:
        case None:
            return f"{short}, changes unknown"
        case 0:
            return short
        case 1:
            return f"{short} +1 file"
        case many:
            return f"{short} +{many} files"


def _git_variables(provider: str, facts: _Facts, configuration: Mapping[str, str], directory: Path) -> dict[str, str]:
    commit = facts.commit
    branch = facts.branch or configuration.get("BranchName") or configuration.get("Branch") or "main"
    common = {
        "AuthorDate": commit.author_date or _NO_DATE,
        "BranchName": branch,
        "CommitId": commit.id,
        "CommitMessage": commit.message,
    }
    match provider:
        case "CodeStarSourceConnection":
            full = configuration.get("FullRepositoryId", directory.name)
            more = {"ConnectionArn": configuration.get("ConnectionArn", ""), "FullRepositoryName": full}
        case "GitHub":
            owner, name = configuration.get("Owner", ""), configuration.get("Repo", directory.name)
            more = {
                "CommitterDate": commit.committer_date or _NO_DATE,
                "CommitUrl": f"https://github.com/{owner}/{name}/commit/{commit.id}",
                "RepositoryName": name,
            }
        case _:
            name = configuration.get("RepositoryName", directory.name)
            more = {"CommitterDate": commit.committer_date or _NO_DATE, "RepositoryName": name}
    return common | more


def _s3(tree: str, label: str, configuration: Mapping[str, str], directory: str) -> Revision:
    version = tree[:32]
    variables = {
        "BucketName": configuration.get("S3Bucket", ""),
        "ETag": tree[32:],
        "ObjectKey": configuration.get("S3ObjectKey", ""),
        "VersionId": version,
    }
    return Revision(tree, version, label, f"Amazon S3 version id: {version}", variables, directory)


def _ecr(tree: str, label: str, configuration: Mapping[str, str], directory: str, registry: str) -> Revision:
    name = configuration.get("RepositoryName", "")
    digest = f"sha256:{tree}"
    variables = {
        "ImageDigest": digest,
        "ImageTag": configuration.get("ImageTag") or "latest",
        "ImageURI": f"{registry}/{name}@{digest}",
        "RegistryId": registry.split(".", 1)[0],
        "RepositoryName": name,
    }
    return Revision(tree, digest, label, "", variables, directory)


@dataclass(frozen=True, slots=True)
class _Baseline:
    """What differed from a commit when git was last asked, and the tree as of then."""

    commit: str
    tree: str
    changes: dict[str, str]


_lock = threading.Lock()
_baselines: dict[Path, _Baseline] = {}
_commits: dict[tuple[Path, str], Commit] = {}


def _commit(repository: Repository, name: str) -> Commit:
    key = (repository.common, name)
    found = _commits.get(key)
    if found is None:
        found = _git.commit(repository, name)
        with _lock:
            if len(_commits) >= _REMEMBERED:
                _commits.clear()
            _commits[key] = found
    return found


def _count(repository: Repository, directory: Path, commit: str, tree: str, store: Store | None) -> int | None:
    """How many files differ from the commit: from what is remembered, else git is asked."""
    baseline = _baselines.get(directory)
    if store is not None and baseline is not None and baseline.commit == commit:
        try:
            return _since(baseline, tree, store)
        except FileNotFoundError:
            pass  # the remembered tree was dropped from the store
    changes = _git.changes(repository, directory)
    if changes is None:
        return None
    with _lock:
        if len(_baselines) >= _REMEMBERED:
            _baselines.clear()
        _baselines[directory] = _Baseline(commit, tree, changes)
    return len(changes)


def _since(baseline: _Baseline, tree: str, store: Store) -> int:
    """The count for a later tree on the same commit: what was clean then and differs now has changed since."""
    changed = set(baseline.changes)
    for path in store.diff(baseline.tree, tree).paths:
        blob = baseline.changes.get(path)
        if blob is None or (blob and not _is_blob(store, tree, path, blob)):
            changed.add(path)
        elif blob or not _present(store, tree, path):
            changed.discard(path)  # back to what the commit has, or an untracked file is gone
    return len(changed)


def _present(store: Store, tree: str, path: str) -> Node | None:
    try:
        return store.find(tree, path)
    except FileNotFoundError:
        return None


def _is_blob(store: Store, tree: str, path: str, blob: str) -> bool:
    if _present(store, tree, path) is None:
        return False
    data = store.read(tree, path)
    name = hashlib.new("sha256" if len(blob) == 64 else "sha1", usedforsecurity=False)
    name.update(b"blob %d\0" % len(data) + data)
    return name.hexdigest() == blob
