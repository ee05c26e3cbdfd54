"""What real programs are seen to look at in their inputs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.artifacts.looks import Looks
from engine.artifacts.store import Store
from engine.runners import reading, tracing
from engine.runners.reading import Blind, Reading, why_traced_in_vain
from engine.runners.tracing import Tracer, obstacle

traced = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "traces")


class Room:
    """A workspace with a source and a second input, both in a store."""

    def __init__(self, top: Path) -> None:
        self.store = Store(top / "store")
        self.workspace = top / "work"
        self.source, self.second = self.workspace / "build" / "src", self.workspace / "inputs" / "Lib"
        for folder in (self.source / "lib", self.source / "docs", self.second):
            folder.mkdir(parents=True)
        for path in ("a", "b", "README", "lib/one.py", "lib/two.py", "docs/page"):
            (self.source / path).write_text(f"{path}\n")
        (self.source / "empty").touch()
        (self.second / "x").write_text("x\n")
        (self.source / "alias").symlink_to("lib")
        (self.source / "other").symlink_to("../../inputs/Lib/x")
        script = self.source / "tool"
        script.write_text(f"#!{self.source}/interpreter\n")
        script.chmod(0o755)
        shutil.copy("/bin/cat", self.source / "interpreter")
        self.folders = {
            "Source": (self.source, self.store.put_directory(self.source)),
            "Lib": (self.second, self.store.put_directory(self.second)),
        }
        self.tracer = Tracer(top / "traces")

    def run(self, *commands: str) -> dict[str, str]:
        """Run commands as a build does; what they looked at in the source."""
        return dict(self.looks(*commands)["Source"])

    def looks(self, *commands: str, ports: tuple[int, ...] = ()) -> Looks:
        reading, thorough = (Reading(self.store, self.workspace, self.folders, ports) for _ in range(2))
        thorough._outside = None
        for command in commands:
            environment = {**os.environ, "SRC": str(self.source), "LIB": str(self.second), "PATH": "/usr/bin:/bin"}
            text = f'cd "$SRC"\n{command}'
            argv = self.tracer.wrap(["/bin/sh", "-c", text])
            subprocess.run(
                argv, cwd=self.workspace, env=environment, stdout=subprocess.DEVNULL, check=False, timeout=60
            )
            reading.take(self.tracer.traces[-1], str(self.workspace))
            thorough.take(self.tracer.traces[-1], str(self.workspace))
        assert reading.looks() == thorough.looks()  # the lines that are skipped have nothing to say
        return reading.looks()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.tracer.close()
    room.store.close()
    assert not room.tracer.folder.exists()


@traced
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a", {"": "k", "a": "c"}),
        ("test -f README; test -r b", {"": "k", "README": "c", "b": "k"}),
        ("cat /$SRC/a /usr/../$SRC/b; test -e /$SRC/./new", {"": "k", "a": "c", "b": "c", "new": "k"}),
        ("cd /usr; cat ..$SRC/a; test -e ..$SRC/new", {"": "k", "a": "c", "new": "k"}),
        ("ln -s lib l; mv l m; test -e m/new; rm m", {"": "k", "l": "k", "lib/new": "k", "m": "k"}),
        ("cat 3<a /proc/self/fd/3; cat a; rm a; cat a", {"": "k", "a": "c"}),
        ("test -e missing/below", {"": "k", "missing": "k"}),
        ("cd lib && cat ../a one.py", {"": "k", "a": "c", "lib": "k", "lib/one.py": "c"}),
        ("cat lib/../a", {"": "k", "a": "c"}),
        ('cat "$SRC/a"', {"": "k", "a": "c"}),
        ("ls -U docs", {"": "k", "docs": "kn"}),
        ("cat alias/one.py", {"": "k", "alias": "k", "lib/one.py": "c"}),
        ("(cd docs; cat page) | cat; cat a", {"": "k", "a": "c", "docs": "k", "docs/page": "c"}),
        ("echo new > made; cat made; rm made", {"": "k", "made": "k"}),
        ("echo new > a; cat a", {"": "k", "a": "k"}),
        ("echo more >> a", {"": "k", "a": "c"}),
        ("mkdir -p out/deep; cp b out/deep; cat out/deep/b", {"": "k", "b": "c", "out": "k"}),
        ("mv lib moved; cat moved/one.py", {"": "k", "lib": "a", "moved": "k"}),
        ("ln a second; cat second", {"": "k", "a": "c", "second": "k"}),
        ("ln -s README shown; cat shown", {"": "k", "README": "c", "shown": "k"}),
        ("./tool a", {"": "k", "a": "c", "interpreter": "c", "tool": "c"}),
        ("cat b & wait", {"": "k", "b": "c"}),
    ],
)  # fmt: skip
def test_what_a_command_reads(room: Room, command: str, expected: dict[str, str]) -> None:
    assert room.run(command) == expected


@traced
def test_what_an_earlier_command_made_is_no_input(room: Room) -> None:
    assert room.run("mkdir dist; cp a dist", "cat dist/a; ls -U dist") == {"": "k", "a": "c", "dist": "k"}


@traced
def test_links_lead_from_one_input_to_another(room: Room) -> None:
    looks = room.looks('cat other; cat "$LIB"/y')
    assert looks == {"Source": {"": "k", "other": "k"}, "Lib": {"x": "c", "y": "c"}}


@traced
def test_threads_legacy_calls_and_listings_of_a_program(room: Room) -> None:
    program = (
        "import os, threading\n"
        "def go(): os.chdir('docs'); os.access('page', os.R_OK)\n"
        "one = threading.Thread(target=go); one.start(); one.join()\n"
        "os.readlink('../alias'); os.listdir('../lib'); os.stat('../empty'); os.rename('page', 'leaf'); open('leaf')\n"
    )
    (room.workspace / "program.py").write_text(program)
    found = room.run(f"{sys.executable} -IS ../../program.py")
    assert found == {"": "k", "alias": "k", "docs": "k", "docs/leaf": "k", "docs/page": "a", "empty": "c", "lib": "kn"}


@traced
def test_calls_that_only_fail_where_nothing_is(room: Room) -> None:
    calls = ("os.chmod(p, 0o644)", "os.utime(p)", "os.chown(p, -1, -1)", "os.getxattr(p, 'user.x')", "os.statvfs(p)")
    tries = "".join(f"p = 'no{at}'\ntry: {call}\nexcept OSError: pass\n" for at, call in enumerate(calls))
    (room.workspace / "program.py").write_text(f"import os\n{tries}")
    found = room.run(f"{sys.executable} -IS ../../program.py")
    assert found.keys() >= {f"no{at}" for at in range(len(calls))}


@traced
def test_ways_in_that_are_not_followed(room: Room, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.symlink_to(room.source)
    serve = (
        "import socket, os; s = socket.create_server(('127.0.0.1', 0))\n"
        "c = socket.create_connection(s.getsockname()); print(s.accept()[1])"
    )
    (room.workspace / "own.py").write_text(serve)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as daemon:
        port = server.getsockname()[1]
        daemon.bind(name := f"\0greenroom-test-{os.getpid()}")
        daemon.listen()
        call = f"{sys.executable} -IS -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}))'"
        ask = f"{sys.executable} -IS -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0{name[1:]}\")'"
        for command, reason in {
            f"cat {there}/a": "a link at",
            f"cd {there} && test -e new": "a link at",
            f'ln -s "$SRC" {tmp_path}/made; test -e {tmp_path}/made/new': "a link at",
            f"ln -s work/build/src {tmp_path}/near": "a link at",
            "test -e /proc/self/cwd/new": "through /proc/self/cwd/new",
            call: f"port {port} of this machine",
            ask: "through greenroom-test-",
        }.items():
            with pytest.raises(Blind, match=reason):
                room.run(command)
        assert room.run(f"{sys.executable} -IS ../../own.py") == {"": "k"}
        assert room.looks(call, ports=(port,))["Source"] == {"": "k"}


def test_traces_that_prove_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_TRIES", 1)
    room = Room(tmp_path)
    told = {
        '5 io_uring_setup(8, {flags=0}) = 3<anon_inode:[io_uring]>\n': "io_uring",
        '5 ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)\n': "traces programs",
        '5 chroot("/w") = 0\n': "root directory",
        '5 connect(3<socket:[7]>, {sa_family=AF_INET6, sin6_port=htons(99), inet_pton(AF_INET6, "::1", &x)}, 28) = -1'
        ' EINPROGRESS (Operation now in progress)\n': "port 99 of this machine",
        '5 connect(3<socket:[7]>, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 110) = 0\n': "/run/docker.sock",
        '5 execve("/bin/sh", [""], 0x7 /* 1 var */) = 0\n6 access("relative", R_OK) = 0\n': "from outside",
        '5 execve("/bin/sh", [""], 0x7 /* 1 var */) = 0\n': "not whole",
    }  # fmt: skip
    for text, reason in told.items():
        trace = tmp_path / "trace"
        trace.write_text(text + ("" if "whole" in reason else "5 +++ exited with 0 +++\n"))
        with pytest.raises(Blind, match=reason):
            seen = Reading(room.store, room.workspace, room.folders)
            seen.take(trace, str(room.workspace))
            seen.looks()
    harmless = (
        '5 bind(3<socket:[7]>, {sa_family=AF_UNIX, sun_path="/tmp/own.sock"}, 110) = 0\n'
        '6 connect(3<socket:[8]>, {sa_family=AF_UNIX, sun_path="/tmp/own.sock"}, 110) = 0\n'
        '5 connect(3<socket:[9]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = 0\n'
        '5 connect(3<socket:[9]>, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 110) = -1 ENOENT (No such)\n'
        '5 connect(3<socket:[9]>, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.1.2.3")}, 16) = 0\n'
        '5 connect(3<socket:[9]>, {sa_family=AF_INET, sin_port=htons(99), sin_addr=inet_addr("127.0.0.1")}, 16) = -1'
        " EINPROGRESS (Operation now in progress)\n"
        '5 bind(4<socket:[10]>, {sa_family=AF_INET, sin_port=htons(99), sin_addr=inet_addr("127.0.0.1")}, 16) = 0\n'
        '5 connect(3<socket:[9]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0\n'
        '5 chroot("/w") = -1 EPERM (Operation not permitted)\n5 +++ exited with 0 +++\n'
    )
    trace.write_text(harmless)
    found = Reading(room.store, room.workspace, room.folders)
    found.take(trace, str(room.workspace))
    assert found.looks() == {"Source": {}, "Lib": {}}
    room.store.close()


def test_what_fails_for_being_traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "sudo"
    program.touch()
    trace = tmp_path / "trace"
    trace.write_text(f'5 execve("/bin/sh", [""...], 0x7 /* 1 var */) = 0\n6 execve("{program}", [""...], 0x7) = 0\n')
    for user, mode, reason in ((0, 0o4755, ""), (1000, 0o755, ""), (1000, 0o4755, f"it runs {program}, which may not")):
        program.chmod(mode)
        monkeypatch.setattr(os, "getuid", lambda user=user: user)
        assert why_traced_in_vain(trace).startswith(reason)
        assert bool(why_traced_in_vain(trace)) is bool(reason)
    trace.write_text("5 ptrace(PTRACE_TRACEME) = -1 EPERM (Operation not permitted)\n")
    assert why_traced_in_vain(trace) == "it traces programs itself"


STEPS = st.lists(
    st.sampled_from(
        [
            "cat a", "cat lib/one.py", "ls -U lib", "test -e c", "cat c", "cp a c", "rm -f b", "mv -f b d", "cat d",
            "mkdir -p o", "cp lib/two.py o", "cat o/two.py", "cat alias/two.py", "echo x >> a", "test -s empty",
            "ls -U o", "ln -sf lib l", "cat l/one.py",
            "stat -c %s a b", "ln -s lib t; ls -L t/new; rm t", "cat //$PWD/c 2>/dev/null",
        ]
    ),
    min_size=1, max_size=4,
)  # fmt: skip
EDITS = st.sampled_from(
    ["echo 2 > a", "echo 2 > b", "echo 2 > README", "rm lib/one.py", "echo 2 > lib/two.py", "touch lib/new", "touch c",
     "mkdir o; touch o/two.py", "echo 2 > empty", "rm alias", "echo 2 > d", "rm a; mkdir a; touch a/x"]
)  # fmt: skip


@traced
@settings(max_examples=8, deadline=None)
@given(STEPS, EDITS)
def test_what_was_not_looked_at_changes_nothing(steps: list[str], edit: str) -> None:
    """The promise of it all: where no look sees the edit, the same commands say and make the same."""
    from engine.artifacts.looks import changed_looks

    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        room, other = Room(Path(one)), Room(Path(two))
        subprocess.run(["/bin/sh", "-c", edit], cwd=other.source, check=True)
        before, after = room.folders["Source"][1], room.store.put_directory(other.source)
        text = "; ".join(steps)
        looks = room.run(f"{{ {text}; }} > ../said 2>&1")
        subprocess.run(["/bin/sh", "-c", f"{{ {text}; }} > ../said 2>&1"], cwd=other.source, check=False)
        # every room has its own name in the tool's first line, and the edit itself is no part of the result
        if not list(changed_looks(room.store, looks, before, after)):
            assert (room.source / "../said").read_bytes() == (other.source / "../said").read_bytes()
        room.store.close()
        other.store.close()


def test_what_stands_in_the_way_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forget() -> None:
        tracing.obstacle.cache_clear()
        tracing._tried.cache_clear()

    forget()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert obstacle() == "strace is not installed"
    broken = tmp_path / "strace"
    broken.write_text("#!/bin/sh\necho 'ptrace(PTRACE_TRACEME): Operation not permitted' >&2\nexit 1\n")
    broken.chmod(0o755)
    forget()
    monkeypatch.setattr(shutil, "which", lambda name: str(broken))
    assert obstacle() == "strace cannot trace here: ptrace(PTRACE_TRACEME): Operation not permitted"
    forget()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert obstacle() == "inputs are observed on Linux only"
    forget()
