"""Observed inputs in the core: which run stands, how long, and what a failed check ends."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution import events as ev
from engine.execution.codec import decode, encode
from engine.execution.explain import reasons
from engine.execution.fold import replay
from engine.execution.narrowing import CHECKS, KEPT, is_hopeless, is_narrow, wants_check
from engine.execution.state import ActionExecution
from engine.execution.trim import trim
from engine.model.observation import Narrowing, Observation
from engine.model.status import ActionStatus
from tests.execution.pipelines import action, pipeline
from tests.execution.simulator import Simulator

NAME = "S2/Compile"


class Observing(Simulator):
    """Trees are called ``code-readme``: Compile reads the code alone, and makes something of it alone."""

    base = "base"
    observed = Observation("looks", 1, 2)

    def __init__(self) -> None:
        super().__init__(
            pipeline([action("Source:Src > S")], [action("Build:Compile S > B")], [action("Test:Use B")]),
            outputs=lambda declared, inputs: str(sorted(tree.partition("-")[0] for tree in inputs.values())),
        )

    def _prepare(self, action: ActionExecution) -> ev.Event:
        event = super()._prepare(action)
        if not isinstance(event, ev.ActionPrepared) or action.action != "Compile":
            return event
        code = event.inputs["S"].partition("-")[0]
        found = ""
        for identity in reversed(self.state.observed.get(NAME, ())):
            seen = self.state.actions[identity].prepared
            if seen and seen.narrowing and seen.narrowing.base == self.base and seen.inputs["S"].startswith(f"{code}-"):
                found = identity
                break
        return dataclasses.replace(event, narrowing=Narrowing(self.base, found, ("README.md",)))

    def record(self, events: list[ev.Event]) -> None:
        super().record([self._seen(event) for event in events])

    def _seen(self, event: ev.Event) -> ev.Event:
        if isinstance(event, ev.ActionEnded) and self.state.actions[event.action_execution_id].action == "Compile":
            event = dataclasses.replace(event, observed=self.observed)
        return decode(encode(event))

    def run(self, tree: str, forced: tuple[str, ...] = ()) -> list[str]:
        before = len(self.starts)
        self.start(tree, forced=forced)
        self.finish_all()
        return [name for name in self.starts[before:] if name == NAME]

    @property
    def compiled(self) -> ActionExecution:
        assert self.state.latest is not None
        found = self.at(self.state.latest, NAME)
        assert found is not None
        return found

    def check(self, *, agrees: bool, reason: str = "") -> None:
        compiled = self.compiled
        self.record([ev.ReuseChecked(compiled.id, compiled.reused_from, agrees, reason)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=20))
def test_it_runs_for_what_it_reads(trees: list[tuple[int, int]]) -> None:
    simulator = Observing()
    runs: list[tuple[int, int]] = []
    for code, readme in trees:
        known = (code, readme) in runs or code in [ran for ran, _ in runs[-KEPT:]]
        assert simulator.run(f"{code}-{readme}") == ([] if known else [NAME])
        if not known:
            runs.append((code, readme))
        assert is_narrow(simulator.state, simulator.compiled) is (known and (code, readme) not in runs)
        assert simulator.compiled.outputs == {"B": str([str(code)])}
    assert replay("demo", simulator.story).observed == simulator.state.observed


def test_what_is_told_of_it() -> None:
    simulator = Observing()
    simulator.run("1-1")
    assert reasons(simulator.state, simulator.compiled) == ["first run of this action", "read 1 of 2 input files"]
    simulator.run("1-2")
    told = "reused: README.md changed, which it does not read (observed in #1)"
    assert reasons(simulator.state, simulator.compiled) == [told]
    simulator.check(agrees=True)
    assert reasons(simulator.state, simulator.compiled) == [f"{told}; checked since: the same came of it"]
    assert simulator.run("1-3", forced=(NAME,)) == [NAME]


def test_a_failed_check_ends_it_until_something_else_changes() -> None:
    simulator = Observing()
    for readme in (1, 2):
        simulator.run(f"1-{readme}")
    simulator.check(agrees=False, reason="it reads README.md after all")
    assert "it should have run, it reads README.md after all" in reasons(simulator.state, simulator.compiled)[0]
    assert simulator.run("1-2") == [NAME]  # what it stood for does not stand
    assert reasons(simulator.state, simulator.compiled)[-1] == "all of its input counts: it reads README.md after all"
    assert simulator.run("1-3") == [NAME]
    assert simulator.run("1-1") == []  # the very same inputs are as good as ever
    simulator.base = "other commands"
    assert simulator.run("1-4") == [NAME]
    assert simulator.run("1-5") == []


def test_only_sound_results_stand_for_others() -> None:
    simulator = Observing()
    simulator.start("1-1")
    simulator.finish("S2/Compile", ok=False)
    assert simulator.run("1-2") == [NAME]
    simulator.record([ev.ResultsEvicted((simulator.compiled.id,))])
    assert simulator.run("1-3") == [NAME]
    tainted = Observing()
    tainted.start("1-1")
    (compiling,) = tainted.running()
    tainted._end(compiling, ActionStatus.SUCCEEDED, tainted=True)
    tainted.settle()
    tainted.finish_all()
    assert tainted.run("1-2") == [NAME]
    unseen = Observing()
    unseen.observed = Observation(trouble="strace is not installed")
    unseen.run("1-1")
    assert unseen.run("1-2") == [NAME]
    assert reasons(unseen.state, unseen.compiled)[-1] == "all of its input counts: strace is not installed"
    assert not is_hopeless(unseen.state, unseen.compiled)
    unseen.observed = Observation(trouble="it traces programs itself", hopeless=True)
    unseen.run("1-3")
    assert is_hopeless(unseen.state, unseen.compiled)


def test_each_observed_run_is_checked_a_few_times() -> None:
    simulator = Observing()
    simulator.run("1-0")
    assert not wants_check(simulator.state, simulator.compiled)
    for readme in range(1, CHECKS + 1):
        simulator.run(f"1-{readme}")
        assert wants_check(simulator.state, simulator.compiled)
        simulator.check(agrees=True)
    simulator.run("1-9")
    assert not wants_check(simulator.state, simulator.compiled)
    simulator.run("2-0")
    simulator.run("2-1")
    assert wants_check(simulator.state, simulator.compiled)


def test_a_trimmed_state_narrows_on() -> None:
    simulator = Observing()
    for code in range(4):
        simulator.run(f"{code}-0")
    simulator.run("3-1")
    simulator.check(agrees=False, reason="it reads more")
    trim(simulator.state, executions=1, results=2)
    assert all(identity in simulator.state.actions for identity in simulator.state.observed[NAME])
    assert simulator.state.distrusted[NAME].reason == "it reads more"
    simulator.record([ev.ReuseChecked("of long ago", "", True)])  # by then nobody remembers it
    assert simulator.run("3-2") == [NAME]
