"""What may be typed in the plain mode, in one table: the help and the understanding are made from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui.cli.naming import find_action, find_run, find_stage
from tui.cli.problem import Problem, unknown
from tui.cli.reports.reasons import reasons
from tui.cli.reports.tail import tail
from tui.plain.speech import listed, place, standing

if TYPE_CHECKING:
    from engine.execution.requests import Request
    from engine.execution.state import ActionExecution, PipelineState
    from engine.link import Link
    from engine.model.pipeline import PipelineDeclaration

_TAIL = 20


class Listener(Protocol):
    """Who obeys what is typed."""

    def leave(self) -> None:
        """End after this line."""

    def wait(self) -> None:
        """Obey nothing more until nothing goes on by itself."""


class Talk:
    """What commands work with: the state, the link, a way to ask and a way to speak."""

    def __init__(
        self,
        link: Link,
        state: PipelineState,
        ask: Callable[[Request], None],
        say: Callable[[str], None],
        listener: Listener,
    ) -> None:
        self.link = link
        self.state = state
        self.ask = ask
        self.say = say
        self.listener = listener

    @property
    def declaration(self) -> PipelineDeclaration:
        """The definition in force. Raises `Problem` while there is none."""
        if not self.state.definitions:
            raise Problem("the definition is not loaded yet")
        return self.state.definition

    def action(self, words: Sequence[str]) -> ActionExecution:
        """The latest run of the action that is named. Raises `Problem`."""
        if not words:
            raise Problem("which action?", "Say its name too, such as: why Build/Unit")
        run = self.state.latest
        stage, name = find_run(self.declaration, words[0])
        found = self.state.current(run, stage, name) if run else None
        if run is None or found is None:
            raise Problem(f"{stage}/{name} has not had its turn yet")
        return found


class Command(NamedTuple):
    """A verb: its shorter forms, what follows it, what it does."""

    name: str
    short: tuple[str, ...]
    takes: str
    help: str
    run: Callable[[Talk, Sequence[str]], None]


def obey(talk: Talk, line: str) -> None:
    """Do what a line asks for. Raises `Problem` where it cannot be understood or done."""
    words = line.split()
    if not words:
        return
    verb = words[0].lower()
    for command in COMMANDS:
        if verb in (command.name, *command.short):
            command.run(talk, words[1:])
            return
    raise unknown("command", verb, [command.name for command in COMMANDS])


def _status(talk: Talk, words: Sequence[str]) -> None:
    for sentence in standing(talk.state, talk.declaration, talk.state.latest, time.time()):
        talk.say(sentence)


def _decide(talk: Talk, words: Sequence[str], *, approved: bool) -> None:
    from engine.execution.requests import Approve

    waiting = talk.state.approvals()
    if not waiting:
        raise Problem("nothing waits for an approval")
    names = {place(one): one for one in waiting}
    named = words[0] if words and (len(names) > 1 or words[0] in _names(waiting[0])) else ""
    if len(names) > 1 and not named:
        raise Problem(f"several wait: {listed(list(names))}", "Name the one that is meant.")
    chosen = names.get("/".join(find_action(talk.declaration, named))) if named else waiting[0]
    if chosen is None:
        raise Problem(f"{named} does not wait", f"What waits: {listed(list(names))}")
    talk.ask(Approve(chosen.id, approved, " ".join(words[1:] if named else words)))


def _names(action: ActionExecution) -> tuple[str, str]:
    return place(action), action.action


def _approve(talk: Talk, words: Sequence[str]) -> None:
    _decide(talk, words, approved=True)


def _reject(talk: Talk, words: Sequence[str]) -> None:
    _decide(talk, words, approved=False)


def _start(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import Start

    talk.ask(Start())


def _force(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import Start

    names = tuple("/".join(find_action(talk.declaration, word)) for word in words)
    talk.ask(Start(forced=names or ("*",)))


def _retry(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import Retry

    talk.ask(Retry(find_stage(talk.declaration, words[0]) if words else ""))


def _resume(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.pausing import WAYS
    from engine.execution.requests import Resume

    paused = talk.state.paused()
    if not paused:
        raise Problem("nothing is paused")
    how = next((way for way in WAYS if way in words), None)
    named = [word for word in words if word != how]
    chosen = [one for one in paused if not named or named[0] in one.names]
    if len(chosen) != 1:
        raise Problem(f"paused: {listed([one.place for one in paused])}", "Name the one that is meant.")
    at_breakpoint = chosen[0].paused.reason == "breakpoint"
    talk.ask(Resume(chosen[0].target, how or ("continue" if at_breakpoint else "command")))


def _stop(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import Stop

    talk.ask(Stop(abandon=True, reason="stopped by hand"))


def _pause(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import SetWatch

    talk.ask(SetWatch(paused=True, reason="by you"))


def _watch(talk: Talk, words: Sequence[str]) -> None:
    from engine.execution.requests import SetWatch

    talk.ask(SetWatch(paused=False))


def _why(talk: Talk, words: Sequence[str]) -> None:
    action = talk.action(words)
    for sentence in reasons(talk.state, action) or ["nothing is known of it yet"]:
        talk.say(f"{place(action)}: {sentence.strip()}.")


def _log(talk: Talk, words: Sequence[str]) -> None:
    action = talk.action(words)
    wanted = words[1] if len(words) > 1 else str(_TAIL)
    if not wanted.isdecimal():
        raise Problem(f"{wanted!r} is no number of lines", "Such as: log Build/Unit 50")
    lines = tail(talk.link.log(talk.state.origin(action).id), int(wanted))
    for text in lines or [f"{place(action)} has written nothing yet"]:
        talk.say(text)


def _list(talk: Talk, words: Sequence[str]) -> None:
    for stage in talk.declaration.stages:
        talk.say(f"Stage {stage.name}: {', '.join(action.name for action in stage.actions)}.")


def _help(talk: Talk, words: Sequence[str]) -> None:
    for command in COMMANDS:
        short = f" (or {', '.join(command.short)})" if command.short else ""
        takes = f" {command.takes}" if command.takes else ""
        talk.say(f"{command.name}{takes}{short}: {command.help}.")


def _quit(talk: Talk, words: Sequence[str]) -> None:
    talk.listener.leave()


def _wait(talk: Talk, words: Sequence[str]) -> None:
    talk.listener.wait()


COMMANDS: tuple[Command, ...] = (
    Command("status", ("s",), "", "how things stand", _status),
    Command("approve", ("a",), "[ACTION] [COMMENT]", "approve what waits for you", _approve),
    Command("reject", ("x",), "[ACTION] [COMMENT]", "reject it", _reject),
    Command("retry", ("r",), "[STAGE]", "retry what failed", _retry),
    Command(
        "resume",
        ("c",),
        "[ACTION] [command|phase|start|continue|fail]",
        "have a paused action go on, from the command where nothing else is said",
        _resume,
    ),
    Command("start", (), "", "start a run now", _start),
    Command("force", ("f",), "[ACTION ...]", "run these anew, whatever is cached; all, where none is named", _force),
    Command("stop", (), "", "end the run that goes on", _stop),
    Command("pause", ("p",), "", "let saves start nothing", _pause),
    Command("watch", (), "", "watch for saves again", _watch),
    Command("why", ("w",), "ACTION", "why it ran, was reused or waits", _why),
    Command("log", ("l",), "ACTION [LINES]", f"the end of its log, {_TAIL} lines by default", _log),
    Command("list", (), "", "the stages and their actions", _list),
    Command("wait", (), "", "obey what is typed next when nothing runs any more, or somebody is asked", _wait),
    Command("help", ("h", "?"), "", "this list", _help),
    Command("quit", ("q", "exit"), "", "end greenroom; what runs is ended, too", _quit),
)
