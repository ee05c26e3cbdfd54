"""`plan`: what a run would do now. The real decisions, on a copy of the state, with nothing started."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from engine.artifacts.store import Store
from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.answer import answer
from engine.execution.decide import World, decide
from engine.execution.explain import PlannedAction, Verdict, reasons
from engine.execution.fold import apply
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.masking import masked
from engine.model.status import ActionStatus
from engine.opening import Opened
from engine.prepare import Draft, gathered, work_out

UNKNOWN = "\ufffd"  # marks a tree or a value that only a run would tell; the maker's name stands between two
_MAKERS = re.compile(f"{UNKNOWN}([^{UNKNOWN}]*){UNKNOWN}")


class PlanRefused(Exception):
    """The run could not even start; the answer says why."""

    def __init__(self, refused: rq.Answer) -> None:
        super().__init__(refused.message)
        self.answer = refused


def rehearse(state: PipelineState, start: rq.Start, opened: Opened, store: Store) -> list[PlannedAction]:
    """What `start` would lead to, in pipeline order. Raises `PlanRefused`.

    `state` is the caller's own copy: the rehearsal writes into it.
    """
    stage = _Stage(_calm(state), opened, store)
    given, events = answer(stage.state, start, stage.new_id)
    if not given.ok:
        raise PlanRefused(given)
    stage.record(events)
    return stage.play(given.execution_id)


def _calm(state: PipelineState) -> PipelineState:
    """A state in which nothing else runs: older executions hold no locks in a rehearsal, and every stage is open."""
    state.transitions.clear()
    state.locks.clear()
    state.waiting.clear()
    for execution in list(state.active):
        del state.executions[execution.id]
    state.active_ids.clear()
    return state


class _Stage:
    def __init__(self, state: PipelineState, opened: Opened, store: Store) -> None:
        self.state = state
        self._opened = opened
        self._store = store
        self._ids = (f"plan-{number}" for number in itertools.count(1))
        self._plans: dict[tuple[str, str], PlannedAction] = {}
        self._pretending: set[str] = set()

    def new_id(self) -> str:
        return next(self._ids)

    def record(self, events: list[ev.Event]) -> None:
        for event in (masked(event, self._opened.hidden) for event in events):  # what is told must not tell secrets
            apply(self.state, ev.Recorded(self.state.seq + 1, 0.0, self.state.name, event))
            if isinstance(event, ev.ActionEnded) and event.action_execution_id in self._pretending:
                action = self.state.actions[event.action_execution_id]
                if not action.variables:
                    action.variables = _Unknown(f"{action.stage}/{action.action}")

    def play(self, execution_id: str) -> list[PlannedAction]:
        world = World(0.0, self.new_id, jobs=1_000_000)
        while events := decide(self.state, world):
            self.record(events)
            for event in events:
                self.record(list(self._react(event)))
        execution = self.state.executions[execution_id]
        self._plan_refused(execution)
        order = [(s.name, a.name) for s in self.state.declaration(execution).stages for a in s.actions]
        return [self._plans[key] for key in order if key in self._plans]

    def _plan_refused(self, execution: Execution) -> None:
        """What a condition that can be judged already keeps from running."""
        for stage in self.state.declaration(execution).stages:
            found = execution.stages[stage.name]
            for action in stage.actions if found.summary else ():
                planned = PlannedAction(stage.name, action.name, "skip", (found.summary,))
                self._plans.setdefault((stage.name, action.name), planned)

    def _react(self, event: ev.Event) -> Iterator[ev.Event]:
        match event:
            case ev.ActionScheduled() | ev.ActionStarted() if self._is_rule(event):
                action = self.state.actions[event.action_execution_id]
                if action.live and not _can_be_judged(action):
                    yield ev.ActionEnded(action.id, ActionStatus.SUCCEEDED, summary="taken to hold")
            case ev.ActionScheduled():
                action = self.state.actions[event.action_execution_id]
                if action.live:
                    yield from self._prepared(action)
                else:
                    self._plan(action, PlannedAction(action.stage, action.action, "skip", ("not selected",)))
            case ev.ActionReused():
                action = self.state.actions[event.action_execution_id]
                told = tuple(reasons(self.state, action))
                self._plan(action, PlannedAction(action.stage, action.action, "reuse", told, event.source, event.saved))
            case ev.ActionStarted():
                yield from self._would_run(self.state.actions[event.action_execution_id])

    def _is_rule(self, event: ev.ActionScheduled | ev.ActionStarted) -> bool:
        return bool(self.state.actions[event.action_execution_id].condition)

    def _plan(self, action: ActionExecution, planned: PlannedAction) -> None:
        self._plans.setdefault((action.stage, action.action), planned)

    def _prepared(self, action: ActionExecution) -> Iterator[ev.Event]:
        """Prepare it for real where its inputs are known; otherwise say what it waits for."""
        draft = gathered(self.state, action, self._opened)
        if isinstance(draft, ev.ActionEnded):
            failure = draft.failure.message if draft.failure else "cannot be prepared"
            self._plan(action, PlannedAction(action.stage, action.action, "run", (f"would fail: {failure}",)))
            yield self._pretended(action)
            return
        unknown = _unknown_makers(draft)
        if unknown:
            verdict: Verdict = "ask" if draft.provider.spec.kind == "approval" else "maybe"
            waits = f"depends on what {', '.join(unknown)} makes"
            self._plan(action, PlannedAction(action.stage, action.action, verdict, (waits,)))
            yield self._pretended(action)
        else:
            yield work_out(draft, action.id, self._store)

    def _would_run(self, action: ActionExecution) -> Iterator[ev.Event]:
        verdict: Verdict = "ask" if action.kind == "approval" else "stub" if action.kind == "stub" else "run"
        told = tuple(told for told in reasons(self.state, action) if told != "waiting for approval")
        self._plan(action, PlannedAction(action.stage, action.action, verdict, told))
        yield self._pretended(action)

    def _pretended(self, action: ActionExecution) -> ev.ActionEnded:
        """An end with outputs that nobody knows yet."""
        execution = self.state.executions[action.execution_id]
        declared = self.state.declaration(execution).action(action.stage, action.action)
        revision = execution.revisions.get(action.action) if declared.actionTypeId.category == "Source" else None
        unknown = f"{UNKNOWN}{action.stage}/{action.action}{UNKNOWN}"
        outputs = {output.name: revision.tree if revision else unknown for output in declared.outputArtifacts}
        self._pretending.add(action.id)
        return ev.ActionEnded(action.id, ActionStatus.SKIPPED, outputs, revision.variables if revision else {})


def _can_be_judged(rule: ActionExecution) -> bool:
    """Only comparisons: what a run of its own, the clock or an alarm would say when its turn comes, nobody knows."""
    said = rule.prepared.configuration if rule.prepared else {}
    return said.get("Rule") == "VariableCheck" and not any(UNKNOWN in text for text in said.values())


class _Unknown(dict[str, str]):
    """The variables of an action that has not run: every key has a value that nobody knows."""

    def __init__(self, maker: str) -> None:
        super().__init__()
        self._maker = maker

    def get(self, key: str, default: object = None) -> str:
        return f"{UNKNOWN}{self._maker}{UNKNOWN}"


def _unknown_makers(draft: Draft) -> list[str]:
    """The actions whose results this one needs and nobody knows yet."""
    job = draft.job
    read = [*job.inputs.values(), *(part.value for part in draft.content)]
    said = [*job.configuration.values(), *job.commands, *(variable.value for variable in job.environment)]
    return list(dict.fromkeys(maker for text in (*read, *said) for maker in _MAKERS.findall(text)))
