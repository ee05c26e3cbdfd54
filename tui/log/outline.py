"""The phases and commands of a build's log, with how long each took: a table of contents."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

MOST = 5_000  # entries; a log with more is no build's
_LINE = re.compile(
    rb"^\[Container\] (?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) "
    rb"(?:Entering phase (?P<phase>\S+)|Running command (?P<command>[^\r\n]{0,400})"
    rb"|Phase complete: (?P<end>\S+) State: (?P<state>\S+))",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A phase (`command` is False) or a command. `offset` is its line's place in the file, `seconds` what it took.

    `state` is how the phase ended, empty for one that goes on and for commands; a command that ended a phase badly
    has the phase's state.
    """

    offset: int
    text: str
    command: bool
    began: datetime
    seconds: float | None = None
    state: str = ""

    @property
    def failed(self) -> bool:
        """Whether it did not go well."""
        return self.state not in ("", "SUCCEEDED")


def outline(path: Path) -> list[Entry]:
    """The entries of a log, in order; none where it is missing or not a build's."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _joined(_LINE.finditer(data))
    except (OSError, ValueError):  # ValueError: an empty file cannot be mapped
        return []


def _joined(found: Iterable[re.Match[bytes]]) -> list[Entry]:
    entries: list[Entry] = []
    phase = command = -1
    for match in found:
        at = _time(match)
        if command >= 0:
            entries[command] = _ended(entries[command], at)
            command = -1
        if match["end"] is not None:
            if phase >= 0:
                state = match["state"].decode("ascii", "replace")
                entries[phase] = replace(_ended(entries[phase], at), state=state)
                last = entries[-1]
                entries[-1] = replace(last, state=state) if last.command and state != "SUCCEEDED" else last
            phase = -1
            continue
        if len(entries) == MOST:
            break
        entries.append(_entry(match, at))
        phase, command = (phase, len(entries) - 1) if match["phase"] is None else (len(entries) - 1, -1)
    return entries


def _entry(match: re.Match[bytes], at: datetime) -> Entry:
    is_command = match["phase"] is None
    text = (match["command"] if is_command else match["phase"]).decode("utf-8", "replace").strip()
    return Entry(match.start(), text, is_command, at)


def _ended(entry: Entry, at: datetime) -> Entry:
    return replace(entry, seconds=max(0.0, (at - entry.began).total_seconds()))


def _time(match: re.Match[bytes]) -> datetime:
    text = match["at"].decode()
    return datetime.strptime(text, "%Y/%m/%d %H:%M:%S.%f" if "." in text else "%Y/%m/%d %H:%M:%S")


def shown(entries: Iterable[Entry]) -> Iterator[Entry]:
    """What is worth a line in a table of contents: phases that did something, and all commands."""
    kept = list(entries)
    for number, entry in enumerate(kept):
        follows = kept[number + 1].command if number + 1 < len(kept) else False
        if entry.command or follows or entry.failed or (entry.seconds or 0) >= 1:
            yield entry
