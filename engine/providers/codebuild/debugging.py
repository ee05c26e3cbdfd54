"""A build that stands still where a command failed, or at a breakpoint: how it is kept, and how it goes on."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.execution.pausing import How, Pause, Reason, outcome, told
from engine.journal.processes import MARKER
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild import stand as stands
from engine.providers.codebuild.checkpoints import CHECKPOINTS, checkpoints_of
from engine.providers.codebuild.edits import lay_edits
from engine.providers.codebuild.inputs import Inputs
from engine.providers.codebuild.past import Past
from engine.providers.codebuild.plan import Plan
from engine.providers.codebuild.position import BEGINNING, Position, first_change, outline
from engine.providers.codebuild.stand import Stand
from engine.providers.contract import Desk, Job, Resumption
from engine.providers.threads import to_the_end
from engine.runners.bell import Bell
from engine.runners.output import Output
from engine.runners.shell import Moment, ShellSession, masked_names

_SHOWN = 5  # edited paths in the log


class GoTo(Exception):
    """The build goes on at another command."""

    def __init__(self, position: Position) -> None:
        super().__init__(position.key)
        self.position = position


class StartOver(Exception):
    """The build begins anew, as it is declared by now."""

    def __init__(self, plan: Plan, job: Job) -> None:
        super().__init__("from the start")
        self.plan = plan
        self.job = job


@dataclass(slots=True)
class Debugger:
    """Stands beside one build. `plan` and `job` are those in force: whoever debugs may edit them.

    `replan` makes a plan of an edited job, `values` the variables that a build of such a plan begins with; `say` writes
    to the log.
    """

    plan: Plan
    job: Job
    desk: Desk
    inputs: Inputs
    mask: Callable[[str], str]
    say: Callable[[str], None]
    replan: Callable[[Job], Plan]
    values: Callable[[Plan, Job], Mapping[str, str]]
    past: Past
    _laid: list[Path] = field(default_factory=list)  # since the place where commands run was told of it
    _shell: ShellSession | None = None
    _bell: Bell | None = None
    _trees: dict[str, str] = field(default_factory=dict)  # as they lie in the workspace
    _begun: dict[str, str] = field(default_factory=dict)  # the variables that it began with
    _stand: Stand | None = None  # where it failed first
    _decided: bool = False  # it was said of a command that it fails
    _behind: Position | None = None  # an earlier attempt stood at its breakpoint
    _waits: Pause | None = None  # where it stands still
    _whole: bool = False  # the secrets of the attempt that is taken up are known

    @property
    def stopped_at(self) -> Pause | None:
        """The command that failed the build."""
        return self._stand.pause if self._stand else None

    @property
    def usual(self) -> How:
        """How it goes on where nobody says more."""
        return "continue" if self._waits and self._waits.reason == "breakpoint" else "command"

    # -- its life ----------------------------------------------------------------------------------------------------

    def take_up(self) -> Stand | None:
        """Where the earlier attempt stopped that this one takes up: its files stay. None: it starts like any other.

        Runs in a thread.
        """
        if self.job.resume:
            found, self._whole = stands.known_stand(self.desk.workspace, self.job.resumes)
            try:
                if found is not None:
                    self._lay(self._files_of(found), self.job)
                    return found
                self.say("greenroom: nothing is left of the attempt to be taken up; starting from the start")
            except (OSError, KeyError) as problem:
                self.say(f"greenroom: the edits cannot be laid in: {problem}; starting from the start")
        stands.forget_stand(self.desk.workspace)
        checkpoints_of(self.inputs, 1).drop()
        return None

    def _files_of(self, taken: Stand) -> dict[str, str]:
        """Bring the files back to before the command to begin with, where that is kept. Returns their trees."""
        points = checkpoints_of(dataclasses.replace(self.inputs, trees=taken.first), CHECKPOINTS)
        points.go_on()
        if self.past.files:
            points.keep = self.past.files.keep
            self.past.files = points
        self.past.first, self.past.trees = dict(taken.first), dict(taken.kept)
        target, known = self._target_in(taken)
        if known is None or target == Position.of(taken.pause) or not points.has(known.key):
            return taken.trees
        points.restore(known.key)
        self.say(f"greenroom: the files are again as they were before command {known.index + 1} of {known.name}")
        return taken.kept.get(known.key, taken.trees)

    def _target_in(self, taken: Stand) -> tuple[Position, Position | None]:
        """The command with which a later attempt begins, and the one before which something is known of it."""
        position = Position.of(taken.pause)
        target = position if self.job.resume == "command" else position.beginning
        change = first_change(taken.outline, outline(self.plan.spec))
        target = change if change is not None and change < target else target
        return target, min((p for p in map(Position.named, taken.moments) if target <= p <= position), default=None)

    async def begin(self, shell: ShellSession, taken: Stand | None) -> Position:
        """The workspace is ready. Returns where the build begins."""
        self._shell = shell
        self._begun = dict(self.values(self.plan, self.job))
        self._trees = dict(self.job.inputs)
        if taken is not None:
            return self._back_at(taken)
        await self.past.begin(self.job.inputs)
        return BEGINNING

    def hang_up(self, bell: Bell) -> None:
        """Let the build's commands come to breakpoints."""
        try:
            bell.open()
        except OSError:
            return
        self._bell = bell

    def close(self, *, failed: bool | None) -> None:
        """The build is over; None: it was ended. What a shell and a later attempt need stays where it stopped."""
        if self._bell:
            self._bell.close()
        if failed and self._stand and self._shell:
            self._keep(self._stand)
            if self._stand.here.environment:
                self._shell.go_to(self._stand.here)
        elif failed is not None:
            stands.forget_stand(self.desk.workspace)
        if failed is False:
            checkpoints_of(self.inputs, 1).drop()

    # -- commands ----------------------------------------------------------------------------------------------------

    async def before(self, position: Position) -> None:
        """A command is about to run."""
        # Those before the failure are what a later attempt wants.
        await self.past.before(position, self._the_shell, self._trees, keeps=self._stand is None)

    async def run(self, position: Position, text: str, output: Output) -> int:
        """Run a command to its end, and wait where it comes to a breakpoint. Raises `GoTo`, `StartOver`."""
        running = asyncio.ensure_future(self._the_shell.run(text, output))
        if self._bell is None:
            return await running
        try:
            while not running.done():
                rung = asyncio.ensure_future(self._bell.rung())
                await asyncio.wait({running, rung}, return_when=asyncio.FIRST_COMPLETED)
                if not running.done():
                    await self._at_breakpoint(self._bell, position, text, running)
                rung.cancel()
        except BaseException:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise
        return running.result()

    async def failed(self, position: Position, text: str, status: int) -> None:
        """A command has failed, and that is how it is once this returns. Raises `GoTo`, `StartOver` where it is not."""
        pause = dataclasses.replace(self._pause(position, text, "failed"), status=status)
        stand = self._standing(pause)
        decided, self._decided = self._decided, False
        if self.job.on_failure == "pause" and self.desk.pause and not decided:
            await self._paused(pause, stand, position)
        self._stand = self._stand or stand

    # -- standing still ----------------------------------------------------------------------------------------------

    async def _at_breakpoint(self, bell: Bell, position: Position, text: str, running: asyncio.Future[int]) -> None:
        if position == self._behind:
            self._behind = None
            self.say("greenroom: going on behind the breakpoint at which the earlier attempt stood")
            await self._answered(bell, "go", running)
            return
        pause = self._pause(position, text, "breakpoint")
        found = bell.moment()
        here = Moment(found[0], found[1].removesuffix("\n"), self._the_shell.user) if found else None
        waiting = asyncio.ensure_future(self._paused(pause, self._standing(pause, here), position))
        either: list[asyncio.Future[Any]] = [waiting, running]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():  # somebody ended the command itself
                self.desk.go_on("continue")
            await waiting
        except (GoTo, StartOver):
            await self._answered(bell, "end", running)
            raise
        except asyncio.CancelledError:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            raise
        await self._answered(bell, "end" if self._decided else "go", running)

    def _pause(self, position: Position, text: str, reason: Reason) -> Pause:
        container = self.past.container(position, is_container=self.plan.container is not None)
        checkpoint = self.past.checkpoint(position)
        command = self.mask(text)  # screens and the journal have it
        return Pause(position.name, position.index + 1, command, reason, checkpoint=checkpoint, container=container)

    async def _answered(self, bell: Bell, word: str, running: asyncio.Future[int]) -> None:
        if not running.done():
            bell.answer(word)
        if word == "end":
            await running

    async def _paused(self, pause: Pause, stand: Stand, position: Position) -> None:
        """Wait until somebody says how to go on. Returns where it just does."""
        assert self.desk.pause
        self._keep(self._stand or stand)
        self._waits = pause
        self._the_shell.show(stand.here.masked(self.mask), at_breakpoint=pause.reason == "breakpoint")
        guide = self.desk.guide.format(place=f"{self.job.stage}/{self.job.action.name}")
        self.say(f"greenroom: paused at {told(pause)}{guide}")
        try:
            while True:
                resumption = await self.desk.pause(pause)
                try:
                    return await self._resumed(resumption, pause, position)
                except (BuildspecError, OSError, KeyError) as problem:
                    self.say(f"greenroom: it cannot go on like that: {problem}")
        finally:
            self._waits = None
            self._the_shell.hide()

    async def _resumed(self, resumption: Resumption, pause: Pause, position: Position) -> None:
        how, job = resumption.how, resumption.job
        by = f" (by {resumption.by})" if resumption.by else ""
        if how == "fail":
            self._decided = pause.reason == "breakpoint"
            self.say(f"greenroom: it fails, as on AWS{by}")
            return
        if resumption.note:
            self.say(f"greenroom: {resumption.note}")
        plan = self.replan(job)
        if how == "start":
            self.say(f"greenroom: starting over{by}")
            raise StartOver(plan, job)
        await self._the_shell.runner.settle()
        before, self.plan = self.plan, plan
        change = first_change(outline(before.spec), outline(plan.spec))
        target = _target(how, position)
        if change is not None and change < target:
            self.say(f"greenroom: command {change.index + 1} of {change.name} is the first that was edited")
            target = change
        if how == "continue" and pause.reason == "breakpoint" and target > position:
            await to_the_end(lambda: self._lay(self._trees, job))
            await self._told_of_edits()
            self.say(f"greenroom: going on{by}")
            return
        await self._go_back(target, position, job)
        await self._told_of_edits()
        self.say(f"greenroom: {_told(how, target, pause)}{by}")
        raise GoTo(target)

    async def _go_back(self, target: Position, position: Position, job: Job) -> None:
        """Files, environment and directory as they were before a command, edits laid in."""
        shell = self._the_shell
        trees = self._trees
        known = self.past.nearest(target, position)
        if known is not None and target < position:
            trees = await self.past.go_back(known, trees)
            if self.plan.container:
                await self.past.container_back(known)
        await to_the_end(lambda: self._lay(trees, job))
        if known is not None:
            shell.go_to(self.past.moments[known])
        fresh = self._known(dict(self.values(self.plan, job)))
        for name, value in fresh.items():
            if self._begun.get(name) != value:
                shell.export(name, value)
        self._begun = fresh

    def _known(self, fresh: dict[str, str]) -> dict[str, str]:
        """The variables, without secrets that are new: nothing here would mask them."""
        new = [secret for secret in self.plan.variables.secrets() if self.mask(secret) == secret]
        held = [
            name
            for name, value in fresh.items()
            if self._begun.get(name) != value and any(secret in value for secret in new if secret)
        ]
        if held:
            self.say(
                f"greenroom: {', '.join(held)}: a new secret value, which counts from the start (resume --from start)"
            )
        return {name: value for name, value in fresh.items() if name not in held} | {
            name: self._begun[name] for name in held if name in self._begun
        }

    def _lay(self, trees: Mapping[str, str], job: Job) -> None:
        laid = lay_edits(self.inputs, trees, job.inputs, self.desk.store)
        self._trees, self.job = dict(job.inputs), job
        self._laid += laid.values()
        if laid:
            more = f" and {len(laid) - _SHOWN} more" if len(laid) > _SHOWN else ""
            self.say(f"greenroom: edits laid into the workspace: {', '.join(list(laid)[:_SHOWN])}{more}")

    async def _told_of_edits(self) -> None:
        laid, self._laid = self._laid, []
        await self._the_shell.runner.update(laid)

    # -- what is kept ------------------------------------------------------------------------------------------------

    def _standing(self, pause: Pause, here: Moment | None = None) -> Stand:
        return Stand(
            action_execution_id=self.job.action_execution_id,
            pause=pause,
            trees=dict(self._trees),
            outline=outline(self.plan.spec),
            values=self._begun,
            moments={position.key: moment for position, moment in self.past.moments.items()},
            here=here or self._here(),
            first=dict(self.past.first),
            kept=dict(self.past.trees),
        )

    def _here(self) -> Moment:
        try:
            return self._the_shell.moment()
        except OSError:
            return Moment("", str(self.inputs.layout.source))

    def _keep(self, stand: Stand) -> None:
        stand.masked(self.mask).write(self.desk.workspace)
        self.past.save()
        stands.remember(self.desk.workspace, stand)

    def _back_at(self, taken: Stand) -> Position:
        """Bring a new attempt to where the earlier one stopped. Returns the command that it begins with."""
        target, at = self._target_in(taken)
        if target == first_change(taken.outline, outline(self.plan.spec)):
            self.say(f"greenroom: command {target.index + 1} of {target.name} is the first that was edited")
        known = {Position.named(key): moment for key, moment in taken.moments.items()}
        moment = known[at] if at is not None else taken.here
        if moment.environment:
            self._the_shell.go_to(moment)
        again = stands.changed_values(taken.values, self._begun, str if self._whole else self.mask)
        for name, value in (again | {MARKER: self.job.action_execution_id}).items():
            self._the_shell.export(name, value)
        if lost := [name for name in masked_names(moment.environment) if name not in again]:
            for name in lost:
                self._the_shell.unset(name)
            self.say(
                f"greenroom: {', '.join(lost)} held a secret, which is not kept, so it is not set: what makes it runs"
                " again from the start"
            )
        self.past.moments = {p: m for p, m in known.items() if p < target}
        if self.plan.container:
            self.say("greenroom: it is a new container: what commands put outside the source directory is not there")
        stood = (taken.pause.phase, taken.pause.index - 1)
        if taken.pause.reason == "breakpoint" and (target.name, target.index) == stood:
            self._behind = target
        where = f"command {target.index + 1} of {target.name}"
        self.say(f"greenroom: taking up the attempt that stopped at {told(taken.pause)}, from {where}")
        return target

    @property
    def _the_shell(self) -> ShellSession:
        assert self._shell
        return self._shell


def _target(how: How, position: Position) -> Position:
    match how:
        case "phase":
            return position.beginning
        case "continue":
            return Position(position.phase, position.index + 1)
        case _:
            return position


def _told(how: How, target: Position, pause: Pause) -> str:
    if how == "continue" and pause.reason == "failed":
        what = outcome(pause.status)
        return f"going on as though the command had succeeded; on AWS the build fails here ({what})"
    return f"going on with command {target.index + 1} of {target.name}"
