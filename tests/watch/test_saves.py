"""What people and their tools do to files, and what the watch makes of it."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine._watching import observer as observing
from engine.watch import Batch
from tests.watch.conftest import Follow
from tests.watch.reader import Reader, content


async def test_the_first_batch_says_from_when_on_nothing_is_missed(follow: Follow) -> None:
    reader = await follow()
    assert reader.batches == [Batch(frozenset(), True, "watching begins")]
    assert reader.watch.notice == ""


async def test_a_save_is_reported_as_such(root: Path, follow: Follow) -> None:
    reader = await follow()
    (root / "src" / "main.py").write_text("2")
    batch = await reader.take()
    assert batch == Batch(frozenset({root / "src" / "main.py"}), False, "changed")


async def test_sync_waits_for_all_that_was_done_before(root: Path, follow: Follow) -> None:
    reader = await follow()
    for number in range(20):
        (root / "src" / "main.py").write_text(str(number))
        (root / f"new-{number}").write_text("")
        assert await reader.watch.sync()
        await reader.take()
        assert reader.paths >= {root / "src" / "main.py", root / f"new-{number}"}
    assert list((root / ".greenroom" / "watch").iterdir()) == []


async def test_without_a_corner_sync_does_not_pretend(follow: Follow) -> None:
    reader = await follow(corner=False)
    assert not await reader.watch.sync()


async def test_deleted_and_renamed_files_are_named(root: Path, follow: Follow) -> None:
    reader = await follow()
    (root / "src" / "main.py").rename(root / "src" / "app.py")
    assert await reader.settled() == {root / "src" / "main.py", root / "src" / "app.py"}
    (root / "src" / "app.py").unlink()
    await reader.settled()
    assert reader.mirror == content(root)


async def test_a_mode_that_changes_is_a_change(root: Path, follow: Follow) -> None:
    reader = await follow()
    (root / "src" / "main.py").chmod(0o755)
    assert await reader.settled() == {root / "src" / "main.py"}


async def test_what_is_left_out_is_not_even_watched(root: Path, follow: Follow) -> None:
    before = inotify_watches()
    reader = await follow()
    (root / "node_modules" / "left-pad" / "index.js").write_text("")
    (root / "node_modules" / "new").mkdir()
    (root / ".git" / "HEAD").write_text("ref")
    (root / ".greenroom" / "journal.db").write_text("")
    (root / "src" / ".git").mkdir()
    (root / "src" / "node_modules").mkdir()
    assert await reader.settled() == set()
    # The project, src, src/deep and the corner.
    assert inotify_watches() - before == 4


def inotify_watches() -> int:
    count = 0
    for descriptor in Path("/proc/self/fdinfo").iterdir():
        try:
            count += descriptor.read_text().count("inotify wd:")
        except OSError:
            continue
    return count


def plain(file: Path) -> None:
    file.write_text("saved")


def vim(file: Path) -> None:
    swap = file.with_name(f".{file.name}.swp")
    swap.write_text("b0VIM")
    probe = file.with_name("4913")
    probe.write_text("")
    probe.unlink()
    backup = file.with_name(f"{file.name}~")
    file.rename(backup)
    file.write_text("saved")
    backup.unlink()
    swap.unlink()


def emacs(file: Path) -> None:
    lock = file.with_name(f".#{file.name}")
    lock.symlink_to("me@host.123:456")
    file.with_name(f"#{file.name}#").write_text("half")
    shutil.copy(file, file.with_name(f"{file.name}~"))
    file.write_text("saved")
    file.with_name(f"#{file.name}#").unlink()
    lock.unlink()


def jetbrains(file: Path) -> None:
    temporary = file.with_name(f"{file.name}___jb_tmp___")
    old = file.with_name(f"{file.name}___jb_old___")
    temporary.write_text("saved")
    file.rename(old)
    temporary.rename(file)
    old.unlink()


def glib(file: Path) -> None:
    temporary = file.with_name(".goutputstream-ABC123")
    temporary.write_text("saved")
    temporary.rename(file)


def atomically(file: Path) -> None:
    temporary = file.with_name(f"{file.name}.tmp.4711")
    temporary.write_text("saved")
    temporary.rename(file)


def sed(file: Path) -> None:
    file.write_text("unsaved")
    subprocess.run(["sed", "-i", "s/unsaved/saved/", file], check=True)


EDITORS = [plain, vim, emacs, jetbrains, glib, atomically, sed]


@pytest.mark.parametrize("save", EDITORS)
async def test_a_save_names_the_file_and_nothing_else(root: Path, follow: Follow, save: Callable[[Path], None]) -> None:
    reader = await follow()
    for _ in range(3):
        save(root / "src" / "main.py")
        named = await reader.settled()
        assert {path for path in named if path.exists()} == {root / "src" / "main.py"}
        assert reader.mirror[str(root / "src" / "main.py")] == b"saved"
    assert reader.mirror == content(root) or save is emacs  # which leaves its backup
    assert not reader.sightings


async def test_a_slow_rename_does_not_show_the_temporary_file(root: Path, follow: Follow) -> None:
    """Between the write and the rename lies an fsync, which may take longer than a burst."""
    reader = await follow()
    (root / "src" / "main.py.tmp").write_text("saved")
    assert await reader.watch.sync()
    assert reader.paths == set()
    (root / "src" / "main.py.tmp").rename(root / "src" / "main.py")
    assert root / "src" / "main.py" in await reader.settled()
    assert not reader.sightings


async def test_a_file_that_only_looks_temporary_is_reported_after_all(root: Path, follow: Follow) -> None:
    reader = await follow()
    (root / "src" / "notes.tmp").write_text("mine")
    await reader.until(lambda: root / "src" / "notes.tmp" in reader.paths)
    (root / "src" / "notes.tmp").unlink()
    await reader.settled()
    assert str(root / "src" / "notes.tmp") not in reader.mirror


async def test_a_tree_that_appears_at_once_is_reported_whole(root: Path, follow: Follow) -> None:
    reader = await follow()
    for number in range(30):
        directory = root / "lib" / f"package{number}" / "src" / "main"
        directory.mkdir(parents=True)
        (directory / "file").write_text(str(number))
    await reader.settled()
    assert reader.mirror == content(root)
    # And it is watched from now on, all of it.
    (root / "lib" / "package29" / "src" / "main" / "file").write_text("changed")
    await reader.settled()
    assert reader.mirror == content(root)


async def test_a_renamed_directory_is_watched_under_its_new_name(root: Path, follow: Follow) -> None:
    reader = await follow()
    (root / "src").rename(root / "source")
    (root / "src").mkdir()
    await reader.settled()
    for name in ("source/deep/a", "source/main.py", "src/b"):
        (root / name).write_text("new")
    assert {root / "source/deep/a", root / "source/main.py", root / "src/b"} <= await reader.settled()
    assert reader.mirror == content(root)


async def test_checkouts_with_git(root: Path, follow: Follow) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)

    (root / ".gitignore").write_text("node_modules\n.greenroom\nmark-*\n")
    git("init", "-q", "-b", "one", ".")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "two")
    for number in range(60):
        (root / f"pkg{number % 6}" / "sub").mkdir(parents=True, exist_ok=True)
        (root / f"pkg{number % 6}" / "sub" / f"file{number}").write_text("2" * number)
    shutil.rmtree(root / "src")
    git("add", ".")
    git("commit", "-qm", "two")
    reader = await follow()
    for branch in ("one", "two", "one", "two"):
        git("checkout", "-q", branch)
        await reader.settled()
        assert reader.mirror == content(root)


async def test_half_a_checkout_is_kept_back(root: Path, follow: Follow) -> None:
    reader = await follow()
    pending = reader.watch._observer._pending
    (root / ".git" / "index.lock").write_text("")
    (root / "a").write_text("")
    async with asyncio.timeout(20):
        while root / "a" not in pending:  # noqa: ASYNC110 - nothing tells that nothing is told
            await asyncio.sleep(0.001)
    (root / "b").write_text("")
    assert root / "a" in pending
    (root / ".git" / "index.lock").unlink()
    await reader.until(lambda: {root / "a", root / "b"} <= reader.paths)


async def test_the_lock_of_a_dead_git_keeps_nothing_back(root: Path, follow: Follow) -> None:
    (root / ".git" / "index.lock").write_text("")
    os.utime(root / ".git" / "index.lock", (1, 1))
    reader = await follow()
    (root / "a").write_text("")
    assert (await reader.take()).paths == {root / "a"}


async def test_a_git_that_never_ends_keeps_nothing_back_for_ever(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observing, "_GIT_PATIENCE", 0.05)
    (root / ".git" / "index.lock").write_text("")
    reader = await follow()
    (root / "a").write_text("")
    batch = await reader.take()
    assert (batch.paths, batch.reason) == ({root / "a"}, "changed")  # and not with the next routine look at everything


async def test_a_reader_that_is_slow_gets_one_batch(root: Path, follow: Follow) -> None:
    reader = await follow()
    for name in "abc":
        (root / name).write_text("")
        assert await reader.watch.sync()
    assert (await reader.take()).paths == {root / "a", root / "b", root / "c"}


async def test_rules_that_change_are_followed(root: Path, follow: Follow) -> None:
    """As the snapshot does, the rule is read anew when its file is reported."""
    (root / "build").mkdir()
    (root / ".gitignore").write_text("build")
    unseen = {root / "build", root / "build/a"}
    reader = await follow(ignored=lambda path: path in unseen)
    (root / "build/a").write_text("")
    assert await reader.settled() == set()
    (root / ".gitignore").write_text("")
    await reader.until(lambda: root / ".gitignore" in reader.paths)
    unseen.clear()
    await reader.until(lambda: root / "build" in reader.paths)
    (root / "build/b").write_text("")
    assert root / "build/b" in await reader.settled()


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_happens_the_mirror_is_true(root: Path, follow: Follow, seed: int) -> None:
    chance = random.Random(seed)
    reader = await follow()
    names = ["a", "b", "src", "src/deep", "src/main.py", "a/b", "b/c", "src/deep/d", "x.tmp", "a/.swp"]
    for _ in range(25):
        for _ in range(chance.randint(1, 12)):
            disturb(root / chance.choice(names), root / chance.choice(names), chance.randrange(6), chance)
        await reader.settled()
        await drained(reader)
        assert reader.mirror == content(root)


def disturb(one: Path, other: Path, what: int, chance: random.Random) -> None:
    try:
        match what:
            case 0 | 1:
                one.write_text(str(chance.random()))
            case 2:
                one.mkdir()
                (one / "inside").write_text(str(chance.random()))
            case 3:
                one.rename(other)
            case 4:
                shutil.rmtree(one) if one.is_dir() else one.unlink()
            case 5:
                shutil.copytree(one, other) if one.is_dir() else shutil.copy(one, other)
    except (OSError, shutil.Error):
        pass  # it does not fit what is there


async def drained(reader: Reader) -> None:
    """Temporary names are reported with a delay; wait for those as well."""
    path = str(reader.root / "x.tmp")
    await reader.until(lambda: reader.mirror.get(path) == content(reader.root).get(path))
