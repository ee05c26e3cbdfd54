"""The conductor with real providers, processes and files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine.execution import requests as rq
from engine.execution.explain import reasons
from engine.journal.lock import Busy
from engine.model.status import ActionStatus, ExecutionStatus
from engine.opening import OpenError
from engine.session import Reader, remote
from tests.engine.place import Place, action, commands


def test_a_pipeline_runs_to_its_end_and_deploys(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED
        assert (place.directory / "out/dist/made.txt").read_text() == "A\n"
        assert "grep b b.txt" in stage.log("Build/Check")


def test_a_second_run_reuses_everything_and_says_so(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        assert stage.run() == []
        assert reasons(stage.state, stage.at("Deploy/Ship")) == ["already applied in #1, content unchanged"]


def test_reuse_survives_a_restart(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
    with place.session() as stage:
        assert stage.run() == []
        assert "grep b b.txt" in stage.log("Build/Check")


def test_one_changed_file_reruns_only_its_chain(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        place.write(b_txt="b too\n")
        assert stage.run() == ["Source/Src", "Build/Check"]
        place.write(a_txt="aa\n")
        assert stage.run(approve=("all",)) == ["Source/Src", "Build/Make", "Approve/Ok", "Deploy/Ship"]
        made = stage.at("Build/Make")
        assert reasons(stage.state, made) == ["input S changed: a.txt"]


def test_a_result_whose_content_is_gone_is_made_again(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        stage.session._store.prune(0, keep=())
        assert "Build/Make" in stage.run()


def test_a_failure_stops_the_pipeline_and_a_retry_goes_on(place: Place) -> None:
    place.write(b_txt="nothing\n")
    with place.session() as stage:
        stage.run(approve=("all",))
        failed = stage.at("Build/Check")
        assert failed.status is ActionStatus.FAILED
        assert failed.failure is not None
        assert "grep b b.txt" in failed.failure.message
        place.write(b_txt="b\n")
        assert stage.ask(rq.Retry()).ok  # the same revision: it fails again, as on AWS
        stage.until(lambda state: state.latest and not state.latest.active)
        assert stage.at("Build/Check").attempt == 2
        assert stage.at("Build/Check").status is ActionStatus.FAILED
        stage.run(approve=("all",))
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED


def test_what_is_approved_is_shown(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        place.write(a_txt="new\n", c_txt="c\n")
        stage.ask(rq.Start())
        stage.until(lambda state: state.approvals())
        prepared = stage.at("Approve/Ok").prepared
        assert prepared is not None
        assert "Src: 2 files changed since the last approval" in prepared.evidence
        assert "  a.txt" in prepared.evidence


def test_a_running_greenroom_is_asked_through_its_socket(place: Place) -> None:
    state_dir = place.directory / ".greenroom"
    assert remote(state_dir, rq.Approve("Ok", True), "demo").exception == "NotRunning"
    with place.session() as stage:
        stage.ask(rq.Start())
        stage.until(lambda state: state.approvals())
        assert remote(state_dir, rq.Approve("Nope", True), "demo").exception == "InvalidApprovalTokenException"
        assert remote(state_dir, rq.Approve("Ok", True, by="ana"), "demo").ok
        stage.until(lambda state: state.latest and not state.latest.active)
        assert stage.at("Approve/Ok").decision is not None
        assert Reader(state_dir).state("demo") == stage.state


def test_a_second_greenroom_is_told_who_runs(place: Place) -> None:
    with place.session(), pytest.raises(Busy) as busy, place.session():
        pass
    assert busy.value.owner.pid
    with place.session():
        pass


def test_stopping_ends_the_processes(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Long S", "echo $$ > pid", "sleep 1000")]),
    )
    with place.session() as stage:
        stage.ask(rq.Start())
        stage.until(lambda state: any(len(a.processes) >= 2 for a in state.actions.values()))
        pids = list(stage.at("Build/Long").processes)
        stage.ask(rq.Stop(abandon=True))
        stage.until(lambda state: state.latest and not state.latest.active)
        assert stage.at("Build/Long").status is ActionStatus.ABANDONED
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_closing_ends_what_runs_and_says_so(place: Place) -> None:
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Long S", "sleep 1000")]))
    with place.session() as stage:
        stage.ask(rq.Start())
        stage.until(lambda state: any(a.processes for a in state.actions.values()))
    state = Reader(place.directory / ".greenroom").state("demo")
    assert state.latest is not None
    assert (state.latest.status, state.latest.summary) == (ExecutionStatus.STOPPED, "greenroom was closed")


def test_a_slow_action_times_out(place: Place) -> None:
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Long S", "sleep 1000")]))
    place.project("actions: {Long: {timeout-minutes: 0.005}}\n")
    with place.session() as stage:
        stage.run()
        failure = stage.at("Build/Long").failure
        assert failure is not None
        assert failure.type == "Timeout"


def test_variables_pass_from_action_to_action(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S", namespace="Source")]),
        ("Build", [commands("Compute:Make S", "export V=seven", outputVariables=["V"], namespace="Made")]),
        ("Use", [commands("Compute:Say S", "echo got-#{Made.V}-#{variables.WHO}")]),
        variables=[{"name": "WHO", "defaultValue": "me"}],
    )
    with place.session() as stage:
        stage.run()
        assert "got-seven-me" in stage.log("Use/Say")
        stage.run(variables={"WHO": "you"})
        assert reasons(stage.state, stage.at("Use/Say")) == ["commands changed"]
        assert stage.at("Build/Make").reused


def test_an_unresolved_variable_fails_the_action_in_aws_words(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S", "true", namespace="Made")]),
        ("Use", [commands("Compute:Say S", "echo #{Made.V}")]),
    )
    with place.session() as stage:
        stage.run()
        failure = stage.at("Use/Say").failure
        assert failure is not None
        assert failure.message.endswith("could not be resolved: Action name=Say")


def test_secrets_are_masked_on_disk(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Leak S", "echo the key is $TOKEN", "export OUT=$TOKEN", outputVariables=["OUT"])]),
    )
    (place.directory / ".env").write_text("TOKEN=s3cr3t-value\n")
    (place.directory / ".gitignore").write_text(".env\n")
    with place.session() as stage:
        stage.run()
        assert "the key is ***" in stage.log("Build/Leak")
    state_dir = place.directory / ".greenroom"
    with sqlite3.connect(state_dir / "journal.db") as journal:
        assert not [body for (body,) in journal.execute("select body from event") if "s3cr3t" in body]
    journal.close()
    holders = [f for f in state_dir.rglob("*") if f.is_file() and b"s3cr3t-value" in f.read_bytes()]
    assert not holders


def test_a_stub_never_looks_green(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Call", [action("Invoke:Fn S", configuration={"FunctionName": "f"})]),
        ("After", [commands("Compute:Say S", "true")]),
    )
    with place.session() as stage:
        stage.run()
        assert stage.at("Call/Fn").status is ActionStatus.STUBBED
        assert stage.at("After/Say").status is ActionStatus.SUCCEEDED


def test_unmapped_sources_are_asked_for_in_one_message(place: Place) -> None:
    place.define(
        ("Source", [action("Source:A > A"), action("Source:B > B"), action("Source:C > C")]),
        ("Build", [commands("Compute:Make A,B,C", "true")]),
    )
    with pytest.raises(OpenError) as asked:
        place.open()
    assert asked.value.message == "no directory is known for sources B, C"
    assert "B: ../path/to/b" in asked.value.hint


def test_plan_tells_what_a_run_would_do_and_does_nothing(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        place.write(a_txt="changed\n")
        planned = {f"{p.stage}/{p.action}": p for p in stage.session.plan().result(30)}
        assert {name: p.verdict for name, p in planned.items()} == {
            "Source/Src": "run",
            "Build/Make": "run",
            "Build/Check": "reuse",
            "Approve/Ok": "ask",
            "Deploy/Ship": "maybe",
        }
        assert planned["Build/Make"].reasons == ("input S changed: a.txt",)
        assert planned["Deploy/Ship"].reasons == ("depends on what Build/Make makes",)
        assert len(stage.state.executions) == 1
