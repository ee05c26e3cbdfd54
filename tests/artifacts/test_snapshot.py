"""A snapshot says what is there now, however it learned of it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_TREE

from .conftest import git_init, scratch, write


def cold(source: Path, at: Path) -> str:
    """The digest that somebody sees who has never looked before."""
    store = Store(at)
    try:
        return Snapshotter(source, store).scan()
    finally:
        store.close()


NAMES = st.sampled_from(["a", "b", "c", "x.log", "\udcff", "é"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


class HotEqualsCold(RuleBasedStateMachine):
    """Whatever happens to the directory, an update with the touched paths ends where a fresh look ends."""

    @initialize()
    def begin(self) -> None:
        self.place = scratch()
        self.top = self.place.__enter__()
        self.source = self.top / "source"
        self.source.mkdir()
        git_init(self.source)
        self.store = Store(self.top / "store")
        self.snapshotter = Snapshotter(self.source, self.store)
        self.snapshotter.scan()
        self.dirty: set[Path] = set()
        self.looks = 0

    def touch(self, path: str) -> Path:
        """A path that is about to change: a directory on the way may be a link, then it changes where that leads."""
        target = self.source / path
        real = Path(os.path.realpath(target))
        self.dirty |= {target, Path(os.path.realpath(target.parent)) / target.name, *self._inside(real)}
        return target

    def _inside(self, path: Path) -> list[Path]:
        return [path] if path.is_relative_to(os.path.realpath(self.source)) else []

    @rule(path=PATHS, content=st.sampled_from(["", "1", "2", "33"]), executable=st.booleans())
    def save(self, path: str, content: str, executable: bool) -> None:
        target = self.touch(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
            target.chmod(0o755 if executable else 0o644)
        except OSError:
            return

    @rule(path=PATHS, text=PATHS)
    def link(self, path: str, text: str) -> None:
        place = self.touch(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(text)
        except OSError:
            return

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        target = self.touch(path)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        elif os.path.lexists(target):
            target.unlink(missing_ok=True)

    @rule(old=PATHS, new=PATHS)
    def rename(self, old: str, new: str) -> None:
        before, after = self.touch(old), self.touch(new)
        try:
            after.parent.mkdir(parents=True, exist_ok=True)
            before.rename(after)
        except OSError:
            return

    @rule(
        directory=st.sampled_from(["", "a/", "a/b/"]), rules=st.sampled_from(["", "*.log\n", "b\n", "/a/b/\n", "!b\n"])
    )
    def write_rules(self, directory: str, rules: str) -> None:
        if (self.source / directory).is_dir():
            self.touch(directory + ".gitignore").write_text(rules)

    @rule(fetch=st.booleans())
    def look(self, fetch: bool) -> None:
        tree = self.snapshotter.update(self.dirty) if not fetch else self.snapshotter.scan()
        self.dirty.clear()
        self.looks += 1
        again = Store(self.top / "store")
        assert tree == cold(self.source, self.top / f"cold{self.looks}")
        assert tree == Snapshotter(self.source, again).scan()  # warm: from the stat cache
        assert all(self.store.find(tree, entry.path) for entry in self.store.walk(tree))
        for entry in self.store.walk(tree):
            self.store.read(tree, entry.path)
        again.close()

    @invariant()
    def counted(self) -> None:
        if hasattr(self, "store") and not self.dirty and self.looks:
            tree = self.snapshotter.update([])
            assert self.snapshotter.count == len(list(self.store.walk(tree)))

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.place.__exit__(None, None, None)


TestHotEqualsCold = HotEqualsCold.TestCase
TestHotEqualsCold.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.fixture
def snapshotter(source: Path, store: Store) -> Snapshotter:
    write(source, {"a/b/c.py": "one", "a/d.py": "two", "run.sh": "#!/bin/sh", "e": "three"})
    return Snapshotter(source, store)


def test_a_touch_changes_nothing(source: Path, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    os.utime(source / "e")
    assert snapshotter.update([source / "e"]) == tree == snapshotter.scan()


def test_an_edit_of_the_same_size_and_time_is_seen(source: Path, store: Store, snapshotter: Snapshotter) -> None:
    os.utime(source / "e", ns=(1, 1))
    first = snapshotter.scan()
    (source / "e").write_text("THREE")
    os.utime(source / "e", ns=(1, 1))
    second = Snapshotter(source, store).scan()
    assert second != first


def test_the_executable_bit_counts_and_nothing_else_of_the_mode(source: Path, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    (source / "run.sh").chmod(0o640)
    assert snapshotter.scan() == tree
    (source / "run.sh").chmod(0o755)
    assert snapshotter.update([source / "run.sh"]) != tree


def test_content_is_in_the_store(source: Path, store: Store, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    assert store.has(tree)
    assert store.read(tree, "a/b/c.py") == b"one"
    assert snapshotter.count == 4


def test_content_the_store_lost_is_taken_in_again(source: Path, store: Store, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    store.prune(0, [])
    assert not store.has(tree)
    assert snapshotter.update([]) == tree
    assert store.has(tree)
    assert store.read(tree, "a/d.py") == b"two"
    store.prune(0, [])
    assert Snapshotter(source, store).scan() == tree
    assert store.read(tree, "e") == b"three"


def test_links_are_their_text_and_never_followed(tmp_path: Path, source: Path, store: Store) -> None:
    write(tmp_path, {"outside/secret": "s"})
    (source / "out").symlink_to("../outside")
    (source / "broken").symlink_to("nowhere")
    snapshotter = Snapshotter(source, store)
    tree = snapshotter.scan()
    assert [(e.path, e.kind) for e in store.walk(tree)] == [("broken", "link"), ("out", "link")]
    assert store.read(tree, "out") == b"../outside"
    assert snapshotter.update([source / "out/secret"]) == tree


def test_pipes_and_sockets_are_left_out_with_a_warning(source: Path, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(source / "s"))
    assert snapshotter.scan() == tree
    assert [w.split(":")[0] for w in sorted(snapshotter.warnings)] == ["pipe", "s"]
    (source / "pipe").unlink()
    snapshotter.update([source / "pipe"])
    assert [w.split(":")[0] for w in snapshotter.warnings] == ["s"]


def test_an_empty_source_is_the_empty_tree(source: Path, store: Store) -> None:
    (source / "empty/deeper").mkdir(parents=True)
    snapshotter = Snapshotter(source, store)
    assert snapshotter.scan() == EMPTY_TREE
    assert store.has(EMPTY_TREE)
    assert snapshotter.count == 0


def test_state_directories_are_never_in(source: Path, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    write(source, {".greenroom/x": "1", ".git/y": "2", "a/.greenroom/z": "3"})
    assert snapshotter.scan() == tree
    assert snapshotter.update([source / ".greenroom/x", source / "a/.greenroom/z"]) == tree


def test_relative_and_resolved_paths_mean_the_same(tmp_path: Path, source: Path, store: Store) -> None:
    (tmp_path / "alias").symlink_to(source)
    write(source, {"a": "1"})
    snapshotter = Snapshotter(tmp_path / "alias", store)
    snapshotter.scan()
    for path, text in [(source / "a", "2"), (tmp_path / "alias/a", "3"), (Path("a"), "4")]:
        write(source, {"a": text})
        assert store.read(snapshotter.update([path]), "a") == text.encode()
    assert not snapshotter.ignored(tmp_path / "alias/a")


def test_a_directory_that_became_a_file_is_noticed_by_its_lost_content(
    source: Path, store: Store, snapshotter: Snapshotter
) -> None:
    snapshotter.scan()
    shutil.rmtree(source / "a")
    (source / "a").write_text("now a file")
    tree = snapshotter.update([source / "a/b/c.py"])
    assert [entry.path for entry in store.walk(tree)] == ["a", "e", "run.sh"]


def test_a_file_that_never_holds_still_is_read_again_later(
    source: Path, store: Store, snapshotter: Snapshotter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reads = os.fstat, 0

    def restless(handle: int) -> os.stat_result:
        nonlocal reads
        reads += 1
        with (source / "e").open("a") as file:
            file.write("!")
        return real(handle)

    snapshotter.scan()
    write(source, {"e": "moving"})
    monkeypatch.setattr(os, "fstat", restless)
    snapshotter.update([source / "e"])
    monkeypatch.undo()
    assert reads == 6  # three tries, each looked at before and after
    assert store.read(snapshotter.scan(), "e") == (source / "e").read_bytes()


def test_an_update_of_one_file_reads_one_file(source: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it costs does not grow with the source: counted, not timed."""
    write(source, {f"d{n // 10}/f{n}": str(n) for n in range(300)})
    snapshotter = Snapshotter(source, store)
    snapshotter.scan()
    write(source, {"d3/f31": "new"})
    calls: list[str] = []

    def counted(name: str) -> Callable[..., object]:
        original = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            calls.append(name)
            return original(*arguments, **options)

        return call

    for name in ("open", "scandir", "lstat", "readlink"):
        monkeypatch.setattr(os, name, counted(name))
    tree = snapshotter.update([source / "d3/f31"])
    monkeypatch.undo()
    assert len(calls) < 20
    assert store.read(tree, "d3/f31") == b"new"


def test_a_damaged_stat_cache_is_only_slower(source: Path, store: Store, snapshotter: Snapshotter) -> None:
    tree = snapshotter.scan()
    with store.index.transaction() as connection:
        connection.execute("UPDATE stats SET body = X'00' WHERE path = CAST('a' AS BLOB)")
        connection.execute("UPDATE stats SET body = zeroblob(90) WHERE path = X''")
    assert Snapshotter(source, store).scan() == tree


def test_a_missing_directory_is_an_error(tmp_path: Path, store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        Snapshotter(tmp_path / "nowhere", store).scan()
