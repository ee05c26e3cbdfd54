"""In the watch loop an action's input is got ready while nothing runs; work that can wait does wait."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

import pytest

from engine.artifacts import _resetter
from engine.idle import IdleWork
from engine.providers.codebuild import inputs
from tests.engine.place import PATIENCE, Place, Stage, commands
from tests.execution.pipelines import action

BUILD = ".greenroom/work/demo/Build/Make/build"


class Looks:
    """Counts the files and directories that resets look at on their way to an action."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = 0
        real = _resetter.make_exact

        def counted(site: object, *arguments: object, **options: object) -> None:
            self.full += 1
            real(site, *arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr("engine.artifacts.workspace.make_exact", counted)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    monkeypatch.setattr(inputs, "SPARED_FILES", 1)
    return Looks(monkeypatch)


def rested(stage: Stage) -> None:
    assert stage.session._conductor.idle_work.finish(PATIENCE)


def saved(place: Place, stage: Stage, text: str) -> None:
    number = stage.state.latest.number if stage.state.latest else 0
    place.write(a_txt=text)
    stage.until(lambda state: state.latest and state.latest.number > number and not state.active)
    rested(stage)


def test_after_a_rest_no_file_is_looked_at_that_was_not_saved(place: Place, looks: Looks) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S > B", "mkdir dist", "tr a-z A-Z < a.txt > dist/made.txt")]),
        ("Test", [commands("Compute:Check B", "test -s dist/made.txt")]),
    )
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        rested(stage)
        first = looks.full
        assert first > 0
        assert (place.directory / BUILD / ".src.spare.clean").exists()
        assert (place.directory / BUILD / "src/dist/made.txt").exists()  # the last run's folder is as it was
        for text in ("one\n", "two\n", "three\n"):
            saved(place, stage, text)
            assert (place.directory / BUILD / "src/dist/made.txt").read_text() == text.upper()
        assert looks.full == first


def test_the_next_session_starts_from_the_spare_of_the_last(place: Place, looks: Looks) -> None:
    with place.session(watch=True) as stage:
        stage.run(approve=("all",), trigger="Save")
        rested(stage)
    place.write(a_txt="meanwhile\n", b_txt="b, too\n")
    before = looks.full
    with place.session() as stage:
        stage.run(approve=("all",))
    assert looks.full == before
    assert (place.directory / BUILD / "src/dist/made.txt").read_text() == "MEANWHILE\n"


def test_without_a_watch_nothing_is_got_ready(place: Place, looks: Looks) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        rested(stage)
    assert looks.full > 0
    assert {path.name for path in (place.directory / BUILD).iterdir()} == {"src", ".src.manifest"}


def test_parallel_executions_keep_their_folders_to_themselves(place: Place, looks: Looks) -> None:
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S", "true")]),
        executionMode="PARALLEL",
    )
    place.project("")
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        rested(stage)
    assert list((place.directory / ".greenroom/work").glob("*/*/*/build/.*.spare*")) == []


def test_a_failed_run_is_there_to_look_at_until_the_next(place: Place, looks: Looks) -> None:
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Make S", "cp a.txt b; false")]))
    place.project("")
    with place.session(watch=True) as stage:
        stage.run(trigger="Save")
        rested(stage)
        saved(place, stage, "second\n")
        assert (place.directory / BUILD / "src/b").read_text() == "second\n"
        _, directory, _ = stage.session.shell(stage.at("Build/Make").id)
        assert directory == place.directory / BUILD / "src"


def test_few_files_are_not_kept_twice(place: Place) -> None:
    with place.session(watch=True) as stage:
        stage.run(approve=("all",), trigger="Save")
        rested(stage)
    assert list((place.directory / ".greenroom/work").glob("*/*/*/build/.*.spare*")) == []


def test_work_waits_until_nothing_runs() -> None:
    resting, done = Event(), SimpleQueue[str]()
    idle = IdleWork(resting.is_set)
    idle.add("key", lambda pause: done.put("never done: a newer one came"))
    idle.add("key", lambda pause: done.put("newest"))
    idle.go()
    assert done.empty()
    resting.set()
    idle.go()
    assert done.get(timeout=PATIENCE) == "newest"
    assert idle.finish(PATIENCE)
    assert done.empty()


def test_work_that_is_disturbed_gets_another_turn() -> None:
    resting, busy, told = Event(), Event(), SimpleQueue[bool]()
    resting.set()

    def work(pause: object) -> None:
        assert callable(pause)
        told.put(pause())
        busy.wait(PATIENCE)
        told.put(pause())

    idle = IdleWork(resting.is_set)
    idle.add("key", work)
    idle.go()
    assert told.get(timeout=PATIENCE) is False
    resting.clear()
    busy.set()
    assert told.get(timeout=PATIENCE) is True
    assert not idle.finish(0.0)
    resting.set()
    while told.empty():
        idle.go()
    assert told.get(timeout=PATIENCE) is False
    assert idle.finish(PATIENCE)


def test_what_goes_wrong_stops_nothing() -> None:
    done = SimpleQueue[str]()
    idle = IdleWork(lambda: True)

    def broken(pause: object) -> None:
        raise OSError("no space left")

    idle.add("broken", broken)
    idle.add("next", lambda pause: done.put("next"))
    idle.go()
    assert done.get(timeout=PATIENCE) == "next"


def test_closing_does_not_wait_for_stubborn_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.idle.MANNERS", 0.0)
    begun, end = Event(), Event()

    def stubborn(pause: object) -> None:
        begun.set()
        end.wait(PATIENCE)

    idle = IdleWork(lambda: True)
    idle.add("stubborn", stubborn)
    idle.go()
    assert begun.wait(PATIENCE)
    idle.close()
    idle.add("late", lambda pause: os.abort())
    end.set()
    idle.go()


def test_what_may_take_long_comes_last() -> None:
    resting, go_on, done, told = Event(), Event(), list[str](), SimpleQueue[bool]()
    idle = IdleWork(resting.is_set)

    def long(pause: Callable[[], bool]) -> None:
        done.append("long")
        told.put(False)
        go_on.wait(PATIENCE)
        told.put(pause())

    idle.add("long", long, last=True)
    idle.add("spare", lambda pause: done.append("spare"))
    resting.set()
    idle.go()
    assert told.get(timeout=PATIENCE) is False
    resting.clear()  # it is broken off, and what comes up meanwhile goes before it
    idle.add("another", lambda pause: done.append("another"))
    go_on.set()
    assert told.get(timeout=PATIENCE) is True
    resting.set()
    idle.go()
    assert idle.finish(PATIENCE)
    assert done == ["spare", "long", "another", "long"]
