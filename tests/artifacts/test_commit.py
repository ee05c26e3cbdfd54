"""A commit becomes a tree without a look at the working tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.artifacts.commit import NoCommit, commit_tree, find_commit
from engine.artifacts.revision import committed
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store

from .conftest import git, git_init, write


@pytest.fixture
def repository(source: Path) -> Path:
    git_init(source)
    write(source, {"a": "1", "d/b": "2", "d/e/c": "3", "notes.log": "x"})
    (source / "run").write_text("#!/bin/sh\n")
    (source / "run").chmod(0o755)
    (source / "link").symlink_to("d/b")
    git(source, "add", ".")
    git(source, "commit", "-qm", "first")
    return source


def paths(store: Store, tree: str) -> dict[str, str]:
    return {entry.path: entry.kind for entry in store.walk(tree)}


def test_it_is_the_tree_that_a_clean_checkout_has(repository: Path, store: Store) -> None:
    assert commit_tree(repository, "HEAD", store) == Snapshotter(repository, store).scan()


def test_what_is_not_committed_is_not_in_it(repository: Path, store: Store) -> None:
    before = commit_tree(repository, "HEAD", store)
    write(repository, {"a": "changed", "new": "n"})
    git(repository, "add", "new")
    assert commit_tree(repository, "main", store) == before
    assert git(repository, "status", "--porcelain").split() == ["M", "a", "A", "new"]


def test_kinds_and_content(repository: Path, store: Store) -> None:
    tree = commit_tree(repository, "HEAD", store)
    assert paths(store, tree) == {
        "a": "file",
        "d/b": "file",
        "d/e/c": "file",
        "link": "link",
        "notes.log": "file",
        "run": "exec",
    }
    assert store.read(tree, "d/e/c") == b"3"


def test_an_older_commit_and_a_tag(repository: Path, store: Store) -> None:
    before = commit_tree(repository, "HEAD", store)
    git(repository, "tag", "-am", "one", "v1")
    write(repository, {"a": "2"})
    git(repository, "commit", "-qam", "second")
    assert commit_tree(repository, "v1", store) == commit_tree(repository, "HEAD~1", store) == before
    assert store.diff(before, commit_tree(repository, "HEAD", store)).paths == ("a",)
    assert find_commit(repository, "v1") == find_commit(repository, "HEAD~1")


def test_a_directory_of_the_repository(repository: Path, store: Store) -> None:
    assert set(paths(store, commit_tree(repository / "d", "HEAD", store))) == {"b", "e/c"}


def test_patterns_leave_out(repository: Path, store: Store) -> None:
    tree = commit_tree(repository, "HEAD", store, exclude=["*.log", "/d/e/"])
    assert set(paths(store, tree)) == {"a", "d/b", "link", "run"}


def test_a_submodule_is_an_empty_directory(repository: Path, store: Store) -> None:
    head = find_commit(repository, "HEAD")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},lib")
    git(repository, "commit", "-qm", "with a submodule")
    assert paths(store, commit_tree(repository, "HEAD", store))["lib"] == "dir"


def test_content_that_the_store_lost_is_read_again(repository: Path, store: Store) -> None:
    tree = commit_tree(repository, "HEAD", store)
    store.file(store.find(tree, "a")).unlink()
    assert store.read(commit_tree(repository, "HEAD", store), "a") == b"1"


@pytest.mark.parametrize("name", ["nothing", "--all", "0" * 40, ""])
def test_what_is_no_commit_is_told(repository: Path, store: Store, name: str) -> None:
    with pytest.raises(NoCommit, match="has no commit"):
        commit_tree(repository, name, store)


def test_outside_of_a_repository(source: Path, store: Store) -> None:
    with pytest.raises(NoCommit, match="it is in no git repository"):
        commit_tree(source, "HEAD", store)


def test_a_directory_that_the_commit_does_not_have(repository: Path, store: Store) -> None:
    (repository / "later").mkdir()
    with pytest.raises(NoCommit, match="has no directory later"):
        commit_tree(repository / "later", "HEAD", store)


def test_its_revision(repository: Path, store: Store) -> None:
    commit = find_commit(repository, "HEAD")
    write(repository, {"a": "changed"})
    found = committed(
        repository,
        commit_tree(repository, commit, store),
        commit,
        branch="feature/x",
        provider="CodeStarSourceConnection",
        configuration={"FullRepositoryId": "me/shop", "BranchName": "main", "ConnectionArn": "arn"},
    )
    assert (found.id, found.label, found.summary) == (commit, commit[:7], "first")
    assert found.variables["BranchName"] == "feature/x"
    assert found.variables["FullRepositoryName"] == "me/shop"
