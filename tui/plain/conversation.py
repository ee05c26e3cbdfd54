"""The loop of the plain mode: what the engine does is told, what is typed is done."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING

from tui.cli.problem import Problem
from tui.cli.reports.tail import plain
from tui.cli.signals import CODES, Signals
from tui.plain.commands import Talk, obey
from tui.plain.speech import told

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.requests import Answer, Request
    from engine.link import Link
    from engine.model.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class _Typed:
    line: str


@dataclass(frozen=True, slots=True)
class _Diagnosed:
    found: Sequence[Diagnostic]


_PATIENCE = 10.0  # seconds that the places of values get to answer
_END = object()  # nothing more will be typed


class Conversation:
    """Tells one pipeline to `out` and obeys the lines of `typed`. `run` stays until somebody leaves.

    Where the typing ends (a pipe that is empty), it stays until nothing runs any more. `first` is asked first of all.
    """

    def __init__(self, link: Link, typed: IO[str], out: IO[str], *, first: Request | None = None) -> None:
        self._link = link
        self._typed = typed
        self._out = out
        self._first = first
        self._inbox: SimpleQueue[object] = SimpleQueue()
        self._talk = Talk(link, link.state(), self._ask, self._say, self)
        self._later: deque[str] = deque()  # typed while it waits
        self._waits = False
        self._left = False
        self._deaf = False
        self._asked = 0
        self._exit = 0

    def run(self) -> int:
        """Tell and obey. Returns the exit code."""
        self._say(f"Pipeline {self._talk.state.name}. Type help for what can be done here, quit to leave.")
        self._tell_what_is_missing()
        undo = [
            self._link.subscribe(self._inbox.put, after=self._talk.state.seq),
            self._link.notices(lambda found: self._inbox.put(_Diagnosed(found))),
        ]
        if self._first is not None:
            self._ask(self._first)
        threading.Thread(target=self._listen, name="greenroom-typed", daemon=True).start()
        try:
            with Signals(self._inbox):
                while not self._finished():
                    self._take(self._inbox.get())
                    self._catch_up()
        finally:
            for end in undo:
                end()
        return self._exit

    def _tell_what_is_missing(self) -> None:
        """Values that builds will ask for in vain. What cannot be found out in time, the builds say."""
        with contextlib.suppress(Exception):
            missing = [need.key for need in self._link.needs().result(_PATIENCE) if not need.origin]
            if missing:
                names = ", ".join(missing)
                self._say(f"Builds ask for values that nothing gives: {names}. greenroom secrets set NAME keeps one.")

    def leave(self) -> None:
        """End after this line."""
        self._left = True

    def wait(self) -> None:
        """Obey nothing more until nothing goes on by itself."""
        self._waits = True

    @property
    def _at_rest(self) -> bool:
        """Nothing goes on unless somebody does something."""
        state = self._talk.state
        return not self._asked and all(map(state.waits_for_people, state.active)) and self._inbox.empty()

    def _finished(self) -> bool:
        if self._left:
            return not self._asked  # the answers are still worth hearing
        return self._deaf and not self._later and self._at_rest

    def _catch_up(self) -> None:
        """What was typed during a wait, once that is over."""
        while self._later and not self._left:
            self._waits = self._waits and not self._at_rest
            if self._waits:
                return
            self._obey(self._later.popleft())

    def _listen(self) -> None:
        """Read lines (its own thread)."""
        for line in self._typed:
            self._inbox.put(_Typed(line))
        self._inbox.put(_END)

    def _take(self, message: object) -> None:
        match message:
            case signal.Signals():
                self._exit = CODES[message]
                self._left, self._asked = True, 0
            case _Typed(line):
                self._later.append(line)
            case _Diagnosed(found):
                for diagnostic in found:
                    self._say(diagnostic.render())
            case list():
                self._fold(message)
            case _ if message is _END:
                self._deaf = True
            case _:
                self._answered(message)  # type: ignore[arg-type]

    def _obey(self, line: str) -> None:
        try:
            obey(self._talk, line)
        except Problem as problem:
            self._say(". ".join(part for part in (problem.message.rstrip("."), problem.hint) if part))

    def _fold(self, batch: list[Recorded]) -> None:
        state = self._talk.state
        for recorded in batch:
            if recorded.pipeline == state.name and recorded.seq > state.seq:
                state.apply(recorded)
                for sentence in told(state, recorded):
                    self._say(sentence)

    def _answered(self, answer: Answer) -> None:
        self._asked -= 1
        if answer.message or not answer.ok:
            said = answer.message or answer.exception
            self._say(f"{'' if answer.ok else 'Not done: '}{said.rstrip('.')}.")

    def _ask(self, request: Request) -> None:
        def answered(future: Future[Answer]) -> None:
            self._inbox.put(future.result())

        self._asked += 1
        self._link.request(request).add_done_callback(answered)

    def _say(self, text: str) -> None:
        for line in text.splitlines() or [""]:
            print(plain(line), file=self._out, flush=True)


def converse(opener: Callable[[], Link]) -> int:
    """Open the engine, start a run, and talk about it on this terminal. Returns the exit code."""
    link = opener()
    from engine.execution.requests import Start

    return Conversation(link, sys.stdin, sys.stdout, first=Start()).run()
