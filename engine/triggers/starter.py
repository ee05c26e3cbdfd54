"""Starts runs for what happens outside: pushes, the clock, webhooks. What is refused is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.engine import Conductor
from engine.execution import requests as rq
from engine.execution.events import TriggerType
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.outcome import Revision
from engine.triggers.pushes import Pushed, detail

Tell = Callable[[list[Diagnostic]], None]


class Starter:
    """Asks the conductor for runs that are like what somebody asked for last. `tell` gets what starts nothing."""

    def __init__(self, conductor: Conductor, tell: Tell) -> None:
        self._conductor = conductor
        self._tell = tell

    async def start(
        self,
        what: str,
        trigger: TriggerType,
        detail: str,
        *,
        revisions: Mapping[str, Revision] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> rq.Answer:
        """Start a run. `what` says for people what happened, e.g. ``schedule nightly``."""
        conductor, asked = self._conductor, self._conductor.asked
        values = {**conductor.opened.project.variables, **asked.variables, **(variables or {})}
        given = await conductor.request(
            rq.Start(
                trigger,
                detail,
                dict(revisions or {}),
                values,
                selected=asked.selected,
                approve=asked.approve,
            )
        )
        if not given.ok:
            self.nothing(what, given.message)
        return given

    async def pushed(self, pushed: Pushed) -> rq.Answer | None:
        """Start what a push starts; None where it starts nothing."""
        verdict, push = pushed.starting, pushed.push
        if verdict is None:
            self.nothing(str(push), "; ".join(why_not(pushed)))
            return None
        opened = self._conductor.opened
        branch = push.name if push.kind == "branch" else ""
        present = await self._conductor.revisions()
        at_commit = {found.source: (pushed.commit, branch) for found in pushed.verdicts if found.starts}
        revisions = present | await self._conductor.revisions_at(at_commit)
        said = detail(opened, verdict, push, revisions[verdict.source])
        return await self.start(str(push), verdict.trigger, said, revisions=revisions)

    def doubts(self, found: list[str]) -> None:
        """Tell why commits will not start anything."""
        hint = "greenroom trigger says what starts the pipeline"
        if found:
            self._tell([Diagnostic("GR017", doubt, hint, Severity.WARNING) for doubt in found])

    def nothing(self, what: str, why: str) -> None:
        """Tell that something starts nothing."""
        self._tell([Diagnostic("GR014", f"{what} starts nothing: {why}", severity=Severity.WARNING)])


def why_not(pushed: Pushed) -> list[str]:
    """The filters that did not hold, in words: of those that are about such a push, where there are any."""
    alternatives = [alternative for verdict in pushed.verdicts for alternative in verdict.alternatives]
    meant = [found for found in alternatives if all(reason.applies for reason in found.reasons)] or alternatives
    return list(dict.fromkeys(reason.text for found in meant for reason in found.reasons if not reason.holds))
