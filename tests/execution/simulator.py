"""The core without a world: time, providers and the journal are played by a few lines."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.abandon import settle_abandoned
from engine.execution.answer import answer
from engine.execution.decide import World, decide
from engine.execution.fold import apply, replay
from engine.execution.reuse import previous
from engine.execution.rules import declared as declared_by
from engine.execution.state import ActionExecution, Execution, PipelineState
from engine.model.outcome import Change, Failure, Part, Revision
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration
from engine.model.status import ActionStatus

KINDS = {"Source": "source", "Approval": "approval", "Deploy": "effect", "Invoke": "effect"}


PAUSE = ev.Pause("BUILD", 2, "make test", "failed", 2, "BUILD-2")


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


class Simulator:
    """Drives `decide` and `answer` in virtual time. Actions run until `finish` is called on them.

    `policy` gives on-change by ``stage/action``; `outputs` may replace what an action makes of its inputs.
    """

    def __init__(
        self,
        declaration: PipelineDeclaration,
        *,
        jobs: int = 4,
        policy: dict[str, str] | None = None,
        outputs: Callable[[ActionDeclaration, dict[str, str]], str] | None = None,
        after: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.now = 1000.0
        self.after = after or {}
        self.jobs = jobs
        self.policy = policy or {}
        self.outputs = outputs or (lambda action, inputs: digest(action.name, sorted(inputs.items())))
        self.story: list[ev.Recorded] = []
        self.state = PipelineState(declaration.name)
        self.starts: list[str] = []
        self._ids = (f"id-{number}" for number in itertools.count(1))
        self.record([ev.PipelineDefined(1, declaration.model_dump_json(), "pipeline.json")])

    # -- the conductor's part ----------------------------------------------------------------------------------

    def record(self, events: list[ev.Event]) -> None:
        news = []
        for event in events:
            news.append(ev.Recorded(len(self.story) + 1, self.now, self.state.name, event))
            self.story.append(news[-1])
            apply(self.state, news[-1])
        for item in news:
            self._react(item.event)

    def settle(self) -> None:
        for _ in range(10_000):
            events = decide(self.state, World(self.now, lambda: next(self._ids), self.jobs, self.after))
            if not events:
                return
            self.record(events)
        raise AssertionError("decide never comes to rest")

    def _react(self, event: ev.Event) -> None:
        match event:
            case ev.ActionScheduled():
                action = self.state.actions.get(event.action_execution_id)
                if action and action.step == "scheduled":
                    self.record([self._prepared_rule(action) if action.condition else self._prepare(action)])
            case ev.ActionStarted():
                action = self.state.actions[event.action_execution_id]
                self.starts.append(f"{action.stage}/{action.action}")
                if action.kind == "source":
                    self._end(action, ActionStatus.SUCCEEDED)
            case ev.ActionCancelling():
                action = self.state.actions[event.action_execution_id]
                failed = event.failure is not None
                status = ActionStatus.FAILED if failed else ActionStatus.ABANDONED
                self.record([ev.ActionEnded(action.id, status, failure=event.failure, summary=event.reason)])

    def _prepare(self, action: ActionExecution) -> ev.Event:
        execution = self.state.executions[action.execution_id]
        declared = declared_by(self.state, action)
        inputs = {a.name: self.state.artifact(execution, a.name) for a in declared.inputArtifacts}
        if None in inputs.values():
            return ev.ActionEnded(action.id, ActionStatus.FAILED, failure=Failure("ConfigurationError", "no input"))
        known = {name: tree for name, tree in inputs.items() if tree}
        if declared.actionTypeId.category == "Source":
            known = {"source": execution.revisions[declared.name].tree}
        parts = tuple(Part("input", name, tree) for name, tree in known.items())
        if declared.actionTypeId.category == "Approval":
            from engine.execution.approval import content

            parts = content(self.state, execution, action.stage, declared)
        before = previous(self.state, action.stage, action.action, before=action.id)
        kind = KINDS.get(declared.actionTypeId.category, "pure")
        key = f"{action.stage}/{action.action}"
        return ev.ActionPrepared(
            action.id,
            fingerprint=digest(key, parts),
            kind=kind,  # type: ignore[arg-type]
            parts=parts,
            inputs=known,
            target=f"target:{key}" if kind == "effect" else "",
            on_change=self.policy.get(key, "finish" if kind == "effect" else "restart"),  # type: ignore[arg-type]
            changes=() if before else (Change("first"),),
            deadline=60.0 * (declared.timeoutInMinutes or 0),
            cost=0 if kind in ("source", "approval") else 1,
        )

    def _prepared_rule(self, rule: ActionExecution) -> ev.Event:
        """A rule that something runs for."""
        return ev.ActionPrepared(rule.id, fingerprint=digest(rule.action), kind="rule", reusable=False)

    def _end(self, action: ActionExecution, status: ActionStatus, *, tainted: bool = False) -> None:
        declared, prepared = declared_by(self.state, action), action.prepared
        assert prepared is not None
        outputs = {o.name: self.outputs(declared, prepared.inputs) for o in declared.outputArtifacts}
        if declared.actionTypeId.category == "Source":
            outputs = {o.name: prepared.inputs["source"] for o in declared.outputArtifacts}
        failed = status is ActionStatus.FAILED
        failure = Failure("JobFailed", "it failed") if failed else None
        self.record([ev.ActionEnded(action.id, status, {} if failed else outputs, failure=failure, tainted=tainted)])

    # -- what a test does --------------------------------------------------------------------------------------

    def ask(self, request: rq.Request) -> rq.Answer:
        given, events = answer(self.state, request, lambda: next(self._ids))
        self.record(events)
        self.settle()
        return given

    def define(self, declaration: PipelineDeclaration) -> None:
        """An edited definition is taken up."""
        self.record([ev.PipelineDefined(self.state.version + 1, declaration.model_dump_json(), "pipeline.json")])

    def start(self, tree: str = "t1", *, save: bool = False, **more: object) -> Execution:
        sources = [a.name for s in self.state.definition.stages for a in s.actions if not a.inputArtifacts]
        revisions = {name: Revision(tree, tree, tree) for name in sources}
        trigger = "Save" if save else "StartPipelineExecution"
        given = self.ask(rq.Start(trigger=trigger, revisions=revisions, **more))  # type: ignore[arg-type]
        assert given.ok, given
        return self.state.executions[given.execution_id]

    def running(self) -> list[ActionExecution]:
        """Actions and rules that run now, oldest first; nothing that only waits for a person or the clock."""
        return [a for a in self.state.actions.values() if a.busy and not a.passive]

    def pause(self, name: str) -> None:
        """A command of a running action fails, and somebody wants to look."""
        running = next(a for a in self.running() if f"{a.stage}/{a.action}" == name)
        self.record([ev.ActionPaused(running.id, PAUSE)])
        self.settle()

    def names(self) -> list[str]:
        return [f"{a.stage}/{a.action}" for a in self.running()]

    def finish(self, name: str | None = None, *, ok: bool = True) -> None:
        """End a running action (the oldest, or that ``stage/action``)."""
        for action in self.running():
            if name in (None, f"{action.stage}/{action.action}"):
                self._end(action, ActionStatus.SUCCEEDED if ok else ActionStatus.FAILED)
                self.settle()
                return
        raise AssertionError(f"{name} does not run; running: {self.names()}")

    def finish_all(self) -> None:
        while self.running():
            self.finish()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.settle()

    def crash(self) -> None:
        """kill -9, then a new start: the journal alone survives."""
        self.state = replay(self.state.name, self.story)
        self.record(settle_abandoned(self.state))

    def at(self, execution: Execution, name: str) -> ActionExecution | None:
        stage, action = name.split("/")
        return self.state.current(execution, stage, action)
