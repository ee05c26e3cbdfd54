"""Keys for actions that stand still in the middle, and for attempts that take up where an earlier one failed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.actions.base import person
from tui.actions.requests import RequestActions

if TYPE_CHECKING:
    from engine.execution.standing import Standing
    from engine.execution.state import ActionExecution
    from engine.model.pipeline import RetryMode
    from tui.messages import PausedWanted
    from tui.screens.standing import Way


class DebugActions(RequestActions):
    """A pause never opens anything by itself: it is a banner, a mark and a list."""

    def action_retry(self, mode: RetryMode) -> None:
        """Have the paused action go on, retry what failed from where the person says, or the whole stage."""
        paused = self.paused_one() if mode == "FAILED_ACTIONS" else None
        if paused is not None:
            self._ask_way(paused)
            return
        if mode == "FAILED_ACTIONS" and self._several_here():
            self.action_paused()
            return
        stopped = self._stopped_run() if mode == "FAILED_ACTIONS" else None
        if stopped is None or stopped.stopped_at is None:
            super().action_retry(mode)
            return
        from tui.screens.standing import WayDialog

        place = f"{stopped.stage}/{stopped.action}"
        self.push_screen(WayDialog(place, stopped.stopped_at, paused=False), partial(self._retry_from, stopped))

    def action_continue(self) -> None:
        """Have the paused action go on; one that failed, as though it had not, is asked about first."""
        one = self.paused_one()
        if one is None:
            self.action_paused()
        elif one.paused.reason == "breakpoint":
            self.resume(one, "continue")
        else:
            self._ask_way(one)

    def action_paused(self) -> None:
        """The list of all that are paused."""
        if not self.store.paused():
            self.say("nothing is paused")
            return
        from tui.screens.standing import PausedScreen

        self.push_screen(PausedScreen(self.store), self._go_to_paused)

    def on_paused_wanted(self, event: PausedWanted) -> None:
        """A key of the list."""
        one = next((one for one in self.store.paused() if one.target == event.target), None)
        if one is None:
            return
        match event.what:
            case "retry":
                self._ask_way(one)
            case "shell":
                self._go_to_paused(one.target)
                self.call_later(self.run_action, "shell")
            case "fail":
                self.resume(one, "fail")
            case _ if one.paused.reason == "breakpoint":
                self.resume(one, "continue")
            case _:
                self._ask_way(one)

    def paused_one(self) -> Standing | None:
        """What is paused of the chosen action, or the chosen build, in whichever execution; else the only one."""
        paused, (stage, action) = self.store.paused(), self.store.chosen
        exactly = [one for one in paused if one.place == f"{stage}/{action}"]
        chosen = exactly or [one for one in paused if (one.run.stage, one.run.action) == self.store.place()]
        if exactly or len(chosen) == 1:
            return chosen[0]
        return paused[0] if len(paused) == 1 else None

    def _several_here(self) -> bool:
        """Whether several builds of the chosen batch are paused."""
        return any((one.run.stage, one.run.action) == self.store.place() for one in self.store.paused())

    def resume(self, one: Standing, way: Way | None) -> None:
        """Have it go on."""
        from engine.execution.pausing import WAYS
        from engine.execution.requests import Resume

        if way is not None:
            self.ask_engine(Resume(one.target, way, person()), f"{one.place} {WAYS[way]}")

    def _ask_way(self, one: Standing) -> None:
        from tui.screens.standing import WayDialog

        self.push_screen(WayDialog(one.place, one.paused, paused=True), partial(self.resume, one))

    def _stopped_run(self) -> ActionExecution | None:
        """What a retry would run again and could take up: the chosen action, else the first that failed."""
        execution, state = self.store.execution, self.store.state
        if execution is None or state is None or not self.store.following:
            return None
        stage = execution.stages.get(self.failed_stage(execution))
        runs = [state.actions[ids[-1]] for ids in stage.actions.values()] if stage else []
        stopped = [run for run in runs if run.stopped_at and not run.live]
        chosen = [run for run in stopped if (run.stage, run.action) == self.store.place()]
        return next(iter(chosen or stopped), None)

    def _retry_from(self, run: ActionExecution, way: Way | None) -> None:
        from engine.execution.requests import Retry, Start

        state = self.store.state
        if way is None or state is None:
            return
        resume = way if way in ("command", "phase") else ""
        execution = state.executions[run.execution_id]
        if execution.version == state.version:
            retry = Retry(run.stage, run.execution_id, resume=resume)
            self.ask_engine(retry, f"retrying what failed in {run.stage}")
        else:  # the definition was edited, and no run goes on under another one than it began with
            self.ask_engine(Start(resume={f"{run.stage}/{run.action}": resume} if resume else {}))

    def _go_to_paused(self, target: str | None) -> None:
        """Show the run that is paused, and choose its action, or the build of its batch."""
        one = next((one for one in self.store.paused() if one.target == target), None)
        main = self.main
        if one is None or main is None or self.store.state is None:
            return
        run = one.run
        latest = self.store.state.latest
        self.store.view("" if latest and run.execution_id == latest.id else run.execution_id)
        main.choose((run.stage, "/".join(filter(None, (run.action, one.paused.build)))))
        self.refresh_views()
