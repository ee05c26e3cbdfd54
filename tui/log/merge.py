"""Several logs as one, by time: written to a file of its own, which then is a log like any other.

A line has the time it carries, else that at which it arrived where somebody noted that, else that of the line before
it. What has come once keeps its place: a line that turns up late in a live log is not put in between.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.log.file import LogFile
from tui.log.stamps import stamps

CHUNK = 256 << 10
"""Bytes of one log that are read at a time."""
MOST = 1 << 30
"""Bytes that are merged at most; of larger logs the last part is."""
_PENS = (6, 3, 5, 2, 4, 1)
_overwritten = re.compile(rb"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)

Arrivals = Callable[[int, int], Sequence[tuple[int, float]]]
"""Gives the noted arrivals between two positions of a log: up to where it had grown, and when."""


def letter(number: int) -> str:
    """What the lines of one log begin with: A, B, … Z, A2, …"""
    name = chr(ord("A") + number % 26)
    return name if number < 26 else f"{name}{number // 26 + 1}"


def pen(number: int) -> int:
    """The palette colour of that."""
    return _PENS[number % len(_PENS)]


def colour(name: str) -> int:
    """The same by the letter."""
    return pen(ord(name[0]) - ord("A"))


@dataclass(slots=True)
class Strand:
    """One of the logs. `ended`: nothing more is written to it. `title` is a line in front of its first."""

    path: Path
    ended: bool = False
    arrivals: Arrivals | None = None
    title: str = ""
    prefix: bytes = b""
    file: LogFile | None = None
    at: int = 0
    time: float = 0.0
    pieces: deque[tuple[float, bytes]] = field(default_factory=deque)

    def fill(self) -> None:
        """Reads on where nothing is at hand."""
        if self.pieces:
            return
        if self.file is None:
            self.file = LogFile.open(self.path)
        if self.file is None:
            return
        data = self.file.read(self.at, CHUNK)
        whole = data.rfind(b"\n") + 1
        if not whole and (len(data) == CHUNK or self.ended):
            whole = len(data)  # a line longer than that goes on in the next piece
        if whole:
            self._cut(data[:whole])
            self.at += whole

    def _cut(self, data: bytes) -> None:
        """Pieces of whole lines that have one time."""
        times = dict(stamps(data))
        for position, time in self.arrivals(self.at, self.at + len(data)) if self.arrivals else ():
            start = data.rfind(b"\n", 0, max(0, position - self.at)) + 1
            times.setdefault(start, time)
        start, now = 0, self.time
        for position, time in sorted(times.items()):
            if time <= now:
                continue  # time does not run backwards
            if position > start:
                self.pieces.append((now, data[start:position]))
            start, now = position, time
        self.pieces.append((now, data[start:]))
        self.time = now


class Merge:
    """Writes the lines of several logs to `target`, each led by its log's letter. A `Reader`."""

    def __init__(self, strands: Sequence[Strand], target: Path) -> None:
        self.complete = False
        self.target = target
        self._strands = list(strands)
        self._out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        for number, strand in enumerate(self._strands):
            strand.prefix = b"\x1b[3%dm%s\xe2\x94\x82\x1b[0m " % (pen(number), letter(number).encode())
            self._skip(strand, MOST // max(1, len(strands)))

    def _skip(self, strand: Strand, most: int) -> None:
        strand.file = LogFile.open(strand.path)
        size = strand.file.size() if strand.file else 0
        if strand.file is not None and size > most:
            head = strand.file.read(size - most, CHUNK)
            strand.at = size - most + head.find(b"\n") + 1
            self._head(strand)
            self._write(strand.prefix + b"\xe2\x80\xa6 earlier lines of this log are left out\n")

    def advance(self) -> bool:
        """Writes the next piece; False when nothing more is there."""
        ready: list[tuple[float, int]] = []
        for number, strand in enumerate(self._strands):
            strand.fill()
            if strand.pieces:
                ready.append((strand.pieces[0][0], number))
        if not ready:
            self.complete = True
            return False
        ready.sort()
        number = ready[0][1]
        until = ready[1] if len(ready) > 1 else (float("inf"), 0)
        first, out = self._strands[number], []
        self._head(first)
        while first.pieces and (first.pieces[0][0], number) < until:
            out.append(first.pieces.popleft()[1])
        self._write(_led(b"".join(out), first.prefix))
        return True

    def _head(self, strand: Strand) -> None:
        if strand.title:
            self._write(_led(strand.title.encode("utf-8", "replace") + b"\n", strand.prefix))
            strand.title = ""

    def resume(self) -> bool:
        """Whether there is more since it was complete; it is not complete then."""
        self.complete = self.complete and not any(_grew(strand) for strand in self._strands)
        return not self.complete

    def ended(self, number: int) -> None:
        """Nothing more is written to one of the logs."""
        self._strands[number].ended = True

    def close(self) -> None:
        """Ends it, and takes the file away."""
        for strand in self._strands:
            if strand.file is not None:
                strand.file.close()
        os.close(self._out)
        self.target.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._out, view) :]


def _grew(strand: Strand) -> bool:
    file = strand.file or LogFile.open(strand.path)
    strand.file = file
    if file is None:
        return False
    data = file.read(strand.at, CHUNK)
    return bool(data) and (strand.ended or b"\n" in data or len(data) == CHUNK)


def _led(data: bytes, prefix: bytes) -> bytes:
    """Each line with its prefix, which a progress bar must not overwrite."""
    if b"\r" in data:
        data = _overwritten.sub(b"", data)
    body = data[:-1] if data.endswith(b"\n") else data
    return prefix + body.replace(b"\n", b"\n" + prefix) + b"\n"
