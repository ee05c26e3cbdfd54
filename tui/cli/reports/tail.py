"""The end of a log file, without reading the rest of it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import BinaryIO

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_BYTE_ESCAPES = re.compile(_ESCAPES.pattern.encode())
_CHATTER = re.compile(
    r"\[Container\] \S+ \S+ (Phase complete|Phase context|Entering phase|Expanding |Assembling file list|"
    r"Set report auto-discover|No matching auto-discover|Report auto-discover)"
)
_BYTES = 64 * 1024


def tail(file: Path, lines: int) -> list[str]:
    """The last telling lines as plain text, CodeBuild's own chatter left out; none where it cannot be read."""
    try:
        with file.open("rb") as stream:
            end = stream.seek(0, 2)
            start = max(0, end - _BYTES)
            stream.seek(start)
            found = stream.read(_BYTES).split(b"\n")
    except OSError:
        return []
    if start:
        del found[0]  # it begins in the middle of a line
    if found and not found[-1]:
        found.pop()
    shown = (plain(line.decode(errors="replace")) for line in reversed(found))
    telling = itertools.islice((line for line in shown if not _CHATTER.match(line)), lines)
    return list(telling)[::-1]


def plain(text: str) -> str:
    """Text without escape sequences, and only what followed the last carriage return, as a terminal shows it."""
    shown = text.rstrip("\r").rsplit("\r", 1)[-1]
    return "".join(c for c in _ESCAPES.sub("", shown) if c == "\t" or c.isprintable())


def without_escapes(text: bytes) -> bytes:
    """Log bytes as a file or a pipe wants them: no colours, no cursor movements."""
    return _BYTE_ESCAPES.sub(b"", text)


def last_bytes(stream: BinaryIO, lines: int) -> int:
    """The offset where the last lines begin; the file is read backwards, a block at a time."""
    end = position = stream.seek(0, 2)
    if not lines or not end:
        return end
    wanted = lines
    stream.seek(end - 1)
    if stream.read(1) == b"\n":  # the newline that ends the last line does not begin another
        position -= 1
    while position > 0:
        start = max(0, position - _BYTES)
        stream.seek(start)
        block = stream.read(position - start)
        while (at := block.rfind(b"\n")) >= 0:
            wanted -= 1
            if not wanted:
                return start + at + 1
            block = block[:at]
        position = start
    return 0
