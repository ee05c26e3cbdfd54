"""Events on their way out of a session: the file, the hook, restarts."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.execution import requests as rq
from engine.model.diagnostics import Diagnostic
from engine.notices.courier import Courier
from engine.notices.event_file import EventFile
from engine.notices.herald import FAILED
from engine.notices.hook import run_hook
from tests.engine.place import Place, commands
from tests.execution.pipelines import action


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Make S", "grep a a.txt")]))
    return place


def events(place: Place, name: str = "events.jsonl") -> list[dict[str, Any]]:
    file = place.directory / name
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def states(place: Place) -> list[str]:
    return [f"{one['detail-type'].split()[1]} {one['detail']['state']}" for one in events(place)]


RUN = [
    "Pipeline STARTED",
    *("Stage STARTED", "Action STARTED", "Action SUCCEEDED", "Stage SUCCEEDED"),
    *("Stage STARTED", "Action STARTED", "Action SUCCEEDED", "Stage SUCCEEDED"),
    "Pipeline SUCCEEDED",
]


def test_every_state_change_is_a_line_in_a_private_file(place: Place) -> None:
    place.project('events: {file: events.jsonl}\nregion: eu-west-1\naccount: "123456789012"\n')
    with place.session() as stage:
        stage.run()
    assert states(place) == RUN
    assert events(place)[0]["resources"] == ["arn:aws:codepipeline:eu-west-1:123456789012:demo"]
    assert stat.S_IMODE((place.directory / "events.jsonl").stat().st_mode) == 0o600


def test_the_file_is_no_part_of_the_source(place: Place) -> None:
    place.project("events: {file: events.jsonl}\n")
    with place.session() as stage:
        stage.run()
    with place.session() as stage:
        assert stage.run() == []


def test_without_the_setting_nothing_is_written(place: Place) -> None:
    with place.session() as stage:
        stage.run()
    assert not (place.directory / "events.jsonl").exists()
    assert not (place.directory / ".greenroom" / "told").exists()


def test_secrets_are_masked(place: Place) -> None:
    (place.directory / ".secrets").write_text("WORD=opensesame\n")
    place.project("events: {file: events.jsonl}\n")
    with place.session() as stage:
        given = stage.ask(rq.Start())
        stage.ask(rq.Stop(given.execution_id, abandon=True, reason="the word is opensesame"))
        stage.until(lambda state: not state.active)
    text = (place.directory / "events.jsonl").read_text()
    assert '"the word is ***"' in text
    assert "opensesame" not in text


def test_a_restart_tells_nothing_twice(place: Place) -> None:
    place.project("events: {file: events.jsonl}\n")
    for _ in range(2):
        with place.session() as stage:
            stage.run()
    assert states(place) == [*RUN, *RUN]
    ids = [one["id"] for one in events(place)]
    assert len(set(ids)) == len(ids)


def test_what_a_killed_session_did_not_tell_is_told_by_the_next_one(place: Place) -> None:
    place.project("events: {file: events.jsonl}\n")
    with place.session() as stage:
        stage.run()
    whole = (place.directory / "events.jsonl").read_text().splitlines(keepends=True)
    (place.directory / "events.jsonl").write_text("".join(whole[:4]) + whole[4][:20])
    [cursor] = (place.directory / ".greenroom" / "told").iterdir()
    cursor.write_text("1")  # the file was ahead of it
    with place.session():
        pass
    found = (place.directory / "events.jsonl").read_text().splitlines(keepends=True)
    assert found[:4] + found[5:] == whole  # the torn line stays, and is told again in full


def test_what_happened_while_nobody_was_to_be_told_is_no_news(place: Place) -> None:
    place.project("events: {file: events.jsonl}\n")
    with place.session() as stage:
        stage.run()
    place.project("")
    with place.session() as stage:
        stage.run(forced=("*",))
    place.project("events: {file: events.jsonl}\n")
    with place.session():
        pass
    assert states(place) == RUN


def hook(place: Place, program: str, *arguments: str) -> str:
    (place.directory / "hook.py").write_text(program)
    argv = [sys.executable, "hook.py", *arguments]
    return f"events: {{hook: {json.dumps(argv)}}}\n"


def test_the_hook_gets_each_event_on_stdin_and_no_shell(place: Place) -> None:
    program = "import sys; open('heard.jsonl', 'a').write(sys.stdin.read() + sys.argv[1] + chr(10))"
    place.project(hook(place, program, "$HOME; *"))
    with place.session() as stage:
        stage.run()
    heard = (place.directory / "heard.jsonl").read_text().splitlines()
    assert set(heard[1::2]) == {"$HOME; *"}
    assert [json.loads(line)["detail"]["state"] for line in heard[::2]] == [state.split()[1] for state in RUN]


def test_a_hook_that_fails_is_a_notice_told_once_and_never_disturbs(place: Place) -> None:
    place.project(hook(place, "import sys; sys.exit('no network')"))
    with place.session() as stage:
        heard: list[Diagnostic] = []
        stage.session.notices(heard.extend)
        assert stage.run() == ["Source/Src", "Build/Make"]
        assert stage.state.latest and stage.state.latest.status == "Succeeded"
        stage.session.close()
        found = heard + stage.session.unheard
    assert [one.code for one in found] == [FAILED]
    assert found[0].message.endswith("ended with 1: no network")
    assert found[0].severity == "warning"


def test_a_file_that_cannot_be_written_is_a_notice(place: Place) -> None:
    place.write(blocked="")
    place.project("events: {file: blocked/events.jsonl}\n")
    with place.session() as stage:
        assert stage.run() == ["Source/Src", "Build/Make"]
        stage.session.close()
        [found] = stage.session.unheard
    assert found.message.startswith("events.file blocked/events.jsonl cannot be written: ")


def test_a_hook_has_a_time_limit_and_leaves_nothing_behind(tmp_path: Path) -> None:
    program = "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
    argv = [sys.executable, "-c", program]
    assert run_hook(argv, {}, directory=tmp_path, environment={"PATH": "/usr/bin:/bin"}, seconds=0.2) == (
        f"{sys.executable} did not end within 0.2 s"
    )


def test_a_hook_that_reads_nothing_is_fine(tmp_path: Path) -> None:
    body = {"long": "x" * 1_000_000}
    assert run_hook(["true"], body, directory=tmp_path, environment={"PATH": "/usr/bin:/bin"}) == ""


def test_a_hook_that_does_not_exist(tmp_path: Path) -> None:
    wrong = run_hook(["./no-such"], {}, directory=tmp_path, environment={})
    assert wrong == "./no-such cannot be started: No such file or directory"


def test_a_file_takes_each_line_once(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "deep" / "events")
    file.append([{"id": "1"}, {"id": "2"}])
    file.append([{"id": "2"}, {"id": "3"}])
    EventFile(file.path).append([{"id": "3"}, {"id": "ä"}])
    assert [json.loads(line)["id"] for line in file.path.read_text().splitlines()] == ["1", "2", "3", "ä"]


def test_a_file_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "events")
    file.append([{"id": "1"}])
    file.path.unlink()
    file.append([{"id": "2"}])
    assert file.path.read_text() == '{"id": "2"}\n'


def test_a_courier_that_is_stuck_is_left_behind() -> None:
    import threading

    stuck, carried = threading.Event(), []

    def carry(parcel: int) -> None:
        carried.append(parcel)
        stuck.wait()

    courier = Courier[int]("test", carry)
    for parcel in range(3):
        courier.take(parcel)
    assert courier.close(0.01) == 3
    stuck.set()
    assert courier.close(10) == 0
    assert carried == [0]
