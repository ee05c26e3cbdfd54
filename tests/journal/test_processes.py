"""Ending what a dead greenroom left: all of it, and never anybody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.journal import processes
from engine.journal.processes import birth, end_group, end_marked, leftovers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

Start = Callable[..., "Tree"]


class Tree:
    """A shell that leads a group of its own, and what it started; it says when all are up."""

    def __init__(self, script: str, marker: str = "GREENROOM_ACTION=none") -> None:
        name, _, value = marker.partition("=")
        self.process = subprocess.Popen(
            ["sh", "-c", script],
            start_new_session=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, name: value},
        )
        assert self.process.stdout
        self.pids = [int(word) for word in self.process.stdout.readline().split()]

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> list[int]:
        found = (processes._look(pid) for pid in self.pids)
        return [process.pid for process in found if process and not process.zombie]


@pytest.fixture
def start() -> Iterator[Start]:
    trees: list[Tree] = []

    def start(script: str, marker: str = "GREENROOM_ACTION=none") -> Tree:
        trees.append(Tree(script, marker))
        return trees[-1]

    yield start
    for tree in trees:
        for pid in tree.alive():
            os.kill(pid, signal.SIGKILL)
        assert tree.process.stdout
        tree.process.stdout.close()
        tree.process.wait()


PAIR = "sleep 60 & echo $$ $!; wait"


def test_a_birth_is_steady_and_tells_processes_apart(start: Start) -> None:
    tree = start(PAIR)
    assert birth(tree.pid) == birth(tree.pid) != ""
    assert birth(tree.pid).partition(":")[0] == birth(os.getpid()).partition(":")[0]
    assert birth(tree.pid) != birth(os.getpid())


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_what_is_not_there_has_no_birth(pid: int) -> None:
    assert birth(pid) == ""


def test_a_hostile_process_name_does_not_confuse(tmp_path: Path) -> None:
    program = tmp_path / ") R 1 (x"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        found = processes._look(process.pid)
        process.kill()
    assert found
    assert (found.group, found.session) == (os.getpgrp(), os.getsid(0))


def test_a_group_is_ended(start: Start) -> None:
    tree = start(PAIR)
    assert end_group(tree.pid, birth(tree.pid), grace=20.0)
    assert tree.alive() == []


def test_a_group_that_will_not_listen_is_killed(start: Start) -> None:
    tree = start("trap '' TERM; sleep 60 & echo $$ $!; while :; do wait; done")
    assert end_group(tree.pid, birth(tree.pid), grace=0.1)
    assert tree.alive() == []


def test_a_group_outlives_its_leader_and_is_ended_all_the_same(start: Start) -> None:
    tree = start("(trap '' TERM; sleep 60 & echo $$ $!; wait; wait) & wait")
    tree.pids.append(tree.pid)
    assert end_group(tree.pid, birth(tree.pid), grace=0.1)
    assert tree.alive() == []


def test_another_group_of_the_same_session_is_ended(start: Start) -> None:
    tree = start("exec bash -c 'set -m; sleep 60 & echo $$ $!; wait'")
    assert os.getpgid(tree.pids[1]) != tree.pid
    assert end_group(tree.pid, birth(tree.pid), grace=20.0)
    assert tree.alive() == []


def test_a_recycled_id_is_left_alone(start: Start) -> None:
    tree = start(PAIR)
    boot, _, tick = birth(tree.pid).partition(":")
    for wrong in ("", f"{boot}:{int(tick) - 1}", f"another-boot:{tick}"):
        assert not end_group(tree.pid, wrong, grace=0.1)
        assert not end_group(tree.pid, wrong, grace=0.1, marker="GREENROOM_ACTION=someone-else")
    assert tree.alive() == tree.pids


@pytest.mark.parametrize("pid", [0, 1, -1])
def test_no_id_stands_for_everybody(pid: int) -> None:
    assert not end_group(pid, "", grace=0.1)
    assert not end_group(pid, birth(1), grace=0.1) or pid != 1


def test_what_is_gone_already_was_nothing_to_end(start: Start) -> None:
    tree = start("echo $$")
    born = birth(tree.pid)
    tree.process.wait()
    assert not end_group(tree.pid, born)


def test_leftovers_are_found_wherever_they_went(start: Start) -> None:
    marker = f"GREENROOM_ACTION=left-{os.getpid()}"
    tree = start("setsid sh -c 'echo $$; exec sleep 60' & wait", marker)
    other = start(PAIR, f"{marker}-2")
    assert leftovers(marker) == sorted([tree.pid, *tree.pids])
    os.kill(tree.pid, signal.SIGKILL)
    tree.process.wait()
    assert leftovers(marker) == tree.pids
    assert end_marked(marker, grace=20.0)
    assert tree.alive() == leftovers(marker) == []
    assert not end_marked(marker)
    assert other.alive() == other.pids


def test_a_group_and_those_that_left_it_go_together(start: Start) -> None:
    marker = f"GREENROOM_ACTION=both-{os.getpid()}"
    tree = start("setsid sh -c 'echo $$; exec sleep 60' & wait", marker)
    assert end_group(tree.pid, birth(tree.pid), grace=20.0, marker=marker)
    assert tree.alive() == leftovers(marker) == []
    assert processes._look(tree.pid) is None or tree.process.wait() is not None


def test_the_marker_ends_what_a_dead_leader_left(start: Start) -> None:
    marker = f"GREENROOM_ACTION=orphans-{os.getpid()}"
    tree = start(PAIR, marker)
    born = birth(tree.pid)
    os.kill(tree.pid, signal.SIGKILL)
    tree.process.wait()
    assert not end_group(tree.pid, born, grace=0.1)
    assert tree.alive() == [tree.pids[1]]
    assert end_group(tree.pid, born, grace=20.0, marker=marker)
    assert tree.alive() == []


def test_a_greenroom_never_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where greenroom runs as an action of another greenroom and carries its marker."""
    script = (
        "import os; from engine.journal.processes import *;"
        "print(leftovers('GREENROOM_ACTION=outer'), end_group(os.getpid(), birth(os.getpid()), 0.1))"
    )
    environment = {**os.environ, "GREENROOM_ACTION": "outer"}
    told = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, start_new_session=True
    )
    assert told.stdout == "[] False\n"
    assert told.returncode == 0


def test_the_table_of_ps_serves_where_there_is_no_proc(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_linux", lambda: False)
    tree = start(PAIR)
    born = birth(tree.pid)
    assert born == birth(tree.pid) != ""
    assert birth(2**22 + 1) == ""
    assert not end_group(tree.pid, "Thu Jan 1 00:00:00 1970", grace=0.1)
    assert end_group(tree.pid, born, grace=20.0)
    monkeypatch.undo()
    assert tree.alive() == []
