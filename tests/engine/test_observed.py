"""Observed inputs: what an action does not read does not make it run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.execution import requests as rq
from engine.execution.explain import reasons
from engine.journal.processes import leftovers
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Part
from engine.model.status import ActionStatus
from engine.prepare import Draft
from engine.runners.tracing import PREFIX, Tracer, obstacle
from engine.verifying import may_check
from tests.engine.place import PATIENCE, Place, Stage, commands
from tests.execution.pipelines import action

traced = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "traces")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n", b_txt="b\n", README="read me\n", lib__one="1\n")
    place.define(
        ("Source", [action("Source:Src > S", configuration={"RepositoryName": "demo", "BranchName": "main"})]),
        ("Build", [commands("Compute:Make S > B", "mkdir -p dist", "cat a.txt lib/* > dist/made.txt")]),
        ("After", [commands("Compute:Use B", "cat dist/made.txt")]),
    )
    definition = place.directory / "pipeline.json"
    definition.write_text(definition.read_text().replace('"**/*"', '"dist/**/*"'))
    place.project("inputs: observed\n")
    return place


def why(stage: Stage, name: str) -> list[str]:
    return reasons(stage.state, stage.at(name))


@traced
def test_only_what_it_reads_makes_an_action_run(place: Place) -> None:
    everything = ["Source/Src", "Build/Make", "After/Use"]
    with place.session() as stage:
        assert stage.run() == everything
        assert why(stage, "Build/Make")[-1] == "read 2 of 6 input files"

        place.write(README="changed\n", b_txt="changed\n")
        assert stage.run() == ["Source/Src"]
        told = why(stage, "Build/Make")
        assert told[0].startswith("reused: README, b.txt changed, which it does not read (observed in #1)")
        assert stage.at("Build/Make").outputs == stage.state.origin(stage.at("Build/Make")).outputs
        assert stage.run() == []
        place.write(README="changed back and forth\n")
        (planned,) = [one for one in stage.session.plan().result(PATIENCE) if one.action == "Make"]
        assert (planned.verdict, planned.source) == ("reuse", stage.at("Build/Make").reused_from)
        assert planned.reasons[0].startswith("reused: README, b.txt changed, which it does not read (observed in #1)")

        place.write(lib__two="2\n")  # a listed folder
        assert stage.run() == everything
        place.write(a_txt="changed\n")
        assert stage.run() == everything
        place.write(README="again\n")
        assert stage.run() == ["Source/Src"]
        assert "(observed in #5)" in why(stage, "Build/Make")[0]
        place.write(dist__there_already="x\n")
        assert stage.run() == ["Source/Src", "Build/Make"]
    with place.session() as stage:  # what is known is in the journal and the store
        place.write(b_txt="once more\n")
        assert stage.run() == ["Source/Src"]


@traced
def test_a_skipped_run_is_checked_in_the_background(place: Place) -> None:
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        place.write(README="changed\n")
        state = stage.until(lambda state: any(run.checked for run in state.actions.values()))
        (checked,) = [run for run in state.actions.values() if run.checked]
        assert checked.checked is not None
        assert (checked.checked.agrees, checked.action, checked.number) == (True, "Make", 2)
        assert "checked since: the same came of it" in why(stage, "Build/Make")[0]
        assert stage.started.count("Build/Make") == 1
        place.write(a_txt="changed\n")
        stage.until(lambda state: state.latest and state.latest.number == 3 and not state.active)
        assert stage.started.count("Build/Make") == 2
    assert not list((place.directory / ".greenroom" / "checks").iterdir())


@traced
def test_what_was_read_unseen_ends_the_narrowing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.runners import reading

    seen = reading.Reading.looks
    unseen = {"README"}
    monkeypatch.setattr(
        reading.Reading,
        "looks",
        lambda self: {n: {p: d for p, d in found.items() if p not in unseen} for n, found in seen(self).items()},
    )
    definition = place.directory / "pipeline.json"
    definition.write_text(definition.read_text().replace("cat a.txt ", "cat a.txt README "))
    told: list[Diagnostic] = []
    with place.session(watch=True) as stage:
        stage.session.notices(told.extend)
        stage.run(trigger="Save")
        unseen.clear()
        place.write(README="changed\n")
        stage.until(lambda state: state.distrusted)
        assert stage.state.distrusted["Build/Make"].reason == "it reads README after all"
        assert [note.message for note in told] == ["Build/Make was reused wrongly: it reads README after all"]
        assert "checked since: it should have run, it reads README after all" in why(stage, "Build/Make")[0]
        assert stage.run() == ["Build/Make", "After/Use"]  # what was reused by it does not stand
        assert why(stage, "Build/Make")[-1] == "all of its input counts: it reads README after all"
        place.write(b_txt="not read, and counts all the same\n")
        stage.until(lambda state: state.latest and state.latest.detail == "b.txt" and not state.active)
        assert stage.started.count("Build/Make") == 3
        place.project("inputs: observed\nactions: {Make: {environment: {NEW: '1'}}}\n")  # another action, so to say
        stage.until(lambda state: stage.started.count("Build/Make") == 4 and not state.active)
        place.write(b_txt="not read\n")
        stage.until(lambda state: state.latest and state.latest.detail == "b.txt" and not state.active)
        assert stage.at("Build/Make").reused


@traced
@pytest.mark.parametrize(
    ("line", "unseen", "reason"),
    [
        ("date +%N > dist/now", "", "it does not make the same twice (dist/now)"),
        ("cp README dist/copy", "README", "it makes something else (dist/copy) with another README, and was not seen"),
        ("grep -q me README", "README", "it fails with the inputs of now"),
        ("echo $PWD > dist/here", "", ""),
    ],
)
def test_what_a_check_says(place: Place, monkeypatch: pytest.MonkeyPatch, line: str, unseen: str, reason: str) -> None:
    from engine.runners import reading

    looks = reading.Reading.looks
    monkeypatch.setattr(
        reading.Reading,
        "looks",
        lambda self: {n: {p: d for p, d in found.items() if p != unseen} for n, found in looks(self).items()},
    )
    definition = place.directory / "pipeline.json"
    definition.write_text(definition.read_text().replace("cat a.txt ", f"{line} && cat a.txt "))
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        place.write(README="changed\n")
        state = stage.until(lambda state: any(run.checked for run in state.actions.values()))
        (checked,) = [run.checked for run in state.actions.values() if run.checked]
        assert checked.reason.startswith(reason)
        assert checked.agrees is not bool(reason)


@traced
def test_a_save_breaks_a_check_off(place: Place) -> None:
    flag, started = place.directory.parent / "flag", place.directory.parent / "started"
    definition = place.directory / "pipeline.json"
    wait = f"if [ -e {flag} ]; then echo $$ > {started}; exec sleep 600; fi; cat a.txt "
    definition.write_text(definition.read_text().replace("cat a.txt ", wait))
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        flag.touch()
        place.write(README="changed\n")
        while not (started.exists() and started.read_text().endswith("\n")):
            stage.session.state()
        check = int(started.read_text())
        assert os.getpriority(os.PRIO_PROCESS, check) == 19
        flag.unlink()
        place.write(a_txt="changed\n")
        stage.until(lambda state: state.latest and state.latest.number == 3 and not state.active)
        assert stage.started.count("Build/Make") == 2
        stage.until(lambda state: not Path(f"/proc/{check}").exists())
        # closing ends a check as well; what a kill would leave of one, the next start ends
        started.unlink()
        flag.touch()
        place.write(README="changed once more\n")
        while not (started.exists() and started.read_text().endswith("\n")):
            stage.session.state()
        check = int(started.read_text())
    while Path(f"/proc/{check}").exists():
        pass
    left = subprocess.Popen(["/bin/sleep", "600"], env={"GREENROOM_ACTION": "left-over"}, start_new_session=True)
    mark = place.directory / ".greenroom" / "checks" / "Build" / "marker"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("left-over")
    with place.session():
        assert left.wait(timeout=PATIENCE)
        assert not mark.exists()


def test_what_must_not_be_run_unasked(place: Place) -> None:
    def asked(settings: str, *parts: Part) -> bool:
        place.project(f"inputs: observed\n{settings}")
        opened = place.open()
        job = SimpleNamespace(project=opened.project, settings=opened.project.action("Build", "Make"))
        return may_check(cast("Draft", SimpleNamespace(job=job)), parts)

    secret = Part("env", "TOKEN", "secret:1234")
    assert asked("", Part("env", "STAGE", "dev"))
    assert not asked("", secret)
    assert not asked("aws: real\n")
    assert not asked("actions: {Make: {verify: false}}\n")
    assert asked("actions: {Make: {verify: true}}\n", secret)


@traced
def test_what_cannot_be_observed_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.providers.codebuild import observer

    monkeypatch.setattr(observer, "obstacle", lambda: "strace is not installed")
    with place.session() as stage:
        stage.run()
        assert why(stage, "Build/Make")[-1] == "all of its input counts: strace is not installed"
        place.write(README="changed\n")
        assert stage.run() == ["Source/Src", "Build/Make"]
    monkeypatch.undo()
    # a build that traces programs itself is not traced again, unless somebody insists
    traced = "python3 -c 'import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)'; cat a.txt "
    definition = place.directory / "pipeline.json"
    definition.write_text(definition.read_text().replace("cat a.txt ", traced))
    with place.session() as stage:
        for _ in range(2):
            stage.run()
            assert why(stage, "Build/Make")[-1] == "all of its input counts: it traces programs itself"
            place.write(README=f"changed {stage.started}\n")
        assert stage.at("Build/Make").observed is None


@traced
def test_a_stopped_run_leaves_no_tracer_behind(place: Place) -> None:
    started = place.directory.parent / "started"
    definition = place.directory / "pipeline.json"
    # one process in the background, which strace goes on watching when the command itself is over
    text = f"sh -c 'echo $$ > {started}; exec sleep 600' & exec sleep 600; cat a.txt "
    definition.write_text(definition.read_text().replace("cat a.txt ", text))
    with place.session() as stage:
        given = stage.ask(rq.Start())
        while not (started.exists() and started.read_text().endswith("\n")):
            stage.session.state()
        marker = f"GREENROOM_ACTION={stage.at('Build/Make').id}"
        assert len(leftovers(marker)) >= 3
        stage.ask(rq.Stop(given.execution_id, abandon=True))
        stage.until(lambda state: not state.executions[given.execution_id].active)
        assert leftovers(marker) == []
        assert not list((stage.session.workspace(stage.at("Build/Make").id)).rglob("*traces-*"))


@traced
def test_what_a_command_leaves_running_is_not_waited_for(place: Place) -> None:
    definition = place.directory / "pipeline.json"
    ask = "python3 -IS -c 'import os, socket; "
    ask += 'socket.create_connection(("127.0.0.1", int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])))'
    ask += "'"
    text = json.dumps(f"{ask}; sleep 600 & cat a.txt ")[1:-1]  # greenroom's own listener reads nothing for it
    definition.write_text(definition.read_text().replace("cat a.txt ", text))
    with place.session() as stage:
        stage.run()
        assert why(stage, "Build/Make")[-1] == "read 2 of 6 input files"
        assert leftovers(f"GREENROOM_ACTION={stage.at('Build/Make').id}") == []


@traced
def test_a_build_that_fails_for_being_watched_is_not_watched_again(place: Place) -> None:
    ask = "python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(0, 0, 0, 0) != 0)' && cat a.txt "
    definition = place.directory / "pipeline.json"
    definition.write_text(definition.read_text().replace("cat a.txt ", ask))
    with place.session() as stage:
        stage.run()
        assert stage.at("Build/Make").status is ActionStatus.FAILED
        assert why(stage, "Build/Make")[-1] == "all of its input counts: it traces programs itself"
        stage.run()
        assert stage.at("Build/Make").status is ActionStatus.SUCCEEDED


@traced
def test_traces_are_nowhere_once_they_are_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    real = Tracer.__init__

    def noted(self: Tracer, parent: Path) -> None:
        real(self, parent)
        made.append(self.folder)

    monkeypatch.setattr(Tracer, "__init__", noted)
    with place.session() as stage:
        stage.run()
        workspace = stage.session.workspace(stage.at("Build/Make").id)
        left = workspace / f"{PREFIX}killed"
        left.mkdir()
    (place.directory / ".secrets").write_text("TOKEN=very-secret-token\n")  # then names of files stay in memory
    place.write(a_txt="changed\n")
    with place.session() as stage:
        stage.run()
    assert [path.parent for path in made[:1]] == [workspace]
    assert [path.parent for path in made[-1:]] == [Path("/dev/shm")]
    assert not any(path.exists() for path in [*made, left])
