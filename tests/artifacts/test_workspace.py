"""A workspace is exactly its tree after every reset, and harm done through its links is found."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.artifacts.store import Store, TreeMissing
from engine.artifacts.workspace import discard, mutated, reset

from .conftest import scratch, write


@pytest.fixture(autouse=True)
def trash_is_emptied() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "greenroom-trash":
            thread.join(30)


@pytest.fixture
def tree(tmp_path: Path, store: Store) -> str:
    write(tmp_path, {"in/a/b.txt": "b", "in/run.sh": "#!", "in/big": b"x" * 2_000_000})
    (tmp_path / "in/run.sh").chmod(0o755)
    (tmp_path / "in/link").symlink_to("a/b.txt")
    (tmp_path / "in/empty").mkdir()
    return store.put_directory(tmp_path / "in")


@pytest.fixture(params=[False, True], ids=["links", "copies"])
def writable(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.sampled_from([b"", b"1", b"2"]), max_size=6).map(
    lambda d: {p: c for p, c in d.items() if not any(q.startswith(p + "/") for q in d)}
)


class AlwaysTheTree(RuleBasedStateMachine):
    """Random actions make a mess; each reset cleans it up."""

    @initialize(writable=st.booleans())
    def begin(self, writable: bool) -> None:
        self.place = scratch()
        self.top = self.place.__enter__()
        self.store = Store(self.top / "store")
        self.work = self.top / "work"
        self.writable = writable
        self.begin_with({})

    def begin_with(self, files: dict[str, bytes]) -> None:
        self.tree = self.store.put_bytes(files)
        reset(self.work, self.store, self.tree, writable=self.writable)
        assert self.store.put_directory(self.work) == self.tree

    @rule(files=TREES)
    def other_tree(self, files: dict[str, bytes]) -> None:
        self.begin_with(files)

    @rule(path=PATHS, data=st.sampled_from([b"", b"1", b"x"]), mode=st.sampled_from([0o644, 0o755, 0o600]))
    def action_writes(self, path: str, data: bytes, mode: int) -> None:
        target = self.work / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)  # as editors and compilers do
            target.write_bytes(data)
            target.chmod(mode)
        except OSError:
            return

    @rule(path=PATHS)
    def action_deletes(self, path: str) -> None:
        target = self.work / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True) if target.parent.is_dir() else None

    @rule(old=PATHS, new=PATHS)
    def action_renames(self, old: str, new: str) -> None:
        try:
            (self.work / old).rename(self.work / new)
        except OSError:
            return

    @rule(path=PATHS)
    def action_links(self, path: str) -> None:
        try:
            (self.work / path).symlink_to("/nowhere")
        except OSError:
            return

    @rule()
    def again(self) -> None:
        reset(self.work, self.store, self.tree, writable=self.writable)
        assert self.store.put_directory(self.work) == self.tree
        assert mutated(self.work, self.store, self.tree) == []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.place.__exit__(None, None, None)


TestAlwaysTheTree = AlwaysTheTree.TestCase
TestAlwaysTheTree.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_a_reset_makes_the_tree(tmp_path: Path, store: Store, tree: str, writable: bool) -> None:
    work = tmp_path / "deep/er/work"
    reset(work, store, tree, writable=writable)
    assert store.put_directory(work) == tree
    assert bool((work / "a/b.txt").stat().st_mode & 0o200) is writable
    assert ((work / "a/b.txt").stat().st_nlink > 1) is not writable
    assert (work / "run.sh").stat().st_mode & 0o100


def test_nothing_of_ours_is_in_the_workspace(tmp_path: Path, store: Store, tree: str) -> None:
    reset(tmp_path / "work", store, tree)
    assert sorted(p.name for p in (tmp_path / "work").iterdir()) == ["a", "big", "empty", "link", "run.sh"]


def test_only_what_differs_is_replaced(tmp_path: Path, store: Store, tree: str, writable: bool) -> None:
    work = tmp_path / "work"
    reset(work, store, tree, writable=writable)
    before = {p: p.stat().st_ino for p in work.rglob("*") if p.is_file()}
    (work / "a/b.txt").unlink()
    (work / "a/b.txt").write_text("b")
    ours = (work / "a/b.txt").stat().st_ino
    write(work, {"stray/deep/x": "1", "a/y": "2"})
    reset(work, store, tree, writable=writable)
    after = {p: p.stat().st_ino for p in work.rglob("*") if p.is_file()}
    assert {p for p in before if before[p] != after.get(p)} <= {work / "a/b.txt", work / "link"}
    assert store.put_directory(work) == tree
    assert writable or after[work / "a/b.txt"] != ours


def test_an_edit_in_place_is_undone(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree, writable=True)
    with (work / "a/b.txt").open("r+") as file:
        file.write("X")
    (work / "run.sh").chmod(0o644)
    assert mutated(work, store, tree) == []
    reset(work, store, tree, writable=True)
    assert store.put_directory(work) == tree


def test_a_write_through_a_link_is_found_and_the_object_dropped(tmp_path: Path, store: Store, tree: str) -> None:
    work, other = tmp_path / "work", tmp_path / "other"
    reset(work, store, tree)
    reset(other, store, tree)
    (work / "a/b.txt").chmod(0o644)
    (work / "a/b.txt").write_text("B")
    assert mutated(work, store, tree) == ["a/b.txt"]
    assert not store.has(tree)
    with pytest.raises(TreeMissing):
        reset(other, store, tree)
    again = store.put_directory(tmp_path / "in")
    assert again == tree
    for place in (work, other):
        reset(place, store, tree)
        assert (place / "a/b.txt").read_text() == "b"


def test_a_mode_changed_through_a_link_is_mended_quietly(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    (work / "a/b.txt").chmod(0o755)
    assert mutated(work, store, tree) == []
    assert store.has(tree)
    assert (work / "a/b.txt").stat().st_mode & 0o777 == 0o444


def test_a_touch_through_a_link_is_mended_quietly(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    os.utime(work / "a/b.txt", ns=(5, 5))
    assert mutated(work, store, tree) == []
    assert store.has(tree)
    reset(work, store, tree)
    assert store.put_directory(work) == tree


def test_harm_that_nobody_reported_is_found_by_the_next_reset(tmp_path: Path, store: Store, tree: str) -> None:
    reset(tmp_path / "work", store, tree)
    (tmp_path / "work/a/b.txt").chmod(0o644)
    (tmp_path / "work/a/b.txt").write_text("B")
    with pytest.raises(TreeMissing, match="damaged"):
        reset(tmp_path / "other", store, tree)
    assert not store.has(tree)


def test_the_users_own_files_are_never_linked(tmp_path: Path, store: Store, tree: str) -> None:
    reset(tmp_path / "work", store, tree)
    assert all(p.stat().st_nlink == 1 for p in (tmp_path / "in").rglob("*") if p.is_file() and not p.is_symlink())
    assert (tmp_path / "in/a/b.txt").stat().st_mode & 0o200


def test_where_links_cannot_be_files_are_copied(
    tmp_path: Path, store: Store, tree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    work = tmp_path / "work"
    for _ in range(2):
        reset(work, store, tree)
        assert store.put_directory(work) == tree
    assert (work / "a/b.txt").stat().st_nlink == 1
    (work / "a/b.txt").write_text("mine")
    assert mutated(work, store, tree) == []


def test_a_reset_that_was_killed_is_begun_anew(
    tmp_path: Path, store: Store, tree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    other = store.put_bytes({"a/b.txt": b"1", "z": b"2"})
    monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        reset(work, store, other)
    monkeypatch.undo()
    reset(work, store, other)
    assert store.put_directory(work) == other


def test_closed_directories_are_opened_again(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    write(work, {"mine/x": "1"})
    for closed in (work / "mine", work / "a", work):
        closed.chmod(0o500)
    reset(work, store, tree)
    assert store.put_directory(work) == tree
    assert (work / "a").stat().st_mode & 0o777 == 0o755


def test_a_missing_tree_leaves_the_workspace_alone(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    with pytest.raises(TreeMissing):
        reset(work, store, "0" * 64)
    assert store.put_directory(work) == tree


def test_discard_takes_it_away_at_once_and_old_trash_along(tmp_path: Path, store: Store, tree: str) -> None:
    work = tmp_path / "work"
    reset(work, store, tree)
    write(tmp_path, {".work.trash/left-by-a-crash/x": "1"})
    discard(work)
    assert not work.exists()
    for thread in threading.enumerate():
        if thread.name == "greenroom-trash":
            thread.join(30)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    discard(work)
