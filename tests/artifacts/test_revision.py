"""A revision says what AWS would say of the source, from git where there is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.artifacts import _git
from engine.artifacts.revision import revision
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store
from engine.model.outcome import Revision

from .conftest import git, git_init, write

CODECOMMIT = {"RepositoryName": "shop", "BranchName": "release"}
TREE = "ab" * 32


@pytest.fixture
def repository(source: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2024-02-29T12:00:00+02:00")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-03-01T00:00:00+00:00")
    git_init(source)
    write(source, {"a": "1", "b": "2", "d/c": "3", ".gitignore": "*.log\n"})
    git(source, "add", ".")
    git(source, "commit", "-qm", "Größer\n\nand better")
    return source


def look(directory: Path, tree: str = TREE, provider: str = "CodeCommit", **more: Store) -> Revision:
    return revision(directory, tree, provider=provider, configuration=CODECOMMIT, **more)  # type: ignore[arg-type]


def head(directory: Path) -> str:
    return git(directory, "rev-parse", "HEAD").strip()


def test_a_clean_commit(repository: Path) -> None:
    found = look(repository)
    assert found.id == head(repository)
    assert found.label == head(repository)[:7]
    assert found.summary == "Größer\n\nand better"
    assert found.tree == TREE
    assert found.variables == {
        "AuthorDate": "2024-02-29T10:00:00Z",
        "BranchName": "main",
        "CommitId": head(repository),
        "CommitMessage": "Größer\n\nand better",
        "CommitterDate": "2024-03-01T00:00:00Z",
        "RepositoryName": "shop",
    }


def test_changed_files_are_counted(repository: Path) -> None:
    write(repository, {"a": "changed", "new/x": "untracked", "x.log": "ignored"})
    assert look(repository).label.endswith(" +2 files")
    git(repository, "add", "a")
    (repository / "b").unlink()
    assert look(repository).label.endswith(" +3 files")
    git(repository, "stash", "-qu")
    write(repository, {"b": "one"})
    assert look(repository).label.endswith(" +1 file")


def test_later_saves_are_counted_without_git(repository: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the store, what differs is worked out from digests; it must say what git says."""
    write(repository, {"a": "dirty", "extra": "e"})
    snapshotter = Snapshotter(repository, store)
    look(repository, snapshotter.scan(), store=store)
    asked: list[tuple[str, ...]] = []
    real = _git.ask

    def overheard(directory: Path, *arguments: str) -> bytes | None:
        asked.append(arguments)
        return real(directory, *arguments)

    monkeypatch.setattr(_git, "ask", overheard)
    steps: list[dict[str, str | None]] = [
        {"b": "dirty too"},
        {"a": "1"},
        {"d/c": None},
        {"d/c": "3", "extra": None},
        {"b": "2", "more/one": "", "more/two": ""},
        {"more/one": None, "more/two": None},
    ]
    for step in steps:
        for path, content in step.items():
            if content is None:
                (repository / path).unlink()
            else:
                write(repository, {path: content})
        tree = snapshotter.update([repository / path for path in step])
        found = look(repository, tree, store=store)
        assert asked == []
        assert found.label == look(repository, tree).label
        asked.clear()
    assert found.label == head(repository)[:7]


def test_a_new_commit_is_seen(repository: Path, store: Store) -> None:
    snapshotter = Snapshotter(repository, store)
    look(repository, snapshotter.scan(), store=store)
    write(repository, {"a": "2"})
    git(repository, "commit", "-qam", "second")
    found = look(repository, snapshotter.update([repository / "a"]), store=store)
    assert (found.summary, found.label) == ("second", head(repository)[:7])


def test_packed_commits_and_branches(repository: Path) -> None:
    git(repository, "checkout", "-qb", "feature/x")
    git(repository, "gc", "-q")
    git(repository, "pack-refs", "--all")
    found = look(repository)
    assert (found.variables["BranchName"], found.id) == ("feature/x", head(repository))
    assert found.summary.startswith("Größer")


def test_a_detached_head_takes_the_configured_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    found = look(repository)
    assert (found.variables["BranchName"], found.id) == ("release", head(repository))


def test_a_repository_without_commits(source: Path) -> None:
    git_init(source)
    write(source, {"a": "1"})
    found = look(source)
    assert found.id == TREE[:40]
    assert found.label == f"{TREE[:7]} +1 file"
    assert found.variables["BranchName"] == "main"


def test_without_a_repository_the_id_is_made_from_the_content(source: Path) -> None:
    found = look(source)
    assert (found.id, found.label) == (TREE[:40], TREE[:7])
    assert found == look(source)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.variables["AuthorDate"])
    assert found.variables["BranchName"] == "release"


def test_without_git_installed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = head(repository)
    monkeypatch.setenv("PATH", "/nowhere")
    found = look(repository)
    assert found.id == commit
    assert found.label == f"{commit[:7]}, changes unknown"
    assert found.summary.startswith("Größer")


def test_a_directory_git_refuses(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `safe.directory` guards against: git will not look, the files still say what is checked out."""
    commit = head(repository)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = look(repository)
    assert (found.id, found.label) == (commit, f"{commit[:7]}, changes unknown")


def test_a_part_of_a_repository_counts_its_own_changes(repository: Path) -> None:
    write(repository, {"d/c": "changed", "a": "changed", "d/new": ""})
    assert look(repository / "d").label.endswith(" +2 files")


def test_git_variables_of_a_hook_do_not_mislead(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert "unknown" not in look(repository).label


@pytest.mark.parametrize(
    ("provider", "configuration", "expected"),
    [
        (
            "CodeStarSourceConnection",
            {"ConnectionArn": "arn:x", "FullRepositoryId": "o/r", "BranchName": "b"},
            {"ConnectionArn": "arn:x", "FullRepositoryName": "o/r", "BranchName": "b", "CommitId": TREE[:40]},
        ),
        (
            "GitHub",
            {"Owner": "o", "Repo": "r", "Branch": "b"},
            {"RepositoryName": "r", "CommitUrl": f"https://github.com/o/r/commit/{TREE[:40]}", "BranchName": "b"},
        ),
        (
            "S3",
            {"S3Bucket": "bucket", "S3ObjectKey": "app.zip"},
            {"BucketName": "bucket", "ObjectKey": "app.zip", "VersionId": TREE[:32], "ETag": TREE[32:]},
        ),
        (
            "ECR",
            {"RepositoryName": "shop"},
            {
                "ImageDigest": f"sha256:{TREE}",
                "ImageTag": "latest",
                "ImageURI": f"000000000000.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:{TREE}",
                "RegistryId": "000000000000",
                "RepositoryName": "shop",
            },
        ),
    ],
)
def test_every_provider_has_its_own_variables(
    provider: str, configuration: dict[str, str], expected: dict[str, str], source: Path
) -> None:
    found = revision(source, TREE, provider=provider, configuration=configuration)
    assert found.variables.items() >= expected.items()
    assert found.id in (*found.variables.values(), TREE[:40])
