"""What the system loses, refuses or takes away, and how the watch gets over it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine._watching import cookies, notifier, observer
from engine.watch import Watch
from tests.watch.conftest import Follow
from tests.watch.reader import DEADLINE, content

HOUSE = Path(__file__).parents[2]
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
linux = pytest.mark.skipif(not QUEUE.exists(), reason="inotify is Linux's")


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory on a file system that is fast enough to outrun the kernel's queue."""
    place = tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    yield Path(place)
    shutil.rmtree(place)


def remove(directory: Path) -> None:
    """Remove a directory in which the watch may be leaving a mark of its own right now."""
    while directory.exists():
        shutil.rmtree(directory, ignore_errors=True)


def flood(root: Path, write: Callable[[int], object], *stop: str) -> Iterator[dict[str, Any]]:
    """What a follower tells that could not look while twice as much happened as the kernel remembers.

    It is stopped anywhere, or between two looks.
    """
    limit = int(QUEUE.read_text())
    command = [sys.executable, "-m", "tests.watch.follower", str(root), *stop]
    with subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, text=True) as follower:
        kill = threading.Timer(DEADLINE, follower.kill)
        kill.start()
        assert follower.stdout
        try:
            if not stop:
                follower.stdout.readline()
                follower.send_signal(signal.SIGSTOP)
            os.waitpid(follower.pid, os.WUNTRACED)
            began = time.monotonic()
            number = 0
            while number < limit + 500 or time.monotonic() < began + 1.2:
                write(number)
                number += 1
            (root / "zz-last").write_text("")
            follower.send_signal(signal.SIGCONT)
            yield from map(json.loads, follower.stdout)
        finally:
            kill.cancel()
            follower.kill()


@linux
def test_more_files_than_the_kernel_remembers_are_all_found(memory: Path) -> None:
    told = flood(memory, lambda number: (memory / f"file{number:06}").touch())
    rescans = 0
    for line in told:
        rescans += line["rescan"]
        if rescans and line["last"] == ["zz-last"] and line["files"] == len(content(memory)):
            break
    assert line["files"] > int(QUEUE.read_text())
    assert rescans >= 1
    told.close()  # type: ignore[attr-defined]


@linux
def test_few_files_that_fill_the_queue_hide_no_other(memory: Path) -> None:
    """The queue may be full of two names: the number of paths says nothing about a loss."""
    for stop in ((), ("between two looks",)):
        told = flood(memory, lambda number: (memory / f"{number % 2}").write_text(str(number)), *stop)
        for line in told:  # the look at its beginning may be told late, or as one with the look that follows
            if line["last"] == ["zz-last"] and line["rescan"] and line["reason"] != "watching begins":
                break
        assert (line["files"], line["rescan"]) == (3, True)
        told.close()  # type: ignore[attr-defined]
        (memory / "zz-last").unlink()


async def test_a_burst_is_followed_by_a_look_at_everything(root: Path, follow: Follow) -> None:
    reader = await follow()
    for number in range(1_500):
        (root / f"file{number}").touch()
    batch = await reader.rescanned()
    assert batch.reason in ("very many files changed at once", "files change without a pause")
    assert reader.mirror == content(root)


async def test_everything_is_looked_at_now_and_then(root: Path, follow: Follow) -> None:
    reader = await follow(rescan_seconds=0.02)
    assert (await reader.rescanned()).reason == "routine"
    assert (await reader.rescanned()).reason == "routine"


async def test_a_name_that_is_not_utf_8_does_not_end_the_watch(root: Path, follow: Follow) -> None:
    reader = await follow()
    strange = root / "src" / os.fsdecode(b"\xff\xfe.txt")
    for text in (b"1", b"2"):
        strange.write_bytes(text)
        (root / "src" / "main.py").write_bytes(text)
        assert (await reader.rescanned()).reason == "a change could not be read"
        assert reader.mirror == content(root)
    (root / "src" / "main.py").write_text("as ever")
    await reader.settled()
    assert reader.mirror == content(root)


async def test_a_root_that_goes_and_comes_back(root: Path, follow: Follow) -> None:
    reader = await follow()
    for _ in range(3):
        remove(root)
        await reader.until(lambda: not reader.mirror and reader.batches[-1].rescan)
        # The state directory goes first: whoever looks at that moment says so.
        assert reader.batches[-1].reason in (f"{root} is gone", "a watched directory was replaced")
        (root / "again").mkdir(parents=True)
        (root / "again" / "file").write_text("back")
        await reader.until(lambda: str(root / "again" / "file") in reader.mirror)
        (root / "again" / "file").write_text("watched")
        await reader.settled()
        assert reader.mirror == content(root)


async def test_another_directory_takes_the_place_of_the_root(root: Path, follow: Follow) -> None:
    other = root.with_name("other")
    shutil.copytree(root, other)
    (other / "src" / "main.py").write_text("another")
    reader = await follow()
    shutil.move(root, root.with_name("old"))
    other.rename(root)
    await reader.until(lambda: reader.mirror.get(str(root / "src" / "main.py")) == b"another")
    (root.with_name("old") / "src" / "main.py").write_text("not ours any more")
    (root / "src" / "deep" / "new").write_text("ours")
    await reader.settled()
    assert reader.mirror == content(root)


async def test_a_root_that_is_not_there_yet(root: Path, tmp_path: Path, follow: Follow) -> None:
    late = tmp_path / "late"
    reader = await follow(roots={"Source": root, "Second": late})
    late.mkdir()
    await reader.until(lambda: late in reader.paths)
    (late / "file").write_text("")
    assert late / "file" in await reader.settled()


async def test_the_state_directory_may_be_deleted(root: Path, follow: Follow) -> None:
    reader = await follow()
    remove(root / ".greenroom")
    await reader.until(lambda: reader.batches[-1].reason == "a watched directory was replaced")
    assert await reader.watch.sync()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    (directory / "pipeline.yaml").write_text("1")
    return directory


async def test_single_files_are_seen_and_their_neighbours_are_not(root: Path, elsewhere: Path, follow: Follow) -> None:
    definition = elsewhere / "pipeline.yaml"
    reader = await follow(definition)
    (elsewhere / "other.yaml").write_text("")
    definition.write_text("2")
    assert await reader.settled() == {definition}
    (elsewhere / "new").write_text("3")
    (elsewhere / "new").rename(definition)
    definition.unlink()
    assert await reader.settled() == {definition}


async def test_a_single_file_counts_even_where_it_is_left_out(root: Path, follow: Follow) -> None:
    definition = root / "node_modules" / "pipeline.yaml"
    definition.write_text("1")
    reader = await follow(definition)
    (root / "node_modules" / "other.yaml").write_text("")
    definition.write_text("2")
    assert await reader.settled() == {definition}


async def test_a_link_is_followed_to_the_file_that_is_saved(root: Path, elsewhere: Path, follow: Follow) -> None:
    link = root.with_name("link.yaml")
    link.symlink_to(elsewhere / "pipeline.yaml")
    reader = await follow(link)
    (elsewhere / "pipeline.yaml").write_text("2")
    assert await reader.settled() == {link}


async def test_a_single_file_in_a_directory_that_is_not_there_yet(root: Path, tmp_path: Path, follow: Follow) -> None:
    file = tmp_path / "not" / "yet" / "buildspec.yml"
    reader = await follow(file)
    file.parent.mkdir(parents=True)
    file.write_text("1")
    await reader.until(lambda: file in reader.paths)


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refusing(*_: object) -> None:
        raise error

    monkeypatch.setattr(notifier, "RustNotify", refusing)


async def test_at_the_limit_of_watches_it_polls_and_says_so(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, OSError("OS file watch limit reached. about [...]"))
    reader = await follow()
    assert "sudo sysctl fs.inotify.max_user_watches" in reader.watch.notice
    assert reader.batches[0].reason == reader.watch.notice
    (root / "src" / "main.py").write_text("2")
    (root / "new" / "deep").mkdir(parents=True)
    (root / "new" / "deep" / "file").write_text("3")
    await reader.until(lambda: reader.mirror == content(root))
    (root / "new" / "deep" / "file").write_text("longer than before")
    await reader.until(lambda: reader.mirror == content(root))


async def test_a_limit_reached_later_is_got_over_by_letting_the_old_watch_go(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await follow()
    real = notifier.RustNotify
    refusals = [OSError("OS file watch limit reached.")]

    def once(*rest: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return real(*rest)

    monkeypatch.setattr(notifier, "RustNotify", once)
    (root / "new").mkdir()
    assert (await reader.rescanned()).reason == "the watch was interrupted"
    assert reader.watch.notice == ""
    (root / "new" / "file").write_text("")
    assert root / "new" / "file" in await reader.settled()


async def test_a_system_without_reports_is_polled(root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, OSError("Function not implemented"))
    reader = await follow()
    assert "does not report changes here (Function not implemented)" in reader.watch.notice
    for _ in range(3):
        for number in range(5):
            (root / "src" / "main.py").write_text(str(number))
        (root / "src" / "new").mkdir()
        (root / "src" / "new" / "file").write_text("1")
        assert await reader.watch.sync()
        await reader.settled()
        assert reader.mirror == content(root)
        shutil.rmtree(root / "src" / "new")


async def test_a_silent_file_system_is_polled(root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "silent_filesystem", lambda _: "nfs4")
    reader = await follow()
    assert "(nfs4)" in reader.watch.notice
    (root / "src" / "main.py").write_text("2")
    await reader.until(lambda: reader.mirror == content(root))


def test_file_systems_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    table = "\n".join(
        [
            "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
            "23 22 0:50 / /home rw,relatime - nfs4 server:/home rw",
            "24 23 0:51 / /home/me/my\\040disk rw,relatime - ext4 /dev/vdb rw",
            "25 22 0:52 / /homestead rw,relatime - tmpfs tmpfs rw",
        ]
    )
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: table)
    monkeypatch.setattr(os.path, "realpath", os.fspath)
    silent = {
        path: notifier.silent_filesystem(Path(path))
        for path in ("/", "/srv", "/home", "/home/me", "/home/me/my disk/x", "/homestead")
    }
    assert silent == {
        "/": "",
        "/srv": "",
        "/home": "nfs4",
        "/home/me": "nfs4",
        "/home/me/my disk/x": "",
        "/homestead": "",
    }


class Deaf:
    """A notifier of a system that takes every watch and reports nothing."""

    def __init__(self, *_: object) -> None:
        pass

    def watch(self, _debounce: int, _step: int, timeout: int, stop: threading.Event | None) -> str:
        return "stop" if stop and stop.wait(timeout / 1000) else "timeout"

    def close(self) -> None:
        pass


async def test_a_watch_that_is_dead_is_found_out(root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "LIFETIME", 0.02)
    monkeypatch.setattr(notifier, "RustNotify", Deaf)
    reader = await follow()
    await reader.until(lambda: reader.batches[-1].reason.startswith("The file system here does not report"))
    assert reader.watch.notice
    (root / "src" / "main.py").write_text("2")
    await reader.until(lambda: reader.mirror == content(root))


async def test_closing_ends_everything(root: Path) -> None:
    watch = Watch({"Source": root}, [], lambda _: False, corner=root / ".greenroom" / "watch")
    changes = watch.changes()
    await anext(changes)
    watch.close()
    watch.close()
    assert [batch async for batch in changes] == []
    assert not await watch.sync()
    assert "greenroom-watch" not in {thread.name for thread in threading.enumerate()}


async def test_closing_what_never_began(root: Path) -> None:
    watch = Watch({"Source": root}, [], lambda _: False)
    watch.close()
    assert [batch async for batch in watch.changes()] == []


async def test_a_rule_that_fails_is_not_swallowed(root: Path, follow: Follow) -> None:
    def broken(path: Path) -> bool:
        raise LookupError(path.name)

    with pytest.raises(LookupError):
        await follow(ignored=broken)
