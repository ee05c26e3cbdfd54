"""What strace writes, line by line, as system calls.

https://man7.org/linux/man-pages/man1/strace.1.html. Calls that another process interrupts come in two pieces
(``<unfinished ...>``, ``<... open resumed>``) and are put together. What does not look like a call is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.artifacts.tree import decode_name

SYSCALLS = (
    "%file,getdents,getdents64,fchdir,clone,clone3,fork,vfork,bind,connect,getsockname,io_uring_setup,"
    "open_by_handle_at,ptrace"
)
"""All that take a path, those that tell what else is read, and those after which nobody can tell any more."""

_LINE = re.compile(r"(\d+) +(.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\(")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>")
_UNFINISHED = " <unfinished ...>"
_RESULT = re.compile(
    r".*(\)) +=\s(-?\d+|\?|0x[0-9a-f]+)(?:<((?:[^>\\]|\\.)*)>(\(deleted\))?)?(?: ([A-Z][A-Z0-9_]*))?(?: \(.*\))?$"
)
_PLACE = re.compile(r'(?:(?:AT_FDCWD|-?\d+)(?:<((?:[^>\\]|\\.)*)>(?:\(deleted\))?)?, )?"((?:[^"\\]|\\.)*)"')
_HANDLE = re.compile(r"(?:AT_FDCWD|-?\d+)<((?:[^>\\]|\\.)*)>(\(deleted\))?")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-f]{2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f", b"a": b"\a", b"b": b"\b", b"e": b"\x1b"}
_PLAIN = re.compile(r"[\w./@+,:=-]+", re.ASCII)
FORKS = ("clone", "clone3", "fork", "vfork")


class Place(NamedTuple):
    """A path as a program wrote it, and the directory it starts in ("" where strace does not know)."""

    base: str
    path: str


@dataclass(frozen=True, slots=True)
class Call:
    """One finished call. `result` is -1 for an error, and for one that never returned.

    `opened` is the path behind the handle that it returned, `error` the error's name.
    """

    process: int
    name: str
    text: str
    result: int
    opened: str = ""
    error: str = ""

    @property
    def worked(self) -> bool:
        """Whether it did what was asked."""
        return self.result >= 0

    @property
    def places(self) -> list[Place]:
        """The paths among its arguments, in order."""
        return [Place(unescaped(base or ""), unescaped(path)) for base, path in _PLACE.findall(self.text)]

    @property
    def handle(self) -> str:
        """The path behind the handle that is its first argument; "" where there is none, or it was deleted."""
        found = _HANDLE.match(self.text)
        return "" if found is None or found[2] else unescaped(found[1])


@dataclass(frozen=True, slots=True)
class Gone:
    """A process is no more."""

    process: int


def outside_of(folders: Iterable[str]) -> re.Pattern[str] | None:
    """Matches lines that tell of a path outside of these folders and of nothing else: most of any trace.

    A path that is written in a roundabout way may still lead into them, and so may those of /proc. None where a
    folder's name is one that strace would escape.
    """
    names = [folder.lstrip("/") for folder in folders]
    if not all(_PLAIN.fullmatch(name) for name in names):
        return None
    inside = "|".join(map(re.escape, names))
    return re.compile(
        r"\d+ +(?:(?:openat|newfstatat|faccessat2?|statx|readlinkat)\(AT_FDCWD(?:<[^<>]*>)?, "
        r"|(?:open|stat|lstat|access|readlink)\()"
        rf'"/(?!(?:{inside})[/"]|proc/|dev/fd/|\.{{0,2}}/|[^"]*/\.{{0,2}}/)[^"\\<]*"[^<]*(?:<(?!/(?:{inside})[/>]|unfinished)[^<>]*>)?\n?\Z'
    )


def calls(lines: Iterable[str], skip: re.Pattern[str] | None = None) -> Iterator[Call | Gone]:
    """The calls of a trace in the order in which they returned, without the lines that `skip` matches."""
    begun: dict[int, str] = {}
    for line in lines:
        if skip is not None and skip.match(line):
            continue
        found = _LINE.match(line)
        if found is None:
            continue
        process, text = int(found[1]), found[2].rstrip("\n")
        if text.startswith("+++ "):
            begun.pop(process, None)
            if not text.startswith("+++ superseded"):
                yield Gone(process)
            continue
        if text.endswith(_UNFINISHED):
            begun[process] = text.removesuffix(_UNFINISHED)
            continue
        if resumed := _RESUMED.match(text):
            text = begun.pop(process, f"{resumed[1]}(") + text[resumed.end() :]
        if (call := _call(process, text)) is not None:
            yield call


def parents(lines: Iterable[str]) -> dict[int, list[tuple[int, bool]]]:
    """Who started each process: (its parent, whether they share a working directory), in the order of the starts.

    A child's first calls may stand before the line that tells of its birth, so this is looked up beforehand.
    """
    found: dict[int, list[tuple[int, bool]]] = {}
    for call in calls(line for line in lines if "clone" in line or "fork" in line):
        if isinstance(call, Call) and call.name in FORKS and call.result > 0:
            found.setdefault(call.result, []).append((call.process, "CLONE_FS" in call.text))
    return found


def unescaped(text: str) -> str:
    """A string as the file system has it: strace writes every odd byte as an octal number."""
    if "\\" not in text:
        return text
    return decode_name(_ESCAPE.sub(_byte, text.encode("latin-1", "replace")))


def _byte(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    if match[2]:
        return bytes([int(match[2], 16)])
    return _LETTERS.get(match[3], match[3])


def _call(process: int, text: str) -> Call | None:
    name = _CALL.match(text)
    if name is None:
        return None
    end = _RESULT.match(text)
    if end is None:
        return None
    value = end[2]
    result = -1 if value == "?" else int(value, 16) if value.startswith("0x") else int(value)
    opened = "" if end[3] is None or end[4] else unescaped(end[3])
    return Call(process, name[1], text[name.end() : end.start(1)], result, opened, end[5] or "")
