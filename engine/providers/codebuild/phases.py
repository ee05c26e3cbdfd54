"""INSTALL to POST_BUILD: which command runs next, and what a failed one leads to.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.providers.buildspec.model import PHASES, Buildspec, Phase
from engine.providers.codebuild.debugging import Debugger, GoTo
from engine.providers.codebuild.log import BuildLog
from engine.providers.codebuild.position import BEGINNING, Position, texts
from engine.providers.codebuild.retrying import PATIENCE, matches
from engine.providers.threads import to_the_end
from engine.runners.output import Output
from engine.runners.shell import ShellSession

COMMAND_ERROR = "COMMAND_EXECUTION_ERROR"


@dataclass(frozen=True, slots=True)
class Context:
    """A failed phase's context, as AWS shows it."""

    phase: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Failure:
    """The first failed command of a phase."""

    position: Position
    context: Context


class Phases:
    """The command phases of one build. `report` gets each phase's name, `hint` advises on a failed command.

    `become(phase)` sees to it that the phase's commands run as whom the buildspec wants.
    """

    def __init__(
        self,
        shell: ShellSession,
        log: BuildLog,
        output: Output,
        debugger: Debugger,
        *,
        report: Callable[[str], None],
        become: Callable[[str], Awaitable[None]],
        hint: Callable[[str, int], str],
    ) -> None:
        self._shell = shell
        self._log = log
        self._output = output
        self._debugger = debugger
        self._report = report
        self._become = become
        self._hint = hint
        self._failures: dict[int, _Failure] = {}  # by number of the phase
        self._tries: dict[int, int] = {}  # again because the buildspec says so
        self._endless: set[str] = set()  # patterns of which it was said that they take too long

    @property
    def failed(self) -> Context | None:
        """The failure that fails the build: that of its first phase that has one."""
        return self._failures[min(self._failures)].context if self._failures else None

    async def run(self, start: Position = BEGINNING) -> bool:
        """Run everything from a command on. Returns whether UPLOAD_ARTIFACTS is attempted.

        Raises `engine.providers.codebuild.debugging.StartOver`.
        """
        while True:
            try:
                return await self._from(start)
            except GoTo as jump:
                start = jump.position
                self._failures = {n: found for n, found in self._failures.items() if found.position < start}
                self._tries = {n: tries for n, tries in self._tries.items() if Position(n) < start}

    async def _from(self, start: Position) -> bool:
        for number in range(start.phase, len(PHASES)):
            first = start.index if number == start.phase else 0
            if not await self._phase(number, first):
                return False
        return True

    async def _phase(self, number: int, first: int) -> bool:
        """Run one phase. Returns whether the build goes on."""
        name, phase = PHASES[number], self._spec.phases[PHASES[number]]
        if phase.commands or phase.last:  # empty ones are over before anybody could read their name
            self._report(name.upper())
        context = await self._with_retries(number, first)
        if context is None:
            self._log.complete(name.upper())
            return True
        self._log.complete(name.upper(), code=context.code, message=context.message)
        self._shell.export("CODEBUILD_BUILD_SUCCEEDING", "0")
        action = self._spec.phases[name].on_failure.action
        return name in ("build", "post_build") if not action else action == "CONTINUE"

    async def _with_retries(self, number: int, first: int) -> Context | None:
        while True:
            if first == 0:
                self._log.entering(PHASES[number].upper())
            context = await self._commands(number, first)
            if context is None or not await self._is_retried(number, context):
                return context
            first, self._tries[number] = 0, self._tries.get(number, 0) + 1
            tries = f"{self._tries[number]} of {self._spec.phases[PHASES[number]].on_failure.retries}"
            del self._failures[number]
            self._log.say(f"Phase {PHASES[number].upper()} failed, retry {tries}: {context.message}")

    async def _is_retried(self, number: int, context: Context) -> bool:
        """Whether the buildspec has a failed phase run again."""
        found = self._spec.phases[PHASES[number]].on_failure
        if found.action != "RETRY" or self._tries.get(number, 0) >= found.retries:
            return False
        matched = await to_the_end(lambda: matches(found.pattern, context.message))
        if matched is None and found.pattern not in self._endless:
            self._endless.add(found.pattern)
            self._log.say(f"greenroom: on-failure: {found.pattern} takes more than {PATIENCE:g} s: taken as no match")
        return bool(matched)

    async def _commands(self, number: int, first: int) -> Context | None:
        """`commands`, up to the first that fails, then `finally`, whatever came before."""
        await self._become(PHASES[number])
        index = first
        while index < len(texts(self._phase_of(number))):
            position = Position(number, index)
            context = await self._command(position)
            index += 1
            if context is not None:
                self._failures.setdefault(number, _Failure(position, context))
                commands = len(self._phase_of(number).commands)
                index = commands if index <= commands else len(texts(self._phase_of(number)))
        failure = self._failures.get(number)
        return failure.context if failure else None

    async def _command(self, position: Position) -> Context | None:
        text = texts(self._phase_of(position.phase))[position.index]
        await self._debugger.before(position)
        self._log.say(f"Running command {text}")
        status = await self._debugger.run(position, text, self._output)
        self._log.blank()
        if status == 0:
            return None
        reason = f"exit status {status}" if status > 0 else f"signal: {_signal_name(-status)}"
        self._log.say(f"Command did not exit successfully {text} {reason}")
        message = f"Error while executing command: {text}. Reason: {reason}"
        context = Context(position.name, COMMAND_ERROR, message, self._hint(text, status))
        if not await self._is_retried(position.phase, context):
            await self._debugger.failed(position, text, status)
        return context

    @property
    def _spec(self) -> Buildspec:
        return self._debugger.plan.spec  # edited by whoever debugs

    def _phase_of(self, number: int) -> Phase:
        return self._spec.phases[PHASES[number]]


def _signal_name(number: int) -> str:
    try:
        return (signal.strsignal(number) or "").lower() or str(number)
    except ValueError:
        return str(number)
