"""Keys that ask something of the engine: approve, retry, start, stop, pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.base import AppBase, person
from tui.store import BY_YOU

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution
    from engine.model.pipeline import RetryMode
    from tui.screens.approval import Decision
    from tui.screens.confirm import StopChoice


class RequestActions(AppBase):
    """Every action is a request; the engine may refuse it, and then says why."""

    # -- approvals ----------------------------------------------------------------------------------------------

    def action_approve(self) -> None:
        """Ask about the approval that is chosen, else the one that waits longest."""
        run = self._approval()
        if run is None:
            self.say("nothing waits for an approval")
        else:
            self._ask_approval(run)

    def _approval(self) -> ActionExecution | None:
        return self.chosen_approval() or next(iter(self.store.approvals()), None)

    def chosen_approval(self) -> ActionExecution | None:
        """The selected action, where it waits for a person."""
        waiting = self.store.approvals()
        return next((run for run in waiting if (run.stage, run.action) == self.store.chosen), None)

    def _ask_approval(self, run: ActionExecution, *, rejecting: bool = False) -> None:
        from tui.screens.approval import ApprovalDialog

        self.push_screen(ApprovalDialog(self.store, run, rejecting=rejecting), self._approval_decided)

    def _approval_decided(self, decision: Decision | None) -> None:
        from engine.execution.requests import Approve

        if decision is not None:
            request = Approve(decision.action_execution_id, decision.approved, decision.comment, person())
            self.ask_engine(request)

    # -- runs ---------------------------------------------------------------------------------------------------

    def action_start(self) -> None:
        """Start a run now."""
        from engine.execution.requests import Start

        self.ask_engine(Start())

    def action_retry(self, mode: RetryMode) -> None:
        """Retry the chosen stage if it failed, else the one that did."""
        from engine.execution.requests import Retry

        execution = self.store.execution
        if execution is None or not self.store.following:
            self.say("nothing has run yet" if execution is None else "an older run is only looked at: esc goes back")
            return
        stage = self.failed_stage(execution)
        if not stage:
            self.say(f"no stage of #{execution.number} has failed or was stopped")
            return
        what = "all of" if mode == "ALL_ACTIONS" else "what failed in"
        self.ask_engine(Retry(stage, execution.id, mode), f"retrying {what} {stage}")

    def failed_stage(self, execution: Execution) -> str:
        """The stage that a retry would run again; empty where none failed."""
        failed = [name for name, stage in execution.stages.items() if stage.status in ("Failed", "Stopped")]
        return self.store.chosen[0] if self.store.chosen[0] in failed else next(iter(failed), "")

    def action_stop(self) -> None:
        """Reject the approval that is chosen, else ask how to stop the run."""
        from tui.screens.confirm import StopDialog

        if (run := self.chosen_approval()) is not None:
            self._ask_approval(run, rejecting=True)
            return
        execution = self._stoppable()
        if execution is None:
            self.say("nothing is running")
            return

        def stop(chosen: StopChoice | None) -> None:
            from engine.execution.requests import Stop

            if chosen is not None:
                self.ask_engine(Stop(execution.id, chosen == "abandon"), f"stopping #{execution.number}")

        self.push_screen(StopDialog(execution.number, self.running(execution), self.standing(execution)), stop)

    def _stoppable(self) -> Execution | None:
        """The run on the screen if it goes on, else the newest that does."""
        shown = self.store.execution
        if shown is not None and shown.active:
            return shown
        return self.store.state.active[-1] if self.store.state and self.store.state.active else None

    def standing(self, execution: Execution | None = None) -> list[str]:
        """What is paused, by name."""
        paused = self.store.paused()
        return [one.place for one in paused if execution is None or one.run.execution_id == execution.id]

    def running(self, execution: Execution | None = None) -> list[str]:
        """What runs now, by name, and is not paused."""
        state = self.store.state
        if state is None:
            return []
        return [
            f"{run.stage}/{run.action}"
            for run in state.actions.values()
            if run.busy and (execution is None or run.execution_id == execution.id)
        ]

    def action_pause(self) -> None:
        """Stop watching for saves, or watch again."""
        from engine.execution.requests import SetWatch

        state = self.store.state
        if state is not None:
            paused = not state.watch_paused
            reason = BY_YOU if paused else ""
            self.ask_engine(SetWatch(paused, reason), "saves start nothing now" if paused else "watching for saves")
