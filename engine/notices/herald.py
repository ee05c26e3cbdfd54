"""The herald: a reader of what is recorded that tells the world outside, from threads of its own.

Each event is written to the file first, then the cursor moves past it, then the hook and the notifications follow: a
kill at any moment repeats nothing, and at most loses what a hook or a service was just being told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.execution.events import Recorded
from engine.execution.state import PipelineState
from engine.masking import masker
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.project import ProjectFile
from engine.notices.courier import Courier
from engine.notices.cursor import Cursor
from engine.notices.targets import is_of_aws, is_terminal
from engine.opening import Opened
from engine.runners.environment import host_environment
from engine.runners.masking import Masker

if TYPE_CHECKING:
    from engine.notices.event_file import EventFile
    from engine.notices.rules import Message

PATIENCE = 15.0
"""Seconds that outstanding news get, all together, when a session ends."""
FAILED = "GR010"
_OWN = frozenset({"id", "execution-id", "action-execution-id", "account", "time", "start-time", "token", "key"})


@dataclass(frozen=True, slots=True)
class _News:
    """One batch, worded: all that is needed once the state has gone on."""

    seq: int
    bodies: tuple[dict[str, object], ...]
    messages: tuple[Message, ...]
    opened: Opened


class Herald:
    """Tells of one pipeline. `opened` gives the project in force; `complain` hears what went wrong, on any thread."""

    def __init__(
        self,
        opened: Callable[[], Opened],
        state: PipelineState,
        complain: Callable[[Diagnostic], None],
    ) -> None:
        self._opened = opened
        self._state = state
        self._complain = complain
        self._cursor = Cursor(opened().state_dir, state.name)
        self._file: EventFile | None = None
        self._said: dict[str, str] = {}  # the last complaint of each channel: once is enough
        self._scribe = Courier[_News]("events", self._write)
        self._hook = Courier[_News]("hook", self._run_hook)
        self._sender = Courier[_News]("notify", self._send)

    def catch_up(self, read: Callable[[int], Iterable[Recorded]]) -> None:
        """Tell what the last session did not come to tell. `read` gives what is recorded after a seq."""
        told = self._cursor.read()
        if not wanted(self._opened().project):
            if told is not None:
                self._cursor.forget()
        elif told is not None and told < self._state.seq:
            self.heard(list(read(told)))

    def heard(self, news: list[Recorded]) -> None:
        """A listener: returns at once."""
        opened = self._opened()
        if not wanted(opened.project) or not news:
            return
        bodies, messages = _worded(self._state, news, opened)
        if bodies:
            self._scribe.take(_News(news[-1].seq, bodies, messages, opened))

    def close(self) -> None:
        """Give what is under way its time. Blocks."""
        deadline = time.monotonic() + PATIENCE
        left = sum(courier.close(deadline - time.monotonic()) for courier in (self._scribe, self._hook, self._sender))
        if left:
            self._say("close", f"greenroom ended before everybody was told: {left} messages are lost", "")

    # -- each on its own thread ----------------------------------------------------------------------------------

    def _write(self, news: _News) -> None:
        events = news.opened.project.events
        try:
            if events.file:
                path = news.opened.directory / events.file
                if self._file is None or self._file.path != path:
                    from engine.notices.event_file import EventFile

                    self._file = EventFile(path)
                self._file.append(news.bodies)
                self._said.pop("file", None)
        except OSError as error:
            self._say("file", f"events.file {events.file} cannot be written: {error.strerror or error}", "")
        try:
            self._cursor.move(news.seq)
        except OSError as error:
            self._say("cursor", f"what was told cannot be noted: {error.strerror or error}", "")
        if events.hook:
            self._hook.take(news)
        if news.messages:
            self._sender.take(news)

    def _run_hook(self, news: _News) -> None:
        from engine.notices.hook import run_hook

        project = news.opened.project
        environment = host_environment(project.inherit_environment)
        for body in news.bodies:
            wrong = run_hook(project.events.hook, body, directory=news.opened.directory, environment=environment)
            if wrong:
                masked = masker(news.opened.hidden).mask(wrong)
                self._say("hook", f"events.hook: {masked}", "Runs go on; the event is not told again.")
            else:
                self._said.pop("hook", None)

    def _send(self, news: _News) -> None:
        from engine.notices.sending import SendProblem, send

        values = known_values(news.opened.project)
        for message in news.messages:
            for target in message.targets:
                if is_terminal(target) or is_of_aws(target):
                    continue
                try:
                    send(target, message, values)
                    self._said.pop(target, None)
                except SendProblem as problem:
                    self._say(target, f"notifications: {problem.message}", problem.hint)
                except Exception as error:  # a plug-in of apprise may raise anything
                    self._say(target, f"notifications: {target} was not told: {type(error).__name__}", "")

    def _say(self, channel: str, message: str, hint: str) -> None:
        if self._said.get(channel) == message:
            return
        self._said[channel] = message
        self._complain(Diagnostic(FAILED, message, hint, Severity.WARNING, self._opened().directory / "greenroom.yaml"))


def wanted(project: ProjectFile) -> bool:
    """Whether anybody outside is to be told anything."""
    return bool(project.events.file or project.events.hook or any(outside(project)))


def outside(project: ProjectFile) -> Iterator[str]:
    """The targets of all rules that a service has to be asked for."""
    for rule in project.notifications:
        yield from (target for target in rule.to if not is_terminal(target) and not is_of_aws(target))


def known_values(project: ProjectFile) -> Mapping[str, str]:
    """What ``${NAME}`` may refer to: the environment, .secrets, and .env last."""
    return {**project.environment, **project.secrets, **os.environ}


def _worded(
    state: PipelineState, news: list[Recorded], opened: Opened
) -> tuple[tuple[dict[str, object], ...], tuple[Message, ...]]:
    """The bodies for file and hook, and the messages, without secrets."""
    # Not imported where nobody is to be told anything.
    from engine.model.address import Address
    from engine.notices.approval import approval_messages
    from engine.notices.eventbridge import state_changes
    from engine.notices.rules import Message, messages

    address = Address(opened.project.region, opened.project.account)
    changes = list(state_changes(state, news, address))
    if not changes:
        return (), ()
    hide = masker(opened.hidden)
    bodies = [change.body for change in changes]
    bodies += approval_messages(state, news, address)
    told = messages(opened.project.notifications, changes, state)
    return (
        tuple(_masked(body, hide) for body in bodies),
        tuple(Message(hide.mask(one.title), hide.mask(one.body), one.mood, one.targets) for one in told),
    )


def _masked(body: dict[str, object], hide: Masker) -> dict[str, object]:
    """Without secrets; what greenroom itself made up holds none, and must stay what it is."""
    return {key: value if key in _OWN else _masked_value(value, hide) for key, value in body.items()}


def _masked_value(value: object, hide: Masker) -> object:
    if isinstance(value, str):
        return hide.mask(value)
    if isinstance(value, dict):
        return _masked(value, hide)
    if isinstance(value, list):
        return [_masked_value(item, hide) for item in value]
    return value
