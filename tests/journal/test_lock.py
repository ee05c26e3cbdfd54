"""The lock: one at work per directory, and the dead do not count."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.journal.errors import JournalError
from engine.journal.lock import Busy, Lock, Owner, owner

HOLDER = """
import subprocess, sys
from pathlib import Path
from engine.journal.lock import Lock
lock = Lock.acquire(Path(sys.argv[1]), "greenroom run", "/run/control.sock")
child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
sys.stdin.read()
"""


def holder(directory: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that has the lock and a child that outlives it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def finish(process: subprocess.Popen[str], child: int) -> None:
    process.kill()
    process.communicate()
    os.kill(child, 9)


def test_nobody_holds_a_fresh_directory(tmp_path: Path) -> None:
    assert owner(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_holder_is_told_to_others(tmp_path: Path) -> None:
    process, child = holder(tmp_path)
    try:
        found = owner(tmp_path)
        assert found == Owner(process.pid, "greenroom run", found.since if found else 0, "/run/control.sock")
        with pytest.raises(Busy, match=f"pid {process.pid}, `greenroom run`") as caught:
            Lock.acquire(tmp_path, "greenroom", "")
        busy = caught.value
        assert (busy.pid, busy.command, busy.socket) == (process.pid, "greenroom run", "/run/control.sock")
        assert busy.since == busy.owner.since > 0
    finally:
        finish(process, child)


def test_a_killed_holder_holds_nothing_even_while_its_children_live(tmp_path: Path) -> None:
    process, child = holder(tmp_path)
    process.kill()
    process.communicate()
    assert owner(tmp_path) is None
    assert json.loads((tmp_path / "lock").read_text())["pid"] == process.pid
    with Lock.acquire(tmp_path, "greenroom", ""):
        assert (found := owner(tmp_path))
        assert found.pid == os.getpid()
    os.kill(child, 9)


def test_released_is_free_and_twice_is_fine(tmp_path: Path) -> None:
    lock = Lock.acquire(tmp_path, "greenroom", "")
    with pytest.raises(Busy):
        Lock.acquire(tmp_path, "greenroom", "")
    lock.release()
    lock.release()
    assert owner(tmp_path) is None
    Lock.acquire(tmp_path, "greenroom", "").release()


def test_what_the_lock_tells_can_change(tmp_path: Path) -> None:
    with Lock.acquire(tmp_path, "a much longer command line", "") as lock:
        lock.announce("greenroom", tmp_path / "s")
        assert (found := owner(tmp_path))
        assert (found.command, found.socket) == ("greenroom", str(tmp_path / "s"))


def test_a_removed_lock_file_is_made_again(tmp_path: Path) -> None:
    first = Lock.acquire(tmp_path, "greenroom", "")
    (tmp_path / "lock").unlink()
    assert owner(tmp_path) is None
    with Lock.acquire(tmp_path, "greenroom", ""), pytest.raises(Busy):
        Lock.acquire(tmp_path, "greenroom", "")
    first.release()


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b'{"pid": "x"}', b"\xff\xfe"])
def test_a_holder_that_has_not_said_who_it_is(tmp_path: Path, note: bytes) -> None:
    with Lock.acquire(tmp_path, "greenroom", ""):
        (tmp_path / "lock").write_bytes(note)
        assert owner(tmp_path) == Owner(0, "", 0.0, "")
        with pytest.raises(Busy, match="just starting"):
            Lock.acquire(tmp_path, "greenroom", "")


def test_a_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        Lock.acquire(tmp_path / "file", "greenroom", "")


def test_a_full_disk_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with Lock.acquire(tmp_path, "greenroom cache prune", ""), pytest.raises(Busy):
        Lock.acquire(tmp_path, "greenroom run", "")
