"""The store keeps what it is given, says so only when it is whole, and lets go of the oldest first."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts.store import Store, TreeMissing
from engine.artifacts.tree import EMPTY_TREE

from .conftest import scratch, write

PARTS = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=3)
PATHS = st.lists(PARTS.filter(lambda p: p not in (".", "..")), min_size=1, max_size=3).map("/".join)
CONTENTS = st.dictionaries(PATHS, st.binary(max_size=3), max_size=8).map(
    lambda d: {p: c for p, c in d.items() if not any(q.startswith(p + "/") for q in d)}
)


def objects(store: Store) -> set[Path]:
    return {path for path in (store.root / "objects").rglob("*") if path.is_file()}


@given(CONTENTS)
def test_what_is_put_can_be_read(files: dict[str, bytes]) -> None:
    with scratch() as top:
        store = Store(top)
        tree = store.put_bytes(files)
        assert store.has(tree)
        assert {entry.path: store.read(tree, entry.path) for entry in store.walk(tree)} == files
        assert [entry.path for entry in store.walk(tree)] == sorted(files)
        assert all(entry.size == len(files[entry.path]) for entry in store.walk(tree))
        assert store.put_bytes(dict(reversed(files.items()))) == tree
        assert (tree == EMPTY_TREE) is (not files)
        store.close()


@given(CONTENTS, CONTENTS)
def test_diff_is_what_comparing_every_path_says(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    with scratch() as top:
        store = Store(top)
        diff = store.diff(store.put_bytes(old), store.put_bytes(new))
        store.close()
    assert diff.added == tuple(sorted(new.keys() - old.keys()))
    assert diff.removed == tuple(sorted(old.keys() - new.keys()))
    assert diff.changed == tuple(sorted(p for p in old.keys() & new.keys() if old[p] != new[p]))
    assert diff.paths == tuple(sorted({*diff.added, *diff.removed, *diff.changed}))
    assert bool(diff) is (old != new)


def test_modes_links_and_empty_directories_count(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"d/a": "a", "d/run": "r"})
    (tmp_path / "d/run").chmod(0o755)
    (tmp_path / "d/link").symlink_to("nowhere")
    (tmp_path / "d/empty/inner").mkdir(parents=True)
    (tmp_path / os.fsdecode(b"d/\xff")).write_text("odd")
    tree = store.put_directory(tmp_path / "d")
    assert [(e.path, e.kind) for e in store.walk(tree)] == [
        ("a", "file"),
        ("empty/inner", "dir"),
        ("link", "link"),
        ("run", "exec"),
        ("\udcff", "file"),
    ]
    (tmp_path / "d/run").chmod(0o644)
    plain = store.put_directory(tmp_path / "d")
    (tmp_path / "d/empty/inner").rmdir()
    assert store.diff(tree, plain).changed == ("run",)
    assert store.diff(plain, store.put_directory(tmp_path / "d")).paths == ("empty", "empty/inner")


def test_put_names_files_as_it_is_told(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"x": "1", "y": "2", "dir/z": "3"})
    tree = store.put([("out/x", tmp_path / "x"), ("out/x", tmp_path / "y"), ("all", tmp_path / "dir")])
    assert {e.path: store.read(tree, e.path) for e in store.walk(tree)} == {"out/x": b"2", "all/z": b"3"}


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../x", "a//b", "./a", "", "a/", "a\0b"])
def test_paths_that_lead_out_are_refused(path: str, tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"x": "1"})
    with pytest.raises(ValueError, match="not a path inside a tree"):
        store.put([(path, tmp_path / "x")])


def test_a_file_cannot_stand_where_a_directory_does(store: Store) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        store.put_bytes({"a": b"", "a/b": b""})
    with pytest.raises(ValueError, match="cannot be"):
        store.put_bytes({"a/b": b"", "a": b""})


def test_objects_are_read_only_and_shared(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"d/a": "same", "d/b": "same"})
    store.put_directory(tmp_path / "d")
    assert [path.stat().st_mode & 0o777 for path in objects(store)] == [0o444]


def test_moving_takes_the_file_unless_it_is_linked(tmp_path: Path, store: Store) -> None:
    write(tmp_path, {"d/big": b"x" * 3_000_000, "d/linked": "l"})
    (tmp_path / "other").hardlink_to(tmp_path / "d/linked")
    tree = store.put_directory(tmp_path / "d", move=True)
    assert not (tmp_path / "d/big").exists()
    assert (tmp_path / "other").stat().st_mode & 0o200
    assert store.read(tree, "big") == b"x" * 3_000_000
    assert store.read(tree, "linked") == b"l"


def test_large_files_are_copied_whole(tmp_path: Path, store: Store) -> None:
    data = random.Random(7).randbytes(3_000_001)
    write(tmp_path, {"d/big": data})
    assert store.read(store.put_directory(tmp_path / "d"), "big") == data


def test_pipes_are_named_not_stored(tmp_path: Path, store: Store) -> None:
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d/pipe")
    skipped: list[str] = []
    assert store.put_directory(tmp_path / "d", skipped=skipped) == EMPTY_TREE
    assert skipped == [str(tmp_path / "d/pipe")]


def test_missing_things_say_so(store: Store) -> None:
    tree = store.put_bytes({"a/b": b"1"})
    with pytest.raises(FileNotFoundError):
        store.read(tree, "a/c")
    with pytest.raises(FileNotFoundError):
        store.read(tree, "a/b/c")
    with pytest.raises(IsADirectoryError):
        store.read(tree, "a")
    with pytest.raises(TreeMissing):
        list(store.walk("0" * 64))
    assert not store.has("0" * 64)


def test_looking_creates_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    assert not store.has("0" * 64)
    assert store.usage() == 0
    assert store.prune(0, []) == []
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("globs", "kept"),
    [
        (["src/**"], {"src/a.py", "src/deep/b.py", "src/deep/c.txt"}),
        (["src"], {"src/a.py", "src/deep/b.py", "src/deep/c.txt"}),
        (["src/"], {"src/a.py", "src/deep/b.py", "src/deep/c.txt"}),
        (["src/*.py"], {"src/a.py"}),
        (["**/*.py"], {"src/a.py", "src/deep/b.py", "top.py"}),
        (["*.py"], {"top.py"}),
        (["./top.py", "README.md"], {"top.py", "README.md"}),
        (["src/{a,deep/b}.py"], {"src/a.py", "src/deep/b.py"}),
        (["src/[!b].py"], {"src/a.py"}),
        (["src/?.py"], {"src/a.py"}),
        (["**"], {"src/a.py", "src/deep/b.py", "src/deep/c.txt", "top.py", "README.md"}),
        (["nothing/**"], set()),
        ([], set()),
    ],
)
def test_narrowing_keeps_exactly_the_matching_files(globs: list[str], kept: set[str], store: Store) -> None:
    files = {p: p.encode() for p in ("src/a.py", "src/deep/b.py", "src/deep/c.txt", "top.py", "README.md")}
    tree = store.put_bytes(files)
    assert store.narrow(tree, globs) == store.put_bytes({path: files[path] for path in kept})
    for path in files:
        other = store.put_bytes(files | {path: b"changed"})
        assert (store.narrow(other, globs) != store.narrow(tree, globs)) is (path in kept)


def test_the_least_recently_used_go_first(store: Store) -> None:
    first, second, third = (store.put_bytes({"f": bytes([n]) * 10_000, "shared": b"s" * 9000}) for n in range(3))
    store.touch([first])
    assert store.prune(store.usage() - 1, []) == [second]
    assert (store.has(first), store.has(second), store.has(third)) == (True, False, True)
    assert store.prune(1, [third]) == [first]
    assert store.read(third, "shared") == b"s" * 9000
    assert len(objects(store)) == 2


def test_usage_is_what_is_there(store: Store) -> None:
    assert store.usage() == 0
    kept = store.put_bytes({"a": b"x" * 5000})
    once = store.usage()
    store.put_bytes({"a": b"x" * 5000})
    assert store.usage() == once >= 8192
    store.put_bytes({"b": b"y" * 50_000})
    store.prune(0, [kept])
    assert store.usage() == once


def test_a_tree_inside_a_kept_one_stays(store: Store) -> None:
    small = store.put_bytes({"f": b"1"})
    large = store.put_bytes({"d/f": b"1", "g": b"2"})
    assert store.prune(0, [large]) == [small]
    assert store.has(small), "the kept tree refers to it"


def test_a_broken_object_takes_every_tree_above_it_along(store: Store) -> None:
    tree = store.put_bytes({"a/b/c": b"content", "d": b"other"})
    sound = store.put_bytes({"d": b"other"})
    path = store.file(store.find(tree, "a/b/c"))
    path.chmod(0o644)
    path.write_bytes(b"c")
    with pytest.raises(TreeMissing):
        store.read(tree, "a/b/c")
    assert not store.has(tree)
    assert store.has(sound)
    assert store.put_bytes({"a/b/c": b"content", "d": b"other"}) == tree
    assert store.read(tree, "a/b/c") == b"content"


def test_a_broken_object_is_dropped_even_while_the_store_is_held(store: Store) -> None:
    tree = store.put_bytes({"a": b"content"})
    path = store.file(store.find(tree, "a"))
    path.unlink()
    with store.hold():
        with pytest.raises(TreeMissing):
            store.read(tree, "a")
        with pytest.raises(RuntimeError, match="holds"):
            store.prune(0, [])
    assert not store.has(tree)


def test_putting_heals_a_broken_object(store: Store) -> None:
    tree = store.put_bytes({"a": b"content"})
    path = store.file(store.find(tree, "a"))
    path.chmod(0o644)
    path.write_bytes(b"CONTENT")
    store.put_bytes({"b": b"content"})
    assert store.read(tree, "a") == b"content"


WRITER = """
import sys
from pathlib import Path
from engine.artifacts.store import Store
store = Store(Path(sys.argv[1]))
for n in range(10_000):
    files = {f"d{k % 5}/f{k}": f"{n}-{k}".encode() * 300 for k in range(40)}
    print(store.put_bytes(files), flush=True)
    if n % 7 == 3:
        store.prune(2_000_000, [])
"""


@pytest.mark.parametrize("lines", [1, 4, 9, 15])
def test_a_killed_writer_leaves_only_whole_trees(lines: int, tmp_path: Path) -> None:
    """Whatever the store says it has after kill -9, it has to the last byte."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer.stdout:
        trees = [writer.stdout.readline().decode().strip() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        trees += writer.stdout.read().decode().split()
    writer.wait()
    store = Store(tmp_path)
    present = [bytes(d).hex() for d in store.index.bodies()]
    assert present
    for tree in {*present, *(t for t in trees if len(t) == 64 and store.has(t))}:
        for entry in store.walk(tree):
            assert len(store.read(tree, entry.path)) == entry.size
            assert store.objects.whole(bytes.fromhex(entry.digest), False, entry.size)
    store.prune(0, [])
    assert objects(store) == set()
    assert list((tmp_path / "tmp").iterdir()) == []
    store.close()


def _put_many(root: str, seed: int) -> None:
    store = Store(Path(root))
    for n in range(12):
        tree = store.put_bytes({f"f{k}": f"{n}-{k}".encode() for k in range(20)})
        with store.hold():
            assert not store.has(tree) or all(store.read(tree, e.path) for e in store.walk(tree))
        if (n + seed) % 4 == 0:
            store.prune(400_000, [])
    store.close()


def test_processes_share_a_store(tmp_path: Path) -> None:
    """Two write and sweep, we look: nobody ever finds a tree whose content is missing."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_put_many, args=(str(tmp_path), seed)) for seed in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    store = Store(tmp_path)
    for digest in store.index.bodies():
        for entry in store.walk(digest.hex()):
            assert store.read(digest.hex(), entry.path)
    store.close()
