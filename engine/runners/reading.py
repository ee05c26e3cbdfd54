"""From a trace of system calls to looks at input trees.

What a program wrote itself is no input any more, whatever is read there later. Who asks for a file's status learns its
size and its times: it counts with its content, for what was made of it may lie in a cache, from which it is taken as
long as the times are the same. Where a way into the inputs cannot be followed, or somebody else may read for the run,
it is `Blind`: that too much counts is better than that too little does.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.artifacts.looks import Depth, Looks, Sight
from engine.artifacts.store import Store
from engine.artifacts.tree import decode_name
from engine.runners._strace import FORKS, Call, Gone, Place, calls, outside_of, parents

_HARMLESS = ("nscd", "systemd", "dbus", "avahi", "sssd", "samba", "gnupg", "ssh-", "/dev/log")
_MOST_LINKS = 40  # as in the kernel
_EXECUTED = re.compile(rb' execve\("([^"\\]+)"')
_SHEBANG = 256
_TAIL = 1 << 20
_TRIES, _PAUSE = 500, 0.01  # seconds
_SAME = re.compile(r"//+|/\./")
_THROUGH = re.compile(r"/proc/[^/]+/(?:task/\d+/)?(?:cwd|root|fd/\d+)/.|/dev/fd/\d+/.")
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_HERE = re.compile(r'"(?:127\.|0\.0\.0\.0"|::1"|::"|::ffff:127\.)')
_NAME_SERVICE = 53
_BLINDING = {
    "io_uring_setup": "io_uring, which cannot be followed",
    "open_by_handle_at": "files opened by handle",
    "ptrace": "it traces programs itself",
    "chroot": "it changes its root directory",
    "pivot_root": "it changes its root directory",
    "mount": "it mounts file systems",
    "move_mount": "it mounts file systems",
}


class Blind(Exception):
    """What a run read cannot be told; the message says why. `hopeless`: another try would be in vain."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.hopeless = hopeless


class Reading:
    """Takes in the traces of one run, in their order. `folders`: input artifact -> its folder and its tree."""

    def __init__(
        self, store: Store, workspace: Path, folders: Mapping[str, tuple[Path, str]], ports: Iterable[int] = ()
    ) -> None:
        """`ports` are those of this machine at which nobody listens who reads files for a build."""
        self._real = os.path.realpath(workspace)
        self._given = os.path.abspath(workspace)  # noqa: PTH100 - no Path: it is compared with what programs wrote
        self._sights = {name: Sight(store, tree) for name, (_, tree) in folders.items()}
        self._roots = {os.path.realpath(folder): name for name, (folder, _) in folders.items()}
        self._outside = outside_of((self._real, self._given))
        self._own: set[str] = set()
        self._links: dict[str, str | None] = {}
        self._sockets: set[str] = set()
        self._ports = {0, _NAME_SERVICE, *ports}
        self._called: set[int] = set()

    def looks(self) -> Looks:
        """All that was looked at. Raises `Blind` where it talked to somebody on this machine who is none of the run."""
        if foreign := self._called - self._ports:
            raise Blind(f"it works through port {min(foreign)} of this machine")
        return {name: sight.looks() for name, sight in self._sights.items()}

    def take(self, trace: Path, directory: str) -> None:
        """One traced command that was started in `directory`. Raises `Blind`, `OSError`."""
        settle(trace)
        with trace.open(encoding="ascii", errors="surrogateescape") as file:
            family = parents(file)
        with trace.open(encoding="ascii", errors="surrogateescape") as file:
            _Command(self, family, os.path.realpath(directory)).run(calls(file, self._outside))

    # -- what is looked at ---------------------------------------------------------------------------------------

    def look(self, base: str, path: str, depth: Depth, *, follow: bool = True) -> None:
        """A look at a path as a program wrote it; at the links on the way, too."""
        if (place := self.resolve(base, path, follow=follow)) is not None:
            self.look_at(place, depth)

    def look_at(self, place: str, depth: Depth) -> None:
        """A look at a path without links on the way."""
        name, path = self._input(place)
        if name and not self._is_own(place):
            self._sights[name].look(path, depth)

    def wrote(self, place: str) -> None:
        """The run made, replaced or removed it: what is there from now on is its own."""
        self._own.add(place)
        self._links[place] = None

    def linked(self, place: str | None, outside: str, target: str) -> None:
        """The run made, or wanted to make, a link. Raises `Blind`: one that leads in from outside is not followed."""
        if place is not None:
            self._links[place] = target
        elif self._within(os.path.join(os.path.dirname(outside), target))[0] is not None:  # noqa: PTH118, PTH120
            raise Blind(f"it reaches its input through a link at {outside}")

    def moved(self, before: str, after: str) -> None:
        """A link goes on under another name, and so do those in a folder."""
        target = self._target(before)
        inside = {place: to for place, to in self._links.items() if place.startswith(f"{before}/")}
        self.wrote(before)
        self.wrote(after)
        self._links[after] = target
        self._links |= {after + place[len(before) :]: to for place, to in inside.items()}

    def came_in(self, place: str, path: str) -> None:
        """Something was reached by a path that does not lead there. Raises `Blind`: what else was is not known."""
        if self._input(place)[0] and not self._is_own(place) and not path.startswith(("/proc/", "/dev/")):
            raise Blind(f"it reaches its input through a link at {path}")

    def resolve(self, base: str, path: str, *, follow: bool = True) -> str | None:
        """Where a path leads; None where that is outside of the workspace. Raises `Blind`."""
        if _THROUGH.match(path):
            raise Blind(f"it reaches files through {path}")
        if path.startswith("/"):
            start, rest = self._within(path)
        elif _is_below(base, self._real):
            start, rest = base, path
        else:
            start, rest = self._within(f"{base}/{path}") if ".." in path else (None, "")
        if start is None:
            return None
        at, todo, links = start, rest.split("/")[::-1], 0
        while todo:
            name = todo.pop()
            if name in ("", "."):
                continue
            if name == "..":
                at = at.rpartition("/")[0]
                continue
            at = f"{at}/{name}"
            if not todo and not follow:
                break
            target = self._target(at)
            if target is None or (links := links + 1) > _MOST_LINKS:
                continue
            todo += target.split("/")[::-1]
            at = "" if target.startswith("/") else at.rpartition("/")[0]
        return at

    def _within(self, path: str) -> tuple[str | None, str]:
        path = _SAME.sub("/", _SAME.sub("/", path))
        for way in (path, os.path.normpath(path)) if "/../" in path else (path,):
            for root in (self._real, self._given):
                if _is_below(way, root):
                    return self._real, way[len(root) :]
        return None, ""

    def _target(self, place: str) -> str | None:
        """Where a link leads: one of the inputs counts as looked at."""
        name, path = self._input(place)
        if name and not self._is_own(place):
            node = self._sights[name].node(path)
            if node is not None:
                if node.kind != "link":
                    return None
                self._sights[name].look(path, "k")
                return decode_name(node.target)
        if place not in self._links:  # made by the run, or brought by a cache: it is still there
            try:
                self._links[place] = os.readlink(place)  # noqa: PTH115 - hot
            except (OSError, ValueError):
                self._links[place] = None
        return self._links[place]

    def _input(self, place: str) -> tuple[str, str]:
        for root, name in self._roots.items():
            if place == root:
                return name, ""
            if place.startswith(root) and place[len(root)] == "/":
                return name, place[len(root) + 1 :]
        return "", ""

    def _is_own(self, place: str) -> bool:
        while place:
            if place in self._own:
                return True
            place = place.rpartition("/")[0]
        return False

    def bound(self, address: str) -> None:
        """The run has a socket of that path or name."""
        self._sockets.add(address)

    def connected(self, address: str) -> None:
        """The run talks to somebody else's socket. Raises `Blind`: files may be read for it that nobody sees."""
        if address not in self._sockets and not any(word in address for word in _HARMLESS):
            raise Blind(f"it works through {address}")

    def at_port(self, port: int) -> None:
        """The run has that port of this machine."""
        self._ports.add(port)

    def called(self, port: int) -> None:
        """The run talks to somebody on this machine: perhaps to itself, and before it listens."""
        self._called.add(port)


class _Command:
    """One trace. Keeps each process's working directory."""

    def __init__(self, reading: Reading, family: dict[int, list[tuple[int, bool]]], directory: str) -> None:
        self._reading = reading
        self._family = family
        self._first = directory
        self._main = 0
        self._ended = False
        self._directories: dict[int, list[str]] = {}  # threads share one
        self._early: set[int] = set()  # processes that were heard of before their birth was

    def run(self, trace: Iterable[Call | Gone]) -> None:
        """Raises `Blind`."""
        for item in trace:
            if isinstance(item, Gone):
                self._ended = self._ended or item.process == self._main
                self._directories.pop(item.process, None)
                continue
            if item.process not in self._directories:
                self._born(item.process)
                self._early.add(item.process)
            if item.name in _BLINDING and (item.worked or item.name in ("ptrace", "io_uring_setup")):
                raise Blind(_BLINDING[item.name], hopeless=item.name == "ptrace")
            _HANDLERS.get(item.name, _Command.touches)(self, item)
        if not self._ended:
            raise Blind("the trace is not whole")

    def _born(self, process: int) -> None:
        if not self._main:
            self._main = process
            self._directories[process] = [self._first]
            return
        known = self._family.get(process)
        parent, shares = known.pop(0) if known else (0, False)
        at = self._directories.get(parent)
        self._directories[process] = at if at is not None and shares else list(at or [""])

    def _base(self, call: Call, place: Place) -> str:
        if place.base or place.path.startswith("/"):
            return place.base
        at = self._directories[call.process][0]
        if not at:
            raise Blind("a process came from outside")
        return at

    def _look(self, call: Call, place: Place, depth: Depth, *, follow: bool = True) -> None:
        self._reading.look(self._base(call, place), place.path, depth, follow=follow)

    def _writes(self, call: Call, place: Place) -> None:
        """Whether something was there before is looked at; what was in it is not."""
        at = self._reading.resolve(self._base(call, place), place.path, follow=False)
        if at is not None:
            self._reading.look_at(at, "k")
            if call.worked:
                self._reading.wrote(at)

    def forks(self, call: Call) -> None:
        """clone, fork, vfork: a child begins in the directory of its parent."""
        if call.result in self._early:
            self._early.discard(call.result)
        elif call.result > 0:
            self._born(call.result)

    def opens(self, call: Call) -> None:
        """open, openat, openat2, creat."""
        for place in call.places[:1]:
            writes = call.name == "creat" or "O_WRONLY" in call.text or "O_RDWR" in call.text
            anew = call.name == "creat" or "O_TRUNC" in call.text or "O_EXCL" in call.text
            follow = "O_NOFOLLOW" not in call.text
            self._look(call, place, "k" if writes and anew else "c", follow=follow)
            if call.worked and call.opened:
                found = self._reading.resolve("", call.opened)
                if found is not None:
                    if self._reading.resolve(self._base(call, place), place.path) is None:
                        self._reading.came_in(found, place.path)
                    self._reading.look_at(found, "k" if writes and anew else "c")
                    if writes:
                        self._reading.wrote(found)

    def looks(self, call: Call) -> None:
        """stat, access and readlink in all their forms."""
        depth: Depth = "c" if call.worked and "stat" in call.name else "k"
        follow = not (call.name in ("lstat", "lstat64", "readlink", "readlinkat") or "AT_SYMLINK_NOFOLLOW" in call.text)
        for place in call.places[:1]:
            if place.path:
                self._look(call, place, depth, follow=follow)

    def touches(self, call: Call) -> None:
        """chmod, utimensat, getxattr and all others that take a path: they fail where nothing is."""
        for place in call.places:
            if place.path:
                self._look(call, place, "k")

    def passes(self, call: Call) -> None:
        """getcwd."""

    def lists(self, call: Call) -> None:
        """getdents."""
        if call.handle and (found := self._reading.resolve("", call.handle)) is not None:
            self._reading.look_at(found, "n")

    def runs(self, call: Call) -> None:
        """execve, execveat."""
        for place in call.places[:1]:
            program = place.path or call.handle
            self._look(call, Place(place.base, program), "c" if call.worked else "k")
            found = self._reading.resolve(self._base(call, place), program) if call.worked else None
            if found is not None and (interpreter := _interpreter(found)):
                self._look(call, Place("", interpreter), "c")

    def renames(self, call: Call) -> None:
        """What is renamed flows on under another name, unread: all of it counts."""
        places = call.places
        if len(places) != 2:
            return
        for place in places if "RENAME_EXCHANGE" in call.text else places[:1]:
            self._look(call, place, "a" if call.worked else "k", follow=False)
        before, after = (self._reading.resolve(self._base(call, place), place.path, follow=False) for place in places)
        if call.worked and before is not None and after is not None and "RENAME_EXCHANGE" not in call.text:
            self._reading.look_at(after, "k")
            self._reading.moved(before, after)
            return
        for place in places:
            self._writes(call, place)

    def links(self, call: Call) -> None:
        """link, linkat: the content goes on under a second name."""
        places = call.places
        if len(places) == 2:
            self._look(call, places[0], "c", follow="AT_SYMLINK_FOLLOW" in call.text)
            self._writes(call, places[1])

    def makes(self, call: Call) -> None:
        """mkdir, mknod, unlink, rmdir."""
        for place in call.places[-1:]:
            self._writes(call, place)

    def points(self, call: Call) -> None:
        """symlink, symlinkat: the first path is where it leads."""
        if len(call.places) != 2:
            return
        target, place = call.places
        self._writes(call, place)
        base = self._base(call, place)
        at = self._reading.resolve(base, place.path, follow=False)
        if call.worked or at is None:
            self._reading.linked(at, place.path if place.path.startswith("/") else f"{base}/{place.path}", target.path)

    def truncates(self, call: Call) -> None:
        """truncate: a part of the content may stay."""
        for place in call.places[:1]:
            self._look(call, place, "c")

    def goes(self, call: Call) -> None:
        """chdir."""
        for place in call.places[:1]:
            base = self._base(call, place)
            self._look(call, place, "k")
            if call.worked:
                found = self._reading.resolve(base, place.path)
                outside = place.path if place.path.startswith("/") else f"{base}/{place.path}"
                if found is None:
                    found = os.path.realpath(outside)
                    if (inside := self._reading.resolve("", found)) is not None:
                        self._reading.came_in(inside, outside)
                self._directories[call.process][0] = found

    def goes_to(self, call: Call) -> None:
        """fchdir."""
        if call.worked and call.handle:
            self._directories[call.process][0] = call.handle

    def binds(self, call: Call) -> None:
        """bind, getsockname: of a port that nobody chose it is the latter that tells."""
        if "AF_UNIX" in call.text:
            for place in call.places:
                self._reading.bound(place.path)
        elif found := _PORT.search(call.text):
            self._reading.at_port(int(found[1]))

    def connects(self, call: Call) -> None:
        """connect. Raises `Blind` where nobody of the run listens."""
        if not (call.worked or call.error in ("EINPROGRESS", "EINTR")):
            return
        if "AF_UNIX" in call.text:
            for place in call.places:
                self._reading.connected(place.path)
        elif (found := _PORT.search(call.text)) and _HERE.search(call.text):
            self._reading.called(int(found[1]))


_HANDLERS = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), _Command.opens),
    **dict.fromkeys(("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"), _Command.looks),
    **dict.fromkeys(("stat64", "lstat64", "fstatat64", "oldstat", "oldlstat"), _Command.looks),
    **dict.fromkeys(("readlink", "readlinkat"), _Command.looks),
    **dict.fromkeys(("getdents", "getdents64"), _Command.lists),
    **dict.fromkeys(("execve", "execveat"), _Command.runs),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _Command.renames),
    **dict.fromkeys(("link", "linkat"), _Command.links),
    **dict.fromkeys(("mkdir", "mkdirat", "mknod", "mknodat"), _Command.makes),
    **dict.fromkeys(("symlink", "symlinkat"), _Command.points),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), _Command.makes),
    **dict.fromkeys(FORKS, _Command.forks),
    **dict.fromkeys(("truncate", "truncate64"), _Command.truncates),
    "getcwd": _Command.passes,
    "chdir": _Command.goes,
    "fchdir": _Command.goes_to,
    **dict.fromkeys(("bind", "getsockname"), _Command.binds),
    "connect": _Command.connects,
}


def why_traced_in_vain(trace: Path) -> str:
    """What in a trace cannot go well while it is traced; "" for nothing. Raises `OSError`."""
    with trace.open("rb") as file:
        for line in file:
            if b" ptrace(" in line:
                return _BLINDING["ptrace"]
            if os.getuid() and (found := _EXECUTED.search(line)) and _changes_user(found[1]):
                return f"it runs {os.fsdecode(found[1])}, which may not change the user while it is watched"
    return ""


def _changes_user(program: bytes) -> bool:
    try:
        return bool(os.stat(program).st_mode & (stat.S_ISUID | stat.S_ISGID))  # noqa: PTH116 - bytes
    except (OSError, ValueError):
        return False


def settle(trace: Path) -> None:
    """Wait until a trace is whole: the end of a command is known a moment before strace writes of it."""
    with trace.open("rb") as file:
        last = re.compile(rb"^" + re.escape(file.readline().partition(b" ")[0]) + rb" +\+\+\+ ", re.MULTILINE)
        for _ in range(_TRIES):
            file.seek(max(0, trace.stat().st_size - _TAIL))
            if last.search(file.read()):
                return
            time.sleep(_PAUSE)


def _interpreter(program: str) -> str:
    """The program that the kernel itself opens for a script."""
    try:
        with open(program, "rb") as file:  # noqa: PTH123 - a bare path from a trace
            head = file.read(_SHEBANG)
    except (OSError, ValueError):
        return ""
    words = head.partition(b"\n")[0][2:].split() if head.startswith(b"#!") else []
    return decode_name(words[0]) if words else ""


def _is_below(path: str, folder: str) -> bool:
    return path == folder or (path.startswith(folder) and path[len(folder) : len(folder) + 1] == "/")
