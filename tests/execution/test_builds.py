"""The builds of a batch in the state: times, slots, what an end does to them, what a retry may keep."""

from __future__ import annotations

from dataclasses import replace

from engine.execution import events as ev
from engine.execution.beginning import used_slots
from engine.execution.builds import earlier_builds
from engine.execution.codec import decode, encode
from engine.execution.fold import apply
from engine.execution.state import PipelineState
from engine.model.member import MemberBuild
from engine.model.status import ActionStatus, StageStatus
from tests.execution.pipelines import action, pipeline


class Story:
    """A state, told event by event, a second apart."""

    def __init__(self) -> None:
        self.state = PipelineState("demo")
        self.at = 100.0
        declared = pipeline([action("Source:Src > src")], [action("Build:Batch src")])
        self.tell(ev.PipelineDefined(1, declared.model_dump_json(exclude_defaults=True), "p.json"))
        self.tell(ev.ExecutionStarted("e1", 1, 1, "StartPipelineExecution"))
        self.tell(ev.StageEntered("e1", "S2"))

    def tell(self, *told: ev.Event) -> None:
        for event in told:
            self.at += 1
            apply(self.state, ev.Recorded(self.state.seq + 1, self.at, "demo", decode(encode(event))))

    def batch(self, identity: str, attempt: int, fingerprint: str = "f") -> None:
        self.tell(
            ev.ActionScheduled("e1", "S2", "Batch", identity, attempt),
            ev.ActionPrepared(identity, fingerprint, "pure"),
            ev.ActionStarted(identity),
        )

    def build(self, identity: str, build: MemberBuild) -> None:
        self.tell(ev.BatchBuildChanged(identity, build))


def test_the_builds_of_a_batch_take_slots_and_times_and_end_with_it() -> None:
    story = Story()
    story.batch("a1", 1)
    state, batch = story.state, story.state.actions["a1"]
    assert used_slots(state) == 1  # the batch itself, before any build of it runs
    for name, needs in (("one", ()), ("two", ()), ("three", ("one",))):
        story.build("a1", MemberBuild(name, depends_on=needs))
    assert list(batch.builds) == ["one", "two", "three"]
    assert all(build.live and not build.started_at for build in batch.builds.values())
    for name in ("one", "two"):
        story.build("a1", replace(batch.builds[name], status="IN_PROGRESS"))
    assert used_slots(state) == 2
    began = batch.builds["one"].started_at
    story.build("a1", replace(batch.builds["one"], phase="BUILD"))
    assert batch.builds["one"].started_at == began
    story.build("a1", replace(batch.builds["one"], status="SUCCEEDED", fingerprint="f1", outputs={"one": "t"}))
    assert batch.builds["one"].seconds == story.at - began
    assert used_slots(state) == 1
    story.tell(ev.ActionEnded("a1", ActionStatus.ABANDONED))
    assert [build.status for build in batch.builds.values()] == ["SUCCEEDED", "STOPPED", "STOPPED"]
    assert batch.builds["two"].ended_at == story.at
    assert batch.builds["three"].ended_at == 0.0  # it never began
    assert used_slots(state) == 0


def test_a_retry_may_keep_what_succeeded_and_a_reused_batch_shows_its_builds() -> None:
    story = Story()
    story.batch("a1", 1)
    story.build("a1", MemberBuild("good", "SUCCEEDED", fingerprint="f1", outputs={"good": "t"}))
    story.build("a1", MemberBuild("tainted", "SUCCEEDED"))
    story.build("a1", MemberBuild("bad", "FAILED", fingerprint="f2"))
    story.tell(ev.ActionEnded("a1", ActionStatus.FAILED))
    story.tell(ev.StageEnded("e1", "S2", StageStatus.FAILED), ev.StageRetried("e1", "S2", "FAILED_ACTIONS"))
    story.batch("a2", 2)
    state, second = story.state, story.state.actions["a2"]
    kept = earlier_builds(state, second)
    assert {name: build.origin for name, build in kept.items()} == {"f1": "a1"}
    story.build("a2", kept["f1"])
    assert state.build_origin(second, "good").id == "a1"
    assert state.build_origin(second, "unknown").id == "a2"
    story.build("a2", MemberBuild("bad", "SUCCEEDED", fingerprint="f2"))
    story.tell(ev.ActionEnded("a2", ActionStatus.SUCCEEDED))
    story.tell(
        ev.ActionScheduled("e1", "S2", "Batch", "a3", 3),
        ev.ActionPrepared("a3", "f", "pure"),
        ev.ActionReused("a3", "a2"),
    )
    third = state.actions["a3"]
    assert list(third.builds) == ["good", "bad"]
    assert state.build_origin(third, "bad").id == "a2"
    assert state.build_origin(third, "good").id == "a1"
    assert earlier_builds(state, third)["f1"].origin == "a1"


def test_words_of_a_build() -> None:
    failed = MemberBuild("x", "FAILED")
    ignored = replace(failed, ignore_failure=True)
    assert (failed.bad, failed.passes) == (True, False)
    assert (ignored.bad, ignored.passes) == (False, True)
    assert MemberBuild("x", "STOPPED", ignore_failure=True).passes is False
