"""A workspace that a spare was swapped into is exactly its tree, whatever was done and wherever we were killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.artifacts import spare
from engine.artifacts._manifest import Manifest, unpack
from engine.artifacts._site import Site
from engine.artifacts.store import Store
from engine.artifacts.workspace import discard, mutated, reset
from tests.artifacts.stumbling import Stumble, stumbling

from .conftest import scratch, write

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.sampled_from([b"", b"1", b"2"]), max_size=6).map(
    lambda d: {p: c for p, c in d.items() if not any(q.startswith(p + "/") for q in d)}
)
OLD = {"a": b"1", "same": b"s", "gone/x/y": b"2", "turns": b"3", "deep/er/f": b"4", "deep/kept": b"5"}
NEW = {"a": b"2", "same": b"s", "new/x/y": b"2", "turns/into": b"3", "deep/er/g": b"4", "deep/kept": b"5"}


@pytest.fixture(autouse=True)
def trash_is_emptied() -> Iterator[None]:
    yield
    wait_for_trash()


@pytest.fixture(params=[False, True], ids=["links", "copies"])
def writable(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "build" / "work"


def wait_for_trash() -> None:
    for thread in threading.enumerate():
        if thread.name == "greenroom-trash":
            thread.join(30)


def looks(action: Callable[[], object]) -> int:
    """How many files and directories were looked at meanwhile."""
    with (
        mock.patch.object(os, "lstat", wraps=os.lstat) as stats,
        mock.patch.object(os, "scandir", wraps=os.scandir) as scans,
    ):
        action()
    return int(stats.call_count) + 1000 * int(scans.call_count)


class AlwaysTheTree(RuleBasedStateMachine):
    """Actions, spares and interruptions in any order; each reset leaves exactly the tree."""

    @initialize(writable=st.booleans())
    def begin(self, writable: bool) -> None:
        self.place = scratch()
        self.top = self.place.__enter__()
        self.store = Store(self.top / "store")
        self.work = self.top / "work"
        self.writable = writable
        self.tree = self.store.put_bytes({})
        self.run_of({})

    @rule(files=TREES)
    def run_of(self, files: dict[str, bytes]) -> None:
        self.tree = self.store.put_bytes(files)
        self.again()

    @rule()
    def again(self) -> None:
        reset(self.work, self.store, self.tree, writable=self.writable)
        assert self.store.put_directory(self.work) == self.tree
        assert mutated(self.work, self.store, self.tree) == []
        assert not (self.top / ".work.spare.clean").exists()

    @rule()
    def rest(self) -> None:
        before = self.store.put_directory(self.work) if self.work.is_dir() else ""
        assert spare.prepare(self.work, self.store, self.tree, writable=self.writable)
        assert self.store.put_directory(self.top / ".work.spare") == self.tree
        assert before == (self.store.put_directory(self.work) if self.work.is_dir() else "")

    @rule(patience=st.integers(0, 8))
    def rest_is_cut_short(self, patience: int) -> None:
        calls = iter(range(patience))
        spare.prepare(self.work, self.store, self.tree, writable=self.writable, pause=lambda: next(calls, None) is None)

    @rule(steps=st.integers(0, 12), after=st.booleans(), files=TREES)
    def killed_while_resetting(self, steps: int, after: bool, files: dict[str, bytes]) -> None:
        other = self.store.put_bytes(files)
        with stumbling(steps, after=after):
            reset(self.work, self.store, other, writable=self.writable)

    @rule(steps=st.integers(0, 12), after=st.booleans())
    def killed_while_preparing(self, steps: int, after: bool) -> None:
        with stumbling(steps, after=after):
            spare.prepare(self.work, self.store, self.tree, writable=self.writable)

    @rule()
    def other_kind_of_files(self) -> None:
        self.writable = not self.writable

    @rule()
    def without(self) -> None:
        spare.drop(self.work)

    @rule(path=PATHS, data=st.sampled_from([b"", b"1", b"x"]), mode=st.sampled_from([0o644, 0o755]))
    def action_writes(self, path: str, data: bytes, mode: int) -> None:
        target = self.work / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not (self.writable and target.is_file()):
                target.unlink(missing_ok=True)
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

    @rule(what=st.sampled_from(["gone", "link", "file"]))
    def action_replaces_all(self, what: str) -> None:
        if self.work.is_dir() and not self.work.is_symlink():
            shutil.rmtree(self.work)
        self.work.unlink(missing_ok=True)
        if what == "link":
            (self.top / "elsewhere").mkdir(exist_ok=True)
            self.work.symlink_to(self.top / "elsewhere")
        elif what == "file":
            self.work.write_text("")

    def teardown(self) -> None:
        if hasattr(self, "store"):
            wait_for_trash()
            self.store.close()
            self.place.__exit__(None, None, None)


TestAlwaysTheTree = AlwaysTheTree.TestCase
TestAlwaysTheTree.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("rested", [False, True], ids=["at-once", "after-a-rest"])
def test_killed_at_any_step(tmp_path: Path, store: Store, after: bool, rested: bool, writable: bool) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    steps, stumbled = 0, True
    while stumbled:
        work = tmp_path / str(steps) / "work"
        for tree in (new, old):
            reset(work, store, tree, writable=writable)
            spare.prepare(work, store, tree, writable=writable)
        with stumbling(steps, after=after) as stumble:
            reset(work, store, new, writable=writable)
        if rested:
            with stumbling(steps, after=after) as more:
                spare.prepare(work, store, new, writable=writable)
            spare.prepare(work, store, old, writable=writable) if not more.happened else None
        reset(work, store, new, writable=writable)
        assert store.put_directory(work) == new, steps
        stumbled, steps = stumble.happened, steps + 1
    assert steps > 10


@pytest.mark.parametrize("steps", [0, 1, 2, 4, 9])
def test_killed_for_good(tmp_path: Path, store: Store, work: Path, steps: int) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    reset(work, store, old, writable=True)
    assert spare.prepare(work, store, old, writable=True)
    child = subprocess.run(
        [sys.executable, "-m", "tests.artifacts.stumbling", str(store.root), str(work), new, str(steps)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    reset(work, store, new, writable=True)
    assert store.put_directory(work) == new


def test_only_what_differs_is_looked_at(store: Store, work: Path, writable: bool) -> None:
    files = {f"d{n % 20}/f{n}": b"%d" % n for n in range(400)}
    old, new = store.put_bytes(files), store.put_bytes({**files, "d3/f3": b"saved"})
    reset(work, store, old, writable=writable)
    assert looks(lambda: reset(work, store, new, writable=writable)) > 20_000
    assert spare.prepare(work, store, new, writable=writable)
    assert looks(lambda: reset(work, store, old, writable=writable)) < 20
    assert store.put_directory(work) == old


def test_the_directory_of_the_last_run_stays_as_it_is_until_the_next(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree)
    write(work, {"left/by.txt": "the action"})
    inode = work.stat().st_ino
    assert spare.prepare(work, store, tree)
    assert (work / "left/by.txt").read_text() == "the action"
    assert work.stat().st_ino == inode
    reset(work, store, tree)
    assert not (work / "left").exists()
    assert work.stat().st_ino != inode
    assert spare.prepare(work, store, tree)
    reset(work, store, tree)
    assert work.stat().st_ino == inode
    assert not (work / "left").exists()


def test_without_another_spare_the_next_reset_replaces_only_what_an_action_changed(store: Store, work: Path) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    reset(work, store, old, writable=True)
    assert spare.prepare(work, store, old, writable=True)
    reset(work, store, new, writable=True)
    before = {path: path.stat().st_ino for path in work.rglob("*")}
    with (work / "deep/kept").open("r+") as file:
        file.write("!")
    reset(work, store, new, writable=True)
    assert store.put_directory(work) == new
    after = {path: path.stat().st_ino for path in work.rglob("*")}
    assert {path for path in before if before[path] != after[path]} <= {work / "deep/kept"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can tell, and spares are made of nothing")
def test_a_directory_with_a_process_in_it_is_left_alone(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree, writable=True)
    with subprocess.Popen(["cat"], cwd=work / "deep", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as left:
        assert left.stdin is not None
        left.stdin.write(b"up")
        left.stdin.flush()
        assert left.stdout is not None
        assert left.stdout.read(2) == b"up"
        assert spare.prepare(work, store, tree, writable=True)
        reset(work, store, tree, writable=True)
        assert not spare.prepare(work, store, tree, writable=True)
        reset(work, store, tree, writable=True)
        left.stdin.close()
    assert spare.prepare(work, store, tree, writable=True)


def test_links_to_an_object_that_was_found_broken_are_not_trusted(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree)
    assert spare.prepare(work, store, tree)
    (work / "same").chmod(0o644)
    (work / "same").write_text("B")
    assert mutated(work, store, tree) == ["same"]
    assert store.put_bytes(OLD) == tree
    reset(work, store, tree)
    assert (work / "same").read_text() == "s"


def test_a_mark_of_before_a_power_cut_is_not_trusted(store: Store, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree, writable=True)
    assert spare.prepare(work, store, tree, writable=True)
    (work.parent / ".work.spare/same").write_text("")
    monkeypatch.setattr(spare, "_boot", lambda: "another")
    reset(work, store, tree, writable=True)
    assert store.put_directory(work) == tree


def test_a_mark_that_makes_no_sense_is_none(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    for nonsense in (b"", b"{}", b"[1]", b"\xff", b'{"tree": "' + tree.encode() + b'"}'):
        reset(work, store, tree)
        assert spare.prepare(work, store, tree)
        (work.parent / ".work.spare.clean").write_bytes(nonsense)
        reset(work, store, tree)
        assert store.put_directory(work) == tree


def test_files_of_the_other_kind_are_not_swapped_in(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree, writable=True)
    assert spare.prepare(work, store, tree, writable=True)
    reset(work, store, tree, writable=False)
    assert not (work / "same").stat().st_mode & 0o200
    assert spare.prepare(work, store, tree, writable=False)
    reset(work, store, tree, writable=True)
    assert (work / "same").stat().st_mode & 0o200


def test_a_full_disk_in_the_middle_ends_in_a_reset_from_nothing(store: Store, work: Path) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    reset(work, store, old, writable=True)
    assert spare.prepare(work, store, old, writable=True)
    with stumbling(6, error=OSError(28, "No space left on device")) as stumble:
        reset(work, store, new, writable=True)
    assert stumble.happened
    assert store.put_directory(work) == new


def test_work_that_was_broken_off_is_not_done_again(store: Store, work: Path) -> None:
    tree = store.put_bytes({f"d{n}/f": b"%d" % n for n in range(50)})
    reset(work, store, tree)
    calls = iter(range(30))
    with mock.patch.object(os, "link", wraps=os.link) as first:
        assert not spare.prepare(work, store, tree, pause=lambda: next(calls, None) is None)
    with mock.patch.object(os, "link", wraps=os.link) as second:
        assert spare.prepare(work, store, tree)
    assert first.call_count > 10
    assert first.call_count + second.call_count <= 51


def test_nobody_waits_for_a_spare_that_is_being_got_ready(store: Store, work: Path) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    reset(work, store, old, writable=True)
    asked: list[int] = []

    def pause() -> bool:
        if not asked:
            asked.append(1)
            assert not spare.prepare(work, store, old, writable=True)
            spare.drop(work)
            assert (work.parent / ".work.spare").exists()
            reset(work, store, new, writable=True)  # an action begins on another thread
        return True

    assert not spare.prepare(work, store, old, writable=True, pause=pause)
    assert store.put_directory(work) == new
    assert spare.prepare(work, store, new, writable=True)


def test_no_mark_is_put_beside_an_action_that_has_begun(store: Store, work: Path) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree)
    questions = mock.Mock(return_value=False)
    assert spare.prepare(work, store, tree, pause=questions)
    spare.drop(work)
    last = iter([False] * (questions.call_count - 1) + [True])
    assert not spare.prepare(work, store, tree, pause=lambda: next(last))
    assert not (work.parent / ".work.spare.clean").exists()
    assert store.put_directory(work.parent / ".work.spare") == tree


def test_the_manifest_knows_what_is_there_after_a_swap(store: Store, work: Path, writable: bool) -> None:
    old, new = store.put_bytes(OLD), store.put_bytes(NEW)
    reset(work, store, old, writable=writable)
    assert spare.prepare(work, store, old, writable=writable)
    reset(work, store, new, writable=writable)
    manifest = Manifest.load(Site.of(str(work)))
    assert manifest is not None
    there = {path: row for path, row in manifest.rows.items() if (work / path).is_dir()}
    assert {f"{path}/{name}".lstrip("/") for path, row in there.items() for name in unpack(row)} == NEW.keys()


def test_a_tree_that_is_gone_has_no_spare(store: Store, work: Path) -> None:
    reset(work, store, store.put_bytes(OLD))
    with pytest.raises(FileNotFoundError):
        spare.prepare(work, store, "0" * 64)


@pytest.mark.parametrize("away", [spare.drop, discard])
def test_disk_space_is_given_back(store: Store, work: Path, away: Callable[[Path], None]) -> None:
    tree = store.put_bytes(OLD)
    reset(work, store, tree)
    for _ in range(2):
        assert spare.prepare(work, store, tree)
        reset(work, store, tree)
    assert spare.prepare(work, store, tree)
    away(work)
    wait_for_trash()
    left = {path.name for path in work.parent.iterdir()}
    assert left == ({"work", ".work.manifest"} if away is spare.drop else set())
    reset(work, store, tree)
    assert store.put_directory(work) == tree


def test_a_stumble_is_what_it_says() -> None:
    with stumbling(0) as stumble:
        Path("/nowhere/a").rename("/nowhere/b")
    assert stumble == Stumble(happened=True)
