"""What stands still: an action, or builds of its batch, that wait in the middle for somebody to resume them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.execution.pausing import Pause

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution


@dataclass(frozen=True, slots=True)
class Standing:
    """An action, or a build of its batch, that waits in the middle since a moment."""

    run: ActionExecution
    paused: Pause
    paused_at: float

    @property
    def target(self) -> str:
        """What names it in a request, whatever else is paused."""
        return f"{self.run.id}/{self.paused.build}" if self.paused.build else self.run.id

    @property
    def place(self) -> str:
        """``Stage/Action``, or ``Stage/Action/build``."""
        return "/".join(filter(None, (self.run.stage, self.run.action, self.paused.build)))

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it; an action's own name means all builds of its batch that are paused."""
        run, build = self.run, self.paused.build
        own = (f"{run.action}/{build}", build) if build else ()
        return (self.target, self.place, run.id, f"{run.stage}/{run.action}", run.action, run.stage, *own)


def is_still(action: ActionExecution) -> bool:
    """Whether it is paused, and nothing else goes on in it: no other build of its batch runs, or is about to."""
    return bool(action.pauses) and not any(
        (build.running and not build.paused)
        or (build.status == "PENDING" and all(action.builds[name].passes for name in build.depends_on))
        for build in action.builds.values()
    )


def rest(action: ActionExecution, pause: Pause, at: float) -> None:
    """It waits there, from now on."""
    if not action.pauses:
        action.still_since = at
    action.pauses[pause.build] = (pause, at)
    if build := action.builds.get(pause.build):
        action.builds[pause.build] = replace(build, paused=True)


def wake(action: ActionExecution, build: str, at: float) -> None:
    """It does not wait there any more, if it did: the time that it waited does not count as its own."""
    found = action.pauses.pop(build, None)
    if found and not action.pauses:
        action.rested += max(0.0, at - action.still_since)
    if found and (member := action.builds.get(build)):
        rested = member.rested + max(0.0, at - found[1])
        action.builds[build] = replace(member, paused=False, rested=rested)
