"""The phases and commands of a build's log, with how long each took, found window by window while it grows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from tui.log.file import LogFile
from tui.log.search import WINDOW
from tui.log.weave import LEAD, Weave, runs

MOST = 5_000
"""Entries; a log with more is no build's."""
HEAD = 64 << 10
"""A log without a line of CodeBuild's own in so many bytes is no build's: the rest is not looked at."""
_MARK = b"[Container] "
_LEAD = 24  # bytes: the letter of a merged log in its colour is shorter
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
    has the phase's state. In a merged log only those of its lines that begin with the letter `log` are its own; there
    are entries, too, that stand for the `whole` of a log.
    """

    offset: int
    line: int
    text: str
    command: bool
    began: datetime | None
    end: int | None = None
    seconds: float | None = None
    state: str = ""
    log: str = ""
    whole: bool = False

    @property
    def failed(self) -> bool:
        """Whether it did not go well."""
        return self.state not in ("", "SUCCEEDED")


@dataclass(slots=True)
class _Open:
    """What of a log goes on where it has been looked at up to: numbers of entries, -1 for none."""

    whole: int = -1
    phase: int = -1
    command: int = -1
    last: int = -1


class Outline:
    """The entries of a log, in order. `advance` may run in another thread than everything else."""

    def __init__(self, file: LogFile, *, window: int = WINDOW) -> None:
        self.file = file
        self.entries: tuple[Entry, ...] = ()
        """What is known; another tuple whenever that changes."""
        self.complete = False
        self.weave: Weave | None = None
        """Whose the lines of a merged log are."""
        self._window = window
        self._end = 0
        self._line = 0
        self._inside = False  # a line longer than a window
        self._found: list[Entry] = []
        self._open: defaultdict[str, _Open] = defaultdict(_Open)
        self._foreign = False
        self._owner = ""  # of the last line

    def advance(self) -> bool:
        """Looks at one more window; False when the end of the file is reached."""
        data = self.file.read(self._end, self._window)
        whole = data.rfind(b"\n") + 1
        if not whole and len(data) == self._window:
            whole = len(data)
        if not whole:
            self.complete = True
            return False
        if not self._end and LEAD.match(data):
            self.weave = Weave()
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
        if self.weave is not None:
            self._tell_apart(data, self.weave)
        changed = False
        at = data.find(_MARK)
        while at >= 0:
            if (log := self._begins(data, at)) is not None:
                line += data.count(b"\n", counted, at)
                counted = at
                if match := _LINE.match(data, at):
                    self._add(match, log, self._end + at - len(data[data.rfind(b"\n", 0, at) + 1 : at]), line)
                    changed = True
            at = data.find(_MARK, at + 1)
        self._line += data.count(b"\n")
        self._inside = not data.endswith(b"\n")
        self._end += len(data)
        if changed or len(self._found) != known:
            self.entries = tuple(sorted(self._found, key=attrgetter("line")) if self.weave else self._found)

    def _begins(self, data: bytes, at: int) -> str | None:
        """Which log's line begins with the mark there, after the log's letter if at all; None within a line."""
        start = data.rfind(b"\n", max(0, at - _LEAD), at) + 1
        if start == 0 and (self._inside or at > _LEAD):
            return None
        if start == at:
            return ""
        lead = LEAD.match(data, start)
        return lead["log"].decode() if lead is not None and lead.end() == at else None

    def _tell_apart(self, data: bytes, weave: Weave) -> None:
        """Whose these lines are; a log that was not met before has an entry of its own."""
        at = 0
        if self._inside:
            at = data.find(b"\n") + 1 or len(data)
            weave.add(self._owner, data.count(b"\n", 0, at))
        for name, start, end in runs(data, at):
            self._owner = name
            if name and self._open[name].whole < 0:
                self._open[name].whole = len(self._found)
                lead = LEAD.match(data, start)
                text = data[lead.end() if lead else start : end].split(b"\n", 1)[0][:400]
                entry = Entry(self._end + start, weave.lines, text.decode("utf-8", "replace").strip(), False, None)
                self._found.append(replace(entry, log=name, whole=True))
            weave.add(name, data.count(b"\n", start, end))

    def _add(self, match: re.Match[bytes], log: str, offset: int, line: int) -> None:
        at, found, now = _time(match), self._found, self._open[log]
        if at is None:
            return
        if now.command >= 0:
            found[now.command] = _ended(found[now.command], at, line)
            now.command = -1
        self._goes_on(now, at, "" if match["end"] is None else match["state"].decode("ascii", "replace"))
        if match["end"] is not None:
            self._complete(match, now, at, line)
            return
        if len(found) == MOST:
            return
        is_command = match["command"] is not None
        text = (match["command"] if is_command else match["phase"]).decode("utf-8", "replace").strip()
        if is_command:
            now.command = len(found)
        else:
            self._close(now, line)
            now.phase = len(found)
        now.last = len(found)
        found.append(Entry(offset, line, text, is_command, at, log=log))

    def _goes_on(self, now: _Open, at: datetime, state: str) -> None:
        """The log as a whole took so long by now, and went as its phases did."""
        if now.whole < 0:
            return
        whole = self._found[now.whole]
        began = whole.began or at
        kept = whole.state if whole.failed else state
        seconds = max(0.0, (at - began).total_seconds())
        self._found[now.whole] = replace(whole, began=began, seconds=seconds, state=kept)

    def _complete(self, match: re.Match[bytes], now: _Open, at: datetime, line: int) -> None:
        found = self._found
        if now.phase >= 0:
            state = match["state"].decode("ascii", "replace")
            found[now.phase] = replace(_ended(found[now.phase], at, line + 1), state=state)
            if found[now.last].command and state != "SUCCEEDED":
                found[now.last] = replace(found[now.last], state=state)
        now.phase = -1

    def _close(self, now: _Open, line: int) -> None:
        """A phase that never said that it was complete."""
        if now.phase >= 0:
            self._found[now.phase] = replace(self._found[now.phase], end=line)


def outline(file: LogFile) -> tuple[Entry, ...]:
    """All entries of a log, at once; none where it is not a build's."""
    whole = Outline(file)
    while whole.advance():
        pass
    return whole.entries


def _ended(entry: Entry, at: datetime, line: int) -> Entry:
    took = None if entry.began is None else max(0.0, (at - entry.began).total_seconds())
    return replace(entry, seconds=took, end=line)


def _time(match: re.Match[bytes]) -> datetime | None:
    text = match["at"].decode()
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M:%S.%f" if "." in text else "%Y/%m/%d %H:%M:%S")
    except ValueError:  # digits that are no time
        return None


def shown(entries: Iterable[Entry]) -> Iterator[Entry]:
    """What is worth a line in a table of contents: phases that did something, and all commands."""
    kept = sorted(entries, key=attrgetter("log", "line"))  # of merged logs one after the other
    for number, entry in enumerate(kept):
        follows = kept[number + 1].command if number + 1 < len(kept) else False
        if entry.command or follows or entry.failed or entry.whole or (entry.seconds or 0) >= 1:
            yield entry
