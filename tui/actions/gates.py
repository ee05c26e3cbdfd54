"""Keys about a stage as a whole: its transition, its condition, going back; and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.base import person
from tui.actions.debugging import DebugActions

if TYPE_CHECKING:
    from engine.execution.state import Execution
    from tui.screens.gates import AlarmState, Offer


class GateActions(DebugActions):
    """They are about the stage of the chosen action."""

    def action_transition(self) -> None:
        """Disable the transition into the stage, for a reason, or enable it again."""
        from engine.execution.requests import DisableTransition, EnableTransition
        from tui.screens.gates import ReasonDialog

        state, (stage, _) = self.store.state, self.store.chosen
        if state is None or not stage:
            return
        if state.disabled(stage) is not None:
            self.ask_engine(EnableTransition(stage, person()))
            return

        def disable(reason: str | None) -> None:
            if reason:
                self.ask_engine(DisableTransition(stage, reason, person()))

        self.push_screen(ReasonDialog(stage), disable)

    def action_rollback(self) -> None:
        """Choose an execution to bring the stage back to."""
        from engine.execution.requests import Rollback
        from engine.execution.rollback import targets
        from tui.screens.gates import ListDialog

        state, (stage, _) = self.store.state, self.store.chosen
        if state is None or not stage:
            return
        found = targets(state, stage)
        if not found:
            self.ask_engine(Rollback(stage, by=person()))  # the engine knows why there is none
            return

        def roll_back(identity: str | None) -> None:
            if identity:
                self.ask_engine(Rollback(stage, identity, person()))

        text = f"{stage} alone runs again, with that run's revisions, artifacts and variables."
        self.push_screen(ListDialog(f"Roll {stage} back to", text, self._targets(found), "Roll back"), roll_back)

    def _targets(self, found: list[Execution]) -> list[Offer]:
        from tui.graph.durations import duration
        from tui.screens.gates import Offer

        now = self.store.clock()
        return [
            Offer(run.id, f"#{run.number}", f"{run.label}  {duration(now - run.started_at, coarse=True)} ago")
            for run in found[:50]
        ]

    def action_override(self) -> None:
        """Let the run pass in spite of the stage's condition."""
        from engine.execution.requests import OverrideCondition
        from tui.screens.gates import ConfirmDialog

        stage, _ = self.store.chosen
        execution = self.store.owner(self.store.chosen)
        if execution is None or not stage:
            return

        def override(sure: bool | None) -> None:
            if sure:
                self.ask_engine(OverrideCondition(stage, execution=execution.id, by=person()))

        entered = execution.stages.get(stage)
        failing = [c for c in entered.conditions if c.stands and not c.passed] if entered else []
        if not failing:
            self.say(f"no condition holds {stage} of #{execution.number}")
            return
        text = f"#{execution.number} passes {stage} whatever its rules say. Rules that still run are abandoned."
        self.push_screen(ConfirmDialog(f"Override the condition of {stage}?", text, "Override"), override)

    def action_alarms(self) -> None:
        """Give a local CloudWatch alarm another state."""
        from engine.execution.requests import SetAlarm
        from tui.screens.gates import ListDialog, alarm_of, alarm_offers

        states = self._alarms()
        if not states:
            self.say("no rule watches an alarm here, and greenroom.yaml names none")
            return

        def give(value: str | None) -> None:
            if value:
                name, chosen = alarm_of(value)
                self.ask_engine(SetAlarm(name, chosen, by=person()), f"alarm {name} is {chosen}")

        text = "Local stand-ins of CloudWatch alarms; rules look at them."
        self.push_screen(ListDialog("Set an alarm", text, alarm_offers(states), "Set"), give)

    def _alarms(self) -> dict[str, AlarmState]:
        """Alarms that have a state, and those that rules name."""
        state, declaration = self.store.state, self.store.declaration
        if state is None or declaration is None:
            return {}
        from tui.graph.conditions import alarms

        known: dict[str, AlarmState] = {name: found.state for name, found in state.alarms.items()}
        return {**dict.fromkeys(alarms(declaration), "INSUFFICIENT_DATA"), **known}
