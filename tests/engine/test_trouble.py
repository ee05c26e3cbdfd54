"""What goes wrong around a running engine: told, survived, and never a hang."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from engine import prepare
from engine.execution import events as ev
from engine.execution import requests as rq
from engine.journal.control import call
from engine.journal.errors import JournalError
from engine.journal.lock import owner
from engine.model.status import ActionStatus, ExecutionStatus
from engine.session import Reader, Session
from tests.engine.place import PATIENCE, Place, Stage, action, commands


def one_action(place: Place, *lines: str, **more: object) -> None:
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Only S", *lines, **more)]))
    place.project("")


def closed(session: Session) -> bool:
    """Whether closing comes to an end."""
    closing = threading.Thread(target=session.close, daemon=True)
    closing.start()
    closing.join(PATIENCE)
    return not closing.is_alive()


def test_a_run_asked_for_while_closing_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    one_action(place, "sleep 1000")
    session = Session.start(place.open(), command="test")
    stage = Stage(session)
    stage.ask(rq.Start())
    stage.until(lambda state: any(a.processes for a in state.actions.values()))
    gate = threading.Event()
    monkeypatch.setattr(session._conductor.sources, "scan", lambda: (gate.wait(), {})[1])
    late = session.request(rq.Start())
    over = closed(session)
    gate.set()
    assert over
    assert late.result(PATIENCE).exception == "NotRunning"


def test_a_request_after_the_end_is_refused(place: Place) -> None:
    session = Session.start(place.open(), command="test")
    session.close()
    assert session.request(rq.Start()).result(PATIENCE).exception == "NotRunning"


def test_a_lost_journal_leaves_no_process_behind(place: Place) -> None:
    one_action(place, "sleep 1000")
    session = Session.start(place.open(), command="test")
    stage = Stage(session)
    stage.ask(rq.Start())
    stage.until(lambda state: any(a.processes for a in state.actions.values()))
    pids = list(stage.at("Build/Only").processes)
    (place.directory / ".greenroom/journal.db").unlink()
    with pytest.raises(JournalError):
        session.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert owner(place.directory / ".greenroom") is None


def test_a_checkpoint_that_cannot_be_written_is_no_harm(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.history.DUE", 1)
    with place.session() as stage:
        stage.run(approve=("all",))
        (place.directory / ".greenroom/checkpoints").write_text("in the way")
    assert owner(place.directory / ".greenroom") is None


def test_a_listener_that_fails_does_not_stop_the_run(place: Place) -> None:
    def broken(news: list[ev.Recorded]) -> None:
        raise BrokenPipeError("nobody reads this")

    with place.session() as stage:
        stage.session.subscribe(broken, after=stage.state.seq)
        stage.run(approve=("all",))
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED


def test_an_approval_stopped_in_the_moment_it_starts_ends(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Ask", [action("Approval:Ok")]),
        ("Use", [commands("Compute:U S", "true")]),
    )
    place.project("")
    with place.session() as stage:
        conductor = stage.session._conductor
        asked = []

        def hasty(news: list[ev.Recorded]) -> None:
            prepared = [n.event for n in news if isinstance(n.event, ev.ActionPrepared) and n.event.kind == "approval"]
            if prepared:
                loop = asyncio.get_running_loop()
                asked.append(loop.create_task(conductor.request(rq.SetWatch(False))))  # begins the approval
                asked.append(loop.create_task(conductor.request(rq.Stop())))

        stage.session.subscribe(hasty, after=stage.state.seq)
        stage.run()
        assert stage.at("Ask/Ok").status is ActionStatus.ABANDONED


def test_a_provider_that_cannot_be_loaded_fails_its_action_only(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found = prepare.find

    def find(type_id: object, settings: object) -> object:
        if type_id.category == "Deploy":  # type: ignore[attr-defined]
            raise ImportError("no module named flux")
        return found(type_id, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(prepare, "find", find)
    with place.session() as stage:
        stage.run(approve=("all",))
        failure = stage.at("Deploy/Ship").failure
        assert failure is not None
        assert "no module named flux" in failure.message
        assert stage.session.trouble is None


def test_a_plan_made_while_an_approved_run_goes_on(place: Place) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Ask", [action("Approval:Ok")]),
        ("Use", [commands("Compute:Long S", "sleep 1000")]),
    )
    place.project("")
    with place.session() as stage:
        stage.ask(rq.Start(approve=("all",)))
        stage.until(lambda state: any(a.processes for a in state.actions.values()))
        place.write(a_txt="newer\n")
        planned = {p.action: p.verdict for p in stage.session.plan().result(PATIENCE)}
        assert planned == {"Src": "run", "Ok": "ask", "Long": "run"}


def test_a_request_for_another_pipeline_is_refused(place: Place) -> None:
    with place.session() as stage:
        stage.ask(rq.Start())
        stage.until(lambda state: state.approvals())
        running = owner(place.directory / ".greenroom")
        assert running is not None
        plain = {"pipeline": "other", "request": {"type": "Approve", "target": "Ok", "approved": True}}
        answered = call(Path(running.socket), plain)
        assert answered["exception"] == "PipelineNotFoundException"
        assert "demo" in answered["message"]
        assert stage.state.approvals()


def test_names_that_are_no_utf_8(place: Place) -> None:
    odd = os.fsencode(place.directory) + b"/caf\xe9.txt"
    with open(odd, "w") as file:  # noqa: PTH123 - Path takes no bytes
        file.write("one")
    one_action(place, "true")
    with place.session() as stage:
        stage.run()
        with open(odd, "w") as file:  # noqa: PTH123
            file.write("two")
        stage.run()
        assert stage.at("Build/Only").changes[0].paths == ("caf\\xe9.txt",)
    assert Reader(place.directory / ".greenroom").state("demo") == stage.state


def test_values_that_are_no_utf_8(place: Place) -> None:
    one_action(place, r"export V=$(printf 'caf\351')", outputVariables=["V"])
    with place.session() as stage:
        stage.run()
        assert stage.at("Build/Only").variables == {"V": "caf\\xe9"}


def test_a_plan_hides_secrets(place: Place) -> None:
    one_action(place, "echo $DB_URL")
    (place.directory / ".gitignore").write_text(".env\n")
    (place.directory / ".env").write_text("DB_URL=postgres-old-value\n")
    with place.session() as stage:
        stage.run()
    (place.directory / ".env").write_text("DB_URL=postgres-new-value\n")
    with place.session() as stage:
        told = repr(stage.session.plan().result(PATIENCE))
        assert "DB_URL" in told
        assert "postgres" not in told


def test_an_effect_whose_output_is_gone_is_applied_again(place: Place) -> None:
    local = {"category": "Deploy", "owner": "Custom", "provider": "local", "version": "1"}
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Ship", [action("Deploy:Ship S > Receipt", actionTypeId=local, configuration={"Commands": "echo done > r"})]),
        ("Use", [commands("Compute:Read Receipt", "cat r")]),
    )
    place.project("actions: {Use/Read: {cache: false}}\n")
    with place.session() as stage:
        stage.run()
        stage.session._store.prune(0, keep=())
        assert stage.run() == ["Ship/Ship", "Use/Read"]
        assert stage.at("Use/Read").status is ActionStatus.SUCCEEDED
