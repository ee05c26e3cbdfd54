"""Watching goes on, or says why it does not; nothing that was saved is forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine import watching
from engine.execution import requests as rq
from engine.model.diagnostics import Diagnostic
from engine.model.outcome import Revision
from engine.watch import Batch, Unwatchable, Watch
from engine.watching import Watcher
from tests.engine.place import PATIENCE, Place, Stage

Told = SimpleQueue[list[Diagnostic]]


def settled(stage: Stage, number: int) -> None:
    stage.until(lambda state: state.latest and state.latest.number >= number and not state.active)


class ByHand:
    """A watcher that is told what changed, batch by batch."""

    def __init__(self, stage: Stage) -> None:
        self.told: Told = SimpleQueue()
        self._stage = stage
        self._watcher = Watcher(stage.session._conductor, self.told.put)
        stage.session._loop.call_soon_threadsafe(stage.session._conductor.listeners.append, self._watcher._heard)

    def changed(self, *paths: Path, rescan: bool = False) -> None:
        work = self._watcher._changed(
            Batch(frozenset(path.resolve() for path in paths), rescan=rescan, reason="by hand")
        )
        asyncio.run_coroutine_threadsafe(work, self._stage.session._loop).result(PATIENCE)


def test_a_look_that_fails_is_told_and_the_watch_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.session(watch=True) as stage:
        stage.run(approve=("all",), trigger="Save")
        told: Told = SimpleQueue()
        stage.session.notices(told.put)
        conductor = stage.session._conductor
        real = conductor.revisions

        async def broken(paths: object = None) -> dict[str, Revision]:
            monkeypatch.setattr(conductor, "revisions", real)
            raise OSError("the disk is gone")

        monkeypatch.setattr(conductor, "revisions", broken)
        place.write(b_txt="b, lost at first\n")
        assert "the disk is gone" in told.get(timeout=PATIENCE)[0].message
        place.write(a_txt="a, and b with it\n")
        stage.until(lambda state: "Build/Check" in stage.started[4:] and stage.started.count("Build/Make") == 2)


def test_a_watch_that_could_not_be_is_tried_again_after_the_pause(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impossible(Watch):
        async def changes(self) -> AsyncIterator[Batch]:
            monkeypatch.setattr(watching, "Watch", Watch)
            raise Unwatchable("too many watches")
            yield  # an iterator, as the real one

    monkeypatch.setattr(watching, "Watch", Impossible)
    with place.session(watch=True) as stage:
        stage.until(lambda state: state.watch_reason == "too many watches")
        stage.run(approve=("all",), trigger="Save")
        stage.ask(rq.SetWatch(False))
        place.write(b_txt="b, saved\n")
        settled(stage, 2)
        assert stage.started[-1] == "Build/Check"


def test_a_start_that_is_refused_is_told(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",), trigger="Save")
        file = place.directory / "pipeline.json"
        changed = json.loads(file.read_text())
        changed["pipeline"]["variables"] = [{"name": "WHO"}]
        file.write_text(json.dumps(changed))
        hand = ByHand(stage)
        hand.changed(file)
        assert "variable WHO has no value" in hand.told.get_nowait()[0].message
        changed["pipeline"]["variables"] = [{"name": "WHO", "defaultValue": "me"}]
        file.write_text(json.dumps(changed))
        hand.changed(file)
        settled(stage, 2)
        assert hand.told.get_nowait() == []


def test_a_save_beside_a_broken_definition_is_run_with_the_last_good_one(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",), trigger="Save")
        hand = ByHand(stage)
        file = place.directory / "pipeline.json"
        good = file.read_text()
        file.write_text("{")
        hand.changed(file)
        assert hand.told.get_nowait()
        assert stage.session.state().latest.number == 1  # type: ignore[union-attr]
        place.write(b_txt="b, beside it\n")
        hand.changed(file, place.directory / "b.txt")
        settled(stage, 2)
        assert stage.started[-1] == "Build/Check"
        file.write_text(good)
        hand.changed(file)
        settled(stage, 3)
        assert stage.state.latest is not None
        assert stage.state.latest.version == 1


def test_settings_edited_in_a_pause_are_run_after_it(place: Place) -> None:
    (place.directory / ".gitignore").write_text("out/\n.env\n")
    with place.session() as stage:
        stage.run(approve=("all",), trigger="Save")
        hand = ByHand(stage)
        stage.ask(rq.SetWatch(True, "lunch"))
        (place.directory / ".env").write_text("COLOUR=green\n")
        hand.changed(place.directory / ".env")
        stage.ask(rq.SetWatch(False))
        settled(stage, 2)
        assert stage.state.latest is not None
        assert stage.state.latest.trigger == "Reload"
        hand.changed(rescan=True)
        assert stage.session.state().latest.number == 2  # type: ignore[union-attr]


def test_rules_of_ignoring_count_after_a_reload_too(place: Place) -> None:
    (place.directory / ".gitignore").write_text("out/\nnotes/\n")
    place.write(notes__one_txt="1\n")
    settings = (place.directory / "greenroom.yaml").read_text()
    with place.session(watch=True) as stage:
        stage.run(approve=("all",), trigger="Save")
        place.project(settings + "jobs: 1\n")
        settled(stage, 2)
        (place.directory / ".gitignore").write_text("out/\n")
        stage.until(lambda state: state.latest and state.latest.detail.startswith(".gitignore") and not state.active)
        place.write(notes__one_txt="2\n")
        stage.until(lambda state: state.latest and state.latest.detail == "notes/one.txt" and not state.active)
