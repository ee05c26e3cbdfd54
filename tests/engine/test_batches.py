"""Batches under the conductor: job slots, retries that keep what succeeded, stops, logs, restarts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from engine.execution import requests as rq
from engine.execution.beginning import used_slots
from engine.execution.state import ActionExecution, PipelineState
from engine.journal.processes import MARKER, leftovers
from engine.model.member import MemberBuild, build_uuid
from engine.model.status import ActionStatus, ExecutionStatus
from engine.recovery import end_processes
from engine.session import Reader
from engine.upkeep import kept_logs, kept_trees
from tests.engine.place import PATIENCE, Place, Stage, action, commands

GRAPH = {
    "build-graph": [
        {"identifier": "good"},
        {"identifier": "bad"},
        {"identifier": "after", "depend-on": ["bad"]},
    ]
}


def batch(place: Place, section: object, *lines: str, beside: tuple[dict[str, object], ...] = ()) -> None:
    """A pipeline with a batch, and other actions beside it."""
    build = action("Build:Batch S > good", configuration={"ProjectName": "web", "BatchEnabled": "true"})
    place.define(("Source", [action("Source:Src > S")]), ("Build", [build, *beside]))
    spec = {
        "version": 0.2,
        "batch": section,
        "phases": {"build": {"commands": list(lines)}},
        "artifacts": {"files": "out"},
    }
    place.write(**{"buildspec.yml": json.dumps(spec)})


def statuses(stage: Stage) -> dict[str, str]:
    return {name: build.status for name, build in stage.at("Build/Batch").builds.items()}


def test_a_retry_keeps_the_builds_that_succeeded(tmp_path: Path) -> None:
    place, counts = Place(tmp_path / "project"), tmp_path / "counts"
    counts.mkdir()
    batch(
        place,
        GRAPH,
        f"me=$CODEBUILD_BATCH_BUILD_IDENTIFIER; echo ran >> {counts}/$me; echo $me > out",
        f'if [ "$me" = bad ]; then test -e {counts}/mended; fi',
    )
    with place.session() as stage:
        stage.run()
        failed = stage.at("Build/Batch")
        assert statuses(stage) == {"good": "SUCCEEDED", "bad": "FAILED", "after": "STOPPED"}
        assert failed.failure is not None
        assert "Failed builds: bad." in failed.failure.message
        assert "Running command if" in stage.session.log(failed.id, "bad").read_text()
        (counts / "mended").touch()
        assert stage.ask(rq.Retry()).ok
        stage.until(lambda state: state.latest and not state.latest.active)
        again = stage.at("Build/Batch")
        assert (again.attempt, again.status) == (2, ActionStatus.SUCCEEDED)
        assert statuses(stage) == {"good": "SUCCEEDED", "bad": "SUCCEEDED", "after": "SUCCEEDED"}
        assert again.builds["good"].origin == failed.id
        assert again.summary == "3 builds, 1 kept"
        assert {file.name: file.read_text().count("ran") for file in counts.iterdir() if file.name != "mended"} == {
            "good": 1,
            "bad": 2,
            "after": 1,
        }
        files = stage.session.files(again.outputs["good"]).result(PATIENCE)
        assert [path for path, _, _ in files] == ["out"]
        assert stage.session.log(again.id, "good") == stage.session.log(failed.id, "good")
        assert stage.session.log(again.id, "bad") != stage.session.log(failed.id, "bad")
        assert {stage.session.log(again.id, name) for name in again.builds} <= kept_logs(
            stage.state, lambda one, build: stage.session.log(one.id, build)
        )
        assert set(again.builds["good"].outputs.values()) <= kept_trees(stage.state)
        argv, directory, _ = stage.session.shell(again.id, "bad")
        assert argv
        assert directory.parts[-3:] == ("bad", "build", "src")
        assert stage.run() == []  # the whole batch is one result
        assert list(stage.at("Build/Batch").builds) == ["good", "bad", "after"]
        assert stage.run(forced=("Build/Batch",)) == ["Build/Batch"]
        assert not any(build.reused for build in stage.at("Build/Batch").builds.values())
    restarted = Reader(place.directory / ".greenroom").state("demo")
    assert restarted.latest is not None
    found = restarted.current(restarted.latest, "Build", "Batch")
    assert found is not None
    assert [build.status for build in found.builds.values()] == ["SUCCEEDED"] * 3


def test_a_batch_and_its_neighbours_share_the_jobs(tmp_path: Path) -> None:
    place = Place(tmp_path / "project")
    beside = commands("Compute:Beside S > other", "true", runOrder=1)
    names = [f"b{number}" for number in range(5)]
    batch(place, {"build-list": [{"identifier": name} for name in names]}, "touch out", beside=(beside,))
    with place.session(jobs=2) as stage:
        most: list[int] = []
        stage.session.subscribe(lambda news: most.append(used_slots(stage.session._conductor.state)), after=0)
        stage.run()
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED
        assert list(statuses(stage)) == names
        assert max(most) == 2
        times = [(build.started_at, build.ended_at) for build in stage.at("Build/Batch").builds.values()]
        assert all(started and ended >= started for started, ended in times)


def test_a_stop_ends_all_builds_and_a_later_start_can_tell_whose_processes_are_left(tmp_path: Path) -> None:
    place = Place(tmp_path / "project")
    batch(place, GRAPH, "echo $$ > pid; sleep 600")

    def both_run(state: PipelineState) -> bool:
        found = state.current(state.latest, "Build", "Batch") if state.latest else None
        return found is not None and len(found.processes) >= 2

    with place.session(jobs=4) as stage:
        given = stage.ask(rq.Start())
        stage.until(both_run)
        running = stage.at("Build/Batch")
        ids = [build_uuid(running.id, name) for name in ("good", "bad")]
        assert stage.ask(rq.Stop(abandon=True)).ok
        stage.until(lambda state: not state.executions[given.execution_id].active)
        assert statuses(stage) == {"good": "STOPPED", "bad": "STOPPED", "after": "STOPPED"}
        assert not any(leftovers(f"{MARKER}={identity}") for identity in ids)
        assert "State: STOPPED" in stage.session.log(running.id, "good").read_text()


def test_what_a_crash_left_of_a_build_is_ended_by_the_next_start() -> None:
    action = ActionExecution("a", "e", "e", 1, "Build", "Batch", 1, 0.0)
    action.builds = {"one": MemberBuild("one", "IN_PROGRESS"), "two": MemberBuild("two", "SUCCEEDED")}
    marker = build_uuid("a", "one")
    left = subprocess.Popen(
        ["sh", "-c", "echo here; exec sleep 600"],
        env={MARKER: marker, "PATH": os.environ["PATH"]},
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    try:
        assert left.stdout is not None
        with left.stdout as heard:
            assert heard.readline() == b"here\n"
        assert left.pid in leftovers(f"{MARKER}={marker}")
        end_processes(action)
        assert left.wait(PATIENCE) != 0
    finally:
        left.kill()
