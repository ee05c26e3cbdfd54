"""strace's lines as system calls, whatever the paths in them are called."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts.tree import decode_name
from engine.runners._strace import Call, Gone, Place, calls, outside_of, parents, unescaped

NAMES = st.one_of(
    st.binary(min_size=1, max_size=12).filter(lambda raw: not set(raw) & {0, ord("/")}),
    st.sampled_from(
        [b") = 3", b'", O_RDONLY) = 4', b" <unfinished ...>", b"<... open resumed>", b"+++ exited", b"\\", b"\n7 "]
    ),
).filter(lambda raw: raw not in (b".", b".."))


def escaped(raw: bytes, also: str = "") -> str:
    """As strace writes it."""
    short = {10: "\\n", 9: "\\t", 13: "\\r", 11: "\\v", 12: "\\f", 34: '\\"', 92: "\\\\"}
    return "".join(
        short.get(byte) or (f"\\{byte:03o}" if not 32 <= byte < 127 or chr(byte) in also else chr(byte)) for byte in raw
    )


@given(NAMES, NAMES, st.booleans())
def test_paths_come_back_as_they_were(folder: bytes, name: bytes, split: bool) -> None:
    at, base = escaped(b"/w/" + folder + b"/" + name, "<>"), escaped(b"/w/" + folder, "<>")
    head, tail = f'openat(AT_FDCWD<{base}>, "{escaped(name)}", O_RDONLY', f") = 3<{at}>"
    lines = (
        [f"12 {head} <unfinished ...>\n", "13 +++ exited with 0 +++\n", f"12 <... openat resumed>{tail}\n"]
        if split
        else [f"12 {head}{tail}\n", "13 +++ exited with 0 +++\n"]
    )
    found = list(calls(lines))
    assert Gone(13) in found
    call = next(item for item in found if isinstance(item, Call))
    assert (call.process, call.name, call.result) == (12, "openat", 3)
    assert call.places == [Place(decode_name(b"/w/" + folder), decode_name(name))]
    assert call.opened == decode_name(b"/w/" + folder + b"/" + name)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_no_line_breaks_the_reader(lines: list[str]) -> None:
    for item in calls([f"7 {line}\n" for line in lines]):
        if isinstance(item, Call):
            assert (item.process, item.places, item.handle) == (7, item.places, item.handle)
    assert parents(lines) == {}


def test_lines_of_elsewhere_are_skipped_and_no_others() -> None:
    skip = outside_of(("/home/me/w", "/data/w"))
    assert skip is not None
    skipped = """\
7 openat(AT_FDCWD</home/me/w/src>, "/usr/lib/x.so", O_RDONLY|O_CLOEXEC) = 3</usr/lib/x.so>
7 newfstatat(AT_FDCWD</home/me/w>, "/home/me/other", 0x7f, 0) = -1 ENOENT (No such file or directory)
7 access("/etc/ld.so.preload", R_OK)      = -1 ENOENT (No such file or directory)
7 statx(AT_FDCWD</x>, "/home/me/wider", 0, STATX_ALL, {stx_mode=S_IFREG|0644, stx_size=1, ...}) = 0
"""
    kept = """\
7 openat(AT_FDCWD</x>, "/tmp/link", O_RDONLY) = 3</home/me/w/src/a>
7 openat(AT_FDCWD</x>, "/usr/lib/x.so", O_RDONLY <unfinished ...>
7 openat(AT_FDCWD</home/me/w>, "usr", O_RDONLY) = -1 ENOENT (No such file or directory)
7 access("/home/me/w/a", R_OK)            = 0
7 access("/data/w", R_OK)            = 0
7 access("w/a", R_OK)            = 0
7 openat(5</home/me/w>, "/usr/x", O_RDONLY) = 4</usr/x>
7 execve("/usr/bin/make", [""...], 0x7 /* 1 var */) = 0
7 chdir("/usr") = 0
7 +++ exited with 0 +++
"""
    assert all(skip.match(line) for line in skipped.splitlines(keepends=True))
    assert not any(skip.match(line) for line in kept.splitlines(keepends=True))
    assert len(list(calls(skipped.splitlines(), skip))) == 0
    assert outside_of(("/home/me/ö",)) is None


def test_errors_odd_results_and_several_paths() -> None:
    trace = """\
9  access("/etc/ld.so.preload", R_OK)          = -1 ENOENT (No such file or directory)
9  read(3,  <unfinished ...>
9  <... read resumed>) = ?
10 renameat2(AT_FDCWD</w>, "a", 5</w/out>(deleted), "b", RENAME_NOREPLACE) = 0
9  getdents64(3</w/src>, 0x55 /* 7 entries */, 32768) = 200
9  getdents64(4</w/gone>(deleted), 0x55 /* 0 entries */, 32768) = 0
9  openat(AT_FDCWD</w>, "t", O_RDWR|O_CREAT, 0600) = 4</w/t>(deleted)
9  clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 11
9  vfork( <unfinished ...>
12 +++ superseded by execve in pid 9 +++
9  <... vfork resumed>)              = 13
9  clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES, exit_signal=0}, 88) = 14
9  +++ killed by SIGKILL +++
"""
    found = list(calls(trace.splitlines(keepends=True)))
    assert [item.name for item in found if isinstance(item, Call)] == [
        "access", "read", "renameat2", "getdents64", "getdents64", "openat", "clone", "vfork", "clone3",
    ]  # fmt: skip
    missing, unknown, renamed, listed, gone, deleted, *_ = (item for item in found if isinstance(item, Call))
    assert not missing.worked
    assert not unknown.worked
    assert renamed.places == [Place("/w", "a"), Place("/w/out", "b")]
    assert (listed.handle, gone.handle) == ("/w/src", "")
    assert (deleted.worked, deleted.opened) == (True, "")
    assert found[-1] == Gone(9)
    assert parents(trace.splitlines()) == {11: [(9, False)], 13: [(9, False)], 14: [(9, True)]}
    assert unescaped(r"\303\251\x41\e") == "éA\x1b"
