"""The core under random pipelines and random events, in virtual time, with its promises checked at every step."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.execution import events as ev
from engine.execution import requests as rq
from engine.execution.codec import decode, encode
from engine.execution.decide import next_deadline
from engine.execution.events import AlarmState, TriggerType
from engine.execution.pausing import From, How
from engine.execution.reuse import is_forced
from engine.execution.state import ActionExecution
from engine.model.outcome import Revision
from engine.model.pipeline import ConditionType, PipelineDeclaration
from engine.model.status import ActionStatus
from tests.execution.pipelines import action, check, condition, pipeline
from tests.execution.pipelines import rule as rule_of
from tests.execution.simulator import PAUSE, Simulator
from tests.execution.witness import Witness

RULES = st.sampled_from(
    [
        check("On", "#{variables.V}", "EQ", "on"),
        check("Broken", "#{Nobody.Knows}", "EQ", "on"),
        rule_of("Alarm", "CloudWatchAlarm", AlarmName="a"),
        rule_of("Patient", "CloudWatchAlarm", AlarmName="a", WaitTime="2"),
        rule_of("Half", "DeploymentWindow", Cron="* 30-45 * ? * * *"),
        rule_of("Smoke", "Commands", command="make smoke"),
        rule_of("Load", "CodeBuild", ProjectName="load"),
    ]
)


@st.composite
def gates(draw: st.DrawFn) -> dict[str, object]:
    """Conditions of one stage, of any kind and with any result."""
    rules = st.lists(RULES, min_size=1, max_size=2, unique_by=lambda rule: str(rule["name"]))
    found: dict[str, object] = {}
    if draw(st.booleans()):
        found["beforeEntry"] = condition(draw(st.sampled_from(["FAIL", "SKIP"])), *draw(rules))
    if draw(st.booleans()):
        found["onSuccess"] = condition(draw(st.sampled_from(["FAIL", "ROLLBACK"])), *draw(rules))
    failure = draw(st.sampled_from(["", "ROLLBACK", "RETRY", "condition", "retry, then condition"]))
    if failure.endswith("condition"):
        found["onFailure"] = condition(draw(st.sampled_from(["ROLLBACK", "RETRY"])), *draw(rules))
    if failure.isupper() or failure.startswith("retry"):
        mode = draw(st.sampled_from(["FAILED_ACTIONS", "ALL_ACTIONS"]))
        result = failure.partition(",")[0].upper()
        more = {"retryConfiguration": {"retryMode": mode}} if result == "RETRY" else {}
        found["onFailure"] = {**found.get("onFailure", {}), "result": result, **more}  # type: ignore[dict-item]
    return found


@st.composite
def declarations(draw: st.DrawFn) -> PipelineDeclaration:
    """Pipelines of one or two sources and one to four stages, in every mode."""
    sources = [f"Src{number}" for number in range(draw(st.integers(1, 2)))]
    stages = [[action(f"Source:{name} > A{name}") for name in sources]]
    made = [f"A{name}" for name in sources]
    for stage in range(draw(st.integers(1, 4))):
        actions, fresh = [], []
        for number in range(draw(st.sampled_from([1, 2, 3, 7]))):
            category = draw(st.sampled_from(["Build", "Test", "Deploy", "Approval"]))
            order = draw(st.integers(1, 2))
            name = f"{category}{stage}{number}@{order}"
            inputs = draw(st.lists(st.sampled_from(made), min_size=1, max_size=2, unique=True))
            if category == "Approval":
                actions.append(action(f"Approval:{name}", timeoutInMinutes=draw(st.integers(5, 9))))
            elif category == "Build":
                fresh.append(f"B{stage}{number}")
                actions.append(action(f"Build:{name} {','.join(inputs)} > {fresh[-1]}"))
            else:
                actions.append(action(f"{category}:{name} {','.join(inputs)}"))
        made += fresh
        stages.append(actions)
    mode = draw(st.sampled_from(["SUPERSEDED", "SUPERSEDED", "QUEUED", "PARALLEL"]))
    guarded = st.dictionaries(st.sampled_from([f"S{n}" for n in range(2, len(stages) + 1)]), gates(), max_size=2)
    variables = [{"name": "V", "defaultValue": "on"}]
    return pipeline(*stages, gates=draw(guarded), executionMode=mode, pipelineType="V2", variables=variables)


TREES = st.lists(st.integers(0, 2), min_size=2, max_size=2)


def keys(declaration: PipelineDeclaration) -> list[str]:
    """``stage/action`` of every action."""
    return [f"{stage.name}/{found.name}" for stage in declaration.stages for found in stage.actions]


class Core(RuleBasedStateMachine):
    """Random saves, starts, ends, approvals, stops, retries, waits and crashes."""

    simulator: Simulator

    @initialize(declaration=declarations(), jobs=st.integers(1, 8), cut_off=st.booleans(), data=st.data())
    def begin(self, declaration: PipelineDeclaration, jobs: int, cut_off: bool, data: st.DataObject) -> None:
        outputs = (lambda declared, inputs: f"same:{declared.name}") if cut_off else None
        policies = st.sampled_from(["restart", "restart", "finish", "ignore"])
        policy = {key: data.draw(policies) for key in keys(declaration) if "/Build" in key or "/Test" in key}
        self.simulator = Simulator(declaration, jobs=jobs, outputs=outputs, policy=policy)
        self.seen = 0
        self.told = 0
        self.evicted: set[str] = set()
        self.resumed: set[str] = set()
        self.witness = Witness(self.simulator.state.name)

    @rule(
        trees=TREES,
        trigger=st.sampled_from(["StartPipelineExecution", "Save", "Save"]),
        force=st.booleans(),
        value=st.sampled_from(["on", "on", "off"]),
        on_failure=st.sampled_from(["", "", "stop", "pause"]),
    )
    def start(self, trees: list[int], trigger: TriggerType, force: bool, value: str, on_failure: str) -> None:
        self._start(trees, trigger, forced=("*",) if force else (), variables={"V": value}, on_failure=on_failure)

    @rule(trees=TREES, data=st.data())
    def start_some(self, trees: list[int], data: st.DataObject) -> None:
        """A few actions only, some of them anew, some approvals given in advance."""
        some = st.lists(st.sampled_from(keys(self.simulator.state.definition)), max_size=2, unique=True).map(tuple)
        approve = data.draw(st.sampled_from([(), ("all",), *((key,) for key in self._keys() if "/Approval" in key)]))
        self._start(trees, "StartPipelineExecution", selected=data.draw(some), forced=data.draw(some), approve=approve)

    @rule(trees=TREES, declaration=declarations())
    def reload(self, trees: list[int], declaration: PipelineDeclaration) -> None:
        """The definition is edited, perhaps while things run; what had its names may mean something else now."""
        self.simulator.define(declaration)
        self._start(trees, "Reload")

    def _keys(self) -> list[str]:
        return keys(self.simulator.state.definition)

    def _start(self, trees: list[int], trigger: TriggerType, **more: object) -> None:
        sources = [a.name for a in self.simulator.state.definition.stages[0].actions]
        revisions = {name: Revision(f"t{k}", f"t{k}", f"t{k}") for name, k in zip(sources, trees, strict=False)}
        assert self.simulator.ask(rq.Start(trigger=trigger, revisions=revisions, **more)).ok  # type: ignore[arg-type]

    @precondition(lambda self: self.simulator.state.by_fingerprint)
    @rule(which=st.integers(0, 20))
    def evict(self, which: int) -> None:
        """The store drops a result and all that is the same content."""
        state = self.simulator.state
        known = [i for ids in state.by_fingerprint.values() for i in ids]
        if known:
            trees = set(state.actions[known[which % len(known)]].outputs.values())
            gone = [a.id for a in state.actions.values() if not a.evicted and trees & set(a.outputs.values())]
            self.simulator.record([ev.ResultsEvicted(tuple(gone))] if gone else [])
            self.evicted.update(gone)

    @precondition(lambda self: self.simulator.running())
    @rule(which=st.integers(0, 20), ok=st.sampled_from([True, True, True, False]), tainted=st.booleans())
    def end_action(self, which: int, ok: bool, tainted: bool) -> None:
        running = self.simulator.running()
        chosen = running[which % len(running)]
        self.simulator._end(chosen, ActionStatus.SUCCEEDED if ok else ActionStatus.FAILED, tainted=tainted)
        self.simulator.settle()

    @precondition(lambda self: self.simulator.running())
    @rule(which=st.integers(0, 20))
    def pause(self, which: int) -> None:
        """A command fails or comes to a breakpoint, and somebody wants to look."""
        running = [found for found in self.simulator.running() if not found.condition]
        if running:
            self.simulator.record([ev.ActionPaused(running[which % len(running)].id, PAUSE)])
            self.simulator.settle()

    @precondition(lambda self: self.simulator.state.paused())
    @rule(which=st.integers(0, 5), how=st.sampled_from(["command", "phase", "start", "continue", "fail"]))
    def resume(self, which: int, how: How) -> None:
        paused = self.simulator.state.paused()
        chosen = paused[which % len(paused)].run
        self.resumed.add(chosen.id)
        assert self.simulator.ask(rq.Resume(chosen.id, how)).ok

    @precondition(lambda self: self.simulator.state.approvals())
    @rule(which=st.integers(0, 5), yes=st.sampled_from([True, True, False]))
    def approve(self, which: int, yes: bool) -> None:
        waiting = self.simulator.state.approvals()
        assert self.simulator.ask(rq.Approve(waiting[which % len(waiting)].id, yes)).ok

    @rule(number=st.integers(1, 4), abandon=st.booleans())
    def stop(self, number: int, abandon: bool) -> None:
        self.simulator.ask(rq.Stop(f"#{number}", abandon))

    @rule(number=st.integers(0, 4), everything=st.booleans(), resume=st.sampled_from(["", "command", "phase"]))
    def retry(self, number: int, everything: bool, resume: From) -> None:
        mode = "ALL_ACTIONS" if everything else "FAILED_ACTIONS"
        self.simulator.ask(rq.Retry(execution=f"#{number}" if number else "", mode=mode, resume=resume))

    @rule()
    def work_off(self) -> None:
        """A quiet time: what runs succeeds, and people say yes."""
        for _ in range(40):
            if self.simulator.running():
                self.simulator.finish()
            elif waiting := self.simulator.state.approvals():
                self.simulator.ask(rq.Approve(waiting[0].id, True))

    def _stage(self, number: int) -> str:
        stages = self.simulator.state.definition.stages
        return stages[number % len(stages)].name

    @rule(stage=st.integers(0, 4), closed=st.booleans())
    def transition(self, stage: int, closed: bool) -> None:
        name = self._stage(stage)
        self.simulator.ask(rq.DisableTransition(name, "freeze") if closed else rq.EnableTransition(name))

    @rule(state=st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]))
    def alarm(self, state: AlarmState) -> None:
        assert self.simulator.ask(rq.SetAlarm("a", state)).ok

    @rule(stage=st.integers(0, 4), kind=st.sampled_from(["", "BEFORE_ENTRY", "ON_SUCCESS", "ON_FAILURE"]))
    def override(self, stage: int, kind: ConditionType) -> None:
        self.simulator.ask(rq.OverrideCondition(self._stage(stage), kind))

    @rule(stage=st.integers(0, 4), back=st.integers(0, 4))
    def rollback(self, stage: int, back: int) -> None:
        newest = len(self.simulator.state.executions)
        self.simulator.ask(rq.Rollback(self._stage(stage), f"#{newest - back + 1}" if back else ""))

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds: int) -> None:
        self.simulator.wait(seconds)

    @rule()
    def crash(self) -> None:
        self.simulator.crash()
        assert not any(found.live for found in self.simulator.state.actions.values())
        assert not self.simulator.state.active
        assert not self.simulator.state.locks

    # -- the promises ------------------------------------------------------------------------------------------

    @invariant()
    def the_journal_tells_everything_and_nothing_but_what_aws_allows(self) -> None:
        for item in self.simulator.story[self.witness.state.seq :]:
            self.witness.hear(ev.Recorded(item.seq, item.at, item.pipeline, decode(encode(item.event))))
        assert self.witness.state == self.simulator.state

    @invariant()
    def an_action_runs_once_at_a_time(self) -> None:
        state = self.simulator.state
        modes = {execution.mode for execution in state.active}
        if "PARALLEL" not in modes:  # rules of an execution that yields may still be coming to their end
            names = [f"{a.stage}/{a.action}" for a in state.actions.values() if a.running]
            assert len(names) == len(set(names))
        targets = [a.prepared.target for a in state.actions.values() if a.running and a.kind == "effect" and a.prepared]
        assert len(targets) == len(set(targets))

    @invariant()
    def only_the_holder_of_a_lock_is_inside(self) -> None:
        state = self.simulator.state
        for stage, holder in state.locks.items():
            assert state.executions[holder].stages[stage].holds_lock
            assert state.executions[holder].active
        for found in state.actions.values():
            owner = state.executions[found.execution_id]
            if found.live and owner.mode != "PARALLEL" and not owner.yields_to:
                assert state.locks[found.stage] == owner.id
        for execution in state.executions.values():
            assert execution.active or not any(stage.holds_lock for stage in execution.stages.values())

    @invariant()
    def nothing_is_left_of_a_condition_that_is_over(self) -> None:
        state = self.simulator.state
        for execution in state.executions.values():
            for found in (c for stage in execution.stages.values() for c in stage.conditions):
                assert execution.active or not found.live
                if not found.live:
                    assert not any(state.actions[i].step not in ("cancelling", "ended") for i in found.rules.values())

    @invariant()
    def no_more_than_jobs_run(self) -> None:
        """But for what somebody resumed: that goes on at once."""
        busy = [a for a in self.simulator.state.actions.values() if a.busy and a.prepared and a.id not in self.resumed]
        assert sum(a.prepared.cost for a in busy if a.prepared) <= self.simulator.jobs

    @invariant()
    def groups_run_in_order(self) -> None:
        state = self.simulator.state
        for found in (a for a in state.actions.values() if a.running and not a.condition):
            execution = state.executions[found.execution_id]
            declared = state.declaration(execution)
            order = declared.action(found.stage, found.action).runOrder
            for sibling in declared.stage(found.stage).actions:
                if sibling.runOrder < order:
                    current = state.current(execution, found.stage, sibling.name)
                    assert current is not None
                    assert current.status.passes

    @invariant()
    def what_stands_may_stand(self) -> None:
        """Nothing that was dropped, spoilt or failed is reused; nothing that was not chosen runs."""
        state, story = self.simulator.state, self.simulator.story
        for item in story[self.told :]:
            if isinstance(item.event, ev.ActionReused):
                origin = state.origin(state.actions[item.event.action_execution_id])
                assert origin.status is ActionStatus.SUCCEEDED
                assert origin.id not in self.evicted
                assert not (origin.tainted and origin.kind in ("pure", "source"))
                assert not origin.by_hand or origin.kind == "approval"
            if isinstance(item.event, ev.ActionStarted):
                started = state.actions[item.event.action_execution_id]
                selected = () if started.condition else state.executions[started.born_in].selected
                assert not selected or f"{started.stage}/{started.action}" in selected
        self.told = len(story)

    @invariant()
    def nothing_is_done_twice(self) -> None:
        """A pure action never starts when the same thing has succeeded already, unless it was forced."""
        state, story = self.simulator.state, self.simulator.story
        for item in story[self.seen :]:
            if isinstance(item.event, ev.ActionStarted):
                self._check_start(state.actions[item.event.action_execution_id], item)
        self.seen = len(story)

    def _check_start(self, started: ActionExecution, item: ev.Recorded) -> None:
        state = self.simulator.state
        born = state.executions[started.born_in]
        if started.kind != "pure" or is_forced(born.forced, started.stage, started.action) or started.resume:
            return
        same = state.by_fingerprint.get(started.fingerprint, [])
        earlier = [i for i in same if state.actions[i].ended_at and self._ended_before(i, item.seq)]
        assert not earlier, (started, earlier)

    def _ended_before(self, identity: str, seq: int) -> bool:
        return any(
            isinstance(item.event, ev.ActionEnded) and item.event.action_execution_id == identity and item.seq < seq
            for item in self.simulator.story
        )

    def teardown(self) -> None:
        """Everything comes to an end when actions end, people answer, stages are open and time goes by."""
        if not hasattr(self, "simulator"):
            return
        for stage in list(self.simulator.state.transitions):
            self.simulator.ask(rq.EnableTransition(stage))
        for _ in range(500):
            if self.simulator.running():
                self.simulator.finish()
            elif waiting := self.simulator.state.approvals():
                self.simulator.ask(rq.Approve(waiting[0].id, True))
            elif paused := self.simulator.state.paused():
                self.simulator.ask(rq.Resume(paused[0].target, "start"))
            elif (when := next_deadline(self.simulator.state)) is not None:
                self.simulator.wait(when - self.simulator.now)
            else:
                break
        stuck = [
            (
                e.number,
                e.mode,
                e.version,
                [(s.name, s.status, s.waiting) for s in e.stages.values() if s.attempt or s.waiting],
            )
            for e in self.simulator.state.active
        ]
        assert not stuck, (stuck, [(a.stage, a.action, a.step) for a in self.simulator.state.live()])


Core.TestCase.settings = settings(
    max_examples=110, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCore = Core.TestCase
