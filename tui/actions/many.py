"""Keys about several actions at once: the marked ones, or else the chosen one; from here, until here; once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.base import person
from tui.actions.gates import GateActions

if TYPE_CHECKING:
    from engine.model.pipeline import RetryMode


class ManyActions(GateActions):
    """A mark stays until it is taken away, or Esc takes all of them."""

    def action_mark(self) -> None:
        """Mark the chosen action, or take its mark away."""
        if self.store.action() is None:
            self.say("only an action can be marked")
            return
        self.store.mark(self.store.chosen)
        self.refresh_views()

    def targets(self) -> tuple[str, ...]:
        """What a command is about, as ``stage/action``."""
        keys = self.store.marked or ([self.store.place()] if self.store.action() else [])
        return tuple("/".join(key) for key in keys)

    def action_force(self) -> None:
        """Start a run that does these actions anew."""
        from engine.execution.requests import Start

        if targets := self.targets():
            self._start(Start(forced=targets), f"running {_listed(targets)} anew")

    def action_run_only(self) -> None:
        """Start a run of these actions and what they need."""
        from engine.execution.requests import Start
        from engine.execution.select import closure

        declaration, targets = self.store.declaration, self.targets()
        if declaration is not None and targets:
            self._start(Start(selected=closure(declaration, targets)), f"running {_listed(targets)} and what it needs")

    def action_run_part(self, side: str) -> None:
        """Start a run from these actions on, or up to them."""
        from engine.execution.requests import Start
        from engine.execution.select import chosen, closure

        declaration, targets = self.store.declaration, self.targets()
        if declaration is None or not targets:
            return
        start, until = (targets[0], "") if side == "from" else ("", targets[-1])
        wanted = closure(declaration, chosen(declaration, start=start, until=until))
        self._start(Start(selected=wanted), f"running from {start} on" if start else f"running until {until}")

    def action_retry(self, mode: RetryMode) -> None:
        """Retry the stages of the marked actions; without marks, as ever."""
        from engine.execution.requests import Retry

        execution = self.store.execution
        if not self.store.marked or execution is None or not self.store.following:
            super().action_retry(mode)
            return
        stages = list(dict.fromkeys(stage for stage, _ in self.store.marked))
        failed = [name for name in stages if (found := execution.stages.get(name)) and found.status in _AGAIN]
        for stage in failed:
            self.ask_engine(Retry(stage, execution.id, mode), f"retrying {stage}")
        if not failed:
            self.say(f"no stage of the marked actions has failed in #{execution.number}")
        self._unmark()

    def action_transition(self) -> None:
        """The transitions into the stages of the marked actions: all shut, or where all are, all opened."""
        from engine.execution.requests import DisableTransition, EnableTransition
        from tui.screens.gates import ReasonDialog

        state, stages = self.store.state, list(dict.fromkeys(stage for stage, _ in self.store.marked))
        if state is None or len(stages) < 2:
            super().action_transition()
            return
        still_open = [stage for stage in stages if state.disabled(stage) is None]

        def disable(reason: str | None) -> None:
            for stage in still_open if reason else ():
                self.ask_engine(DisableTransition(stage, str(reason), person()))

        if still_open:
            self.push_screen(ReasonDialog(", ".join(still_open)), disable)
        else:
            for stage in stages:
                self.ask_engine(EnableTransition(stage, person()))
        self._unmark()

    def action_restart(self) -> None:
        """End the run on the screen and start it anew."""
        from engine.execution.requests import Start, Stop
        from tui.screens.gates import ConfirmDialog

        execution = self._stoppable()
        if execution is None:
            self.ask_engine(Start())
            return
        identity, number = execution.id, execution.number

        def restart(sure: bool | None) -> None:
            if sure:
                self.ask_engine(Stop(identity, abandon=True, reason="restarted"))
                self.ask_engine(Start(), f"#{number} is ended, a new run begins")

        effects = self._effects(execution.id)
        if effects:
            text = f"{_listed(effects)} runs now and would be ended half-way."
            self.push_screen(ConfirmDialog(f"Restart #{number}?", text, "Restart"), restart)
        else:
            restart(sure=True)

    def action_undo(self) -> None:
        """Take back the last request that can be."""
        if not self.undoable:
            self.say("nothing to undo: what ran has run, and decisions stand")
            return
        request, told = self.undoable.pop()
        self.ask_engine(request, told, keep=False)

    def _effects(self, execution_id: str) -> list[str]:
        """What runs now and changes something outside."""
        state = self.store.state
        runs = state.actions.values() if state else ()
        return [
            f"{run.stage}/{run.action}"
            for run in runs
            if run.running and run.execution_id == execution_id and run.kind == "effect"
        ]

    def _start(self, request: object, done: str) -> None:
        from engine.execution.requests import Start

        if isinstance(request, Start):
            self.ask_engine(request, done)
            self._unmark()

    def _unmark(self) -> None:
        self.store.unmark()
        self.refresh_views()


_AGAIN = ("Failed", "Stopped")


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
