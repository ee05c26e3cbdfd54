"""The phases and commands of a build's log, with how long each took, found window by window while it grows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tui.log.file import LogFile
from tui.log.search import WINDOW

MOST = 5_000
"""Entries; a log with more is no build's."""
HEAD = 64 << 10
"""A log without a line of CodeBuild's own in so many bytes is no build's: the rest is not looked at."""
_MARK = b"[Container] "
_LINE = re.compile(
    rb"\[Container\] (?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) "
    rb"(?:Entering phase (?P<phase>\S+)|Running command (?P<command>[^\r\n]{0,400})"
    rb"|Phase complete: (?P<end>\S+) State: (?P<state>\S+))"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A phase (`command` is False) or a command. `offset` is its line's place in the file, `seconds` what it took.

    It has the lines from `line`, its first, up to `end`, the first that is not its own; None while it goes on.
    `state` is how the phase ended, empty for one that goes on and for commands; a command that ended a phase badly
    has the phase's state.
    """

    offset: int
    line: int
    text: str
    command: bool
    began: datetime
    end: int | None = None
    seconds: float | None = None
    state: str = ""

    @property
    def failed(self) -> bool:
        """Whether it did not go well."""
        return self.state not in ("", "SUCCEEDED")


class Outline:
    """The entries of a log, in order. `advance` may run in another thread than everything else."""

    def __init__(self, file: LogFile, *, window: int = WINDOW) -> None:
        self.file = file
        self.entries: tuple[Entry, ...] = ()
        """What is known; another tuple whenever that changes."""
        self.complete = False
        self._window = window
        self._end = 0
        self._line = 0
        self._inside = False  # a line longer than a window
        self._found: list[Entry] = []
        self._phase = self._command = -1
        self._foreign = False

    def advance(self) -> bool:
        """Looks at one more window; False when the end of the file is reached."""
        data = self.file.read(self._end, self._window)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) == self._window:
            whole = len(data)
        if not whole:
            self.complete = True
            return False
        self._look(data[:whole])
        self._foreign = not self._found and self._end > HEAD
        self.complete = self._foreign
        return not self.complete

    def resume(self) -> bool:
        """Whether there is more to look at since it was complete; it is not complete then."""
        if self.complete and not self._foreign and self.file.size() > self._end:
            self.complete = False
        return not self.complete

    def _look(self, data: bytes) -> None:
        known, line, counted = len(self._found), self._line, 0
        changed = False
        at = data.find(_MARK)
        while at >= 0:
            if (at == 0 and not self._inside) or data[at - 1 : at] == b"\n":
                line += data.count(b"\n", counted, at)
                counted = at
                if match := _LINE.match(data, at):
                    self._add(match, self._end + at, line)
                    changed = True
            at = data.find(_MARK, at + 1)
        self._line += data.count(b"\n")
        self._inside = not data.endswith(b"\n")
        self._end += len(data)
        if changed or len(self._found) != known:
            self.entries = tuple(self._found)

    def _add(self, match: re.Match[bytes], offset: int, line: int) -> None:
        at, found = _time(match), self._found
        if at is None:
            return
        if self._command >= 0:
            found[self._command] = _ended(found[self._command], at, line)
            self._command = -1
        if match["end"] is not None:
            self._complete(match, at, line)
            return
        if len(found) == MOST:
            return
        is_command = match["command"] is not None
        text = (match["command"] if is_command else match["phase"]).decode("utf-8", "replace").strip()
        if is_command:
            self._command = len(found)
        else:
            self._close(at, line)
            self._phase = len(found)
        found.append(Entry(offset, line, text, is_command, at))

    def _complete(self, match: re.Match[bytes], at: datetime, line: int) -> None:
        found = self._found
        if self._phase >= 0:
            state = match["state"].decode("ascii", "replace")
            found[self._phase] = replace(_ended(found[self._phase], at, line + 1), state=state)
            if found[-1].command and state != "SUCCEEDED":
                found[-1] = replace(found[-1], state=state)
        self._phase = -1

    def _close(self, at: datetime, line: int) -> None:
        """A phase that never said that it was complete."""
        if self._phase >= 0:
            found = self._found[self._phase]
            self._found[self._phase] = replace(found, end=line)


def outline(file: LogFile) -> tuple[Entry, ...]:
    """All entries of a log, at once; none where it is not a build's."""
    whole = Outline(file)
    while whole.advance():
        pass
    return whole.entries


def _ended(entry: Entry, at: datetime, line: int) -> Entry:
    return replace(entry, seconds=max(0.0, (at - entry.began).total_seconds()), end=line)


def _time(match: re.Match[bytes]) -> datetime | None:
    text = match["at"].decode()
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M:%S.%f" if "." in text else "%Y/%m/%d %H:%M:%S")
    except ValueError:  # digits that are no time
        return None


def shown(entries: Iterable[Entry]) -> Iterator[Entry]:
    """What is worth a line in a table of contents: phases that did something, and all commands."""
    kept = list(entries)
    for number, entry in enumerate(kept):
        follows = kept[number + 1].command if number + 1 < len(kept) else False
        if entry.command or follows or entry.failed or (entry.seconds or 0) >= 1:
            yield entry
