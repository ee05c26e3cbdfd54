"""Schedules that start runs of a real session, with a clock that is put forward."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from engine.reading import project_file
from engine.triggers import clock, outside
from tests.triggers.conftest import Repository, Told


class Clock:
    """Jumps ahead with every sleep, and stops for good half an hour later."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self._end = self.moment + timedelta(minutes=30)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        if self.moment > self._end:
            await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Clock()
    monkeypatch.setattr(outside, "keep", partial(clock.keep, now=time.now, sleep=time.sleep))


def test_a_schedule_starts_a_run_with_its_variables(repository: Repository) -> None:
    repository.pipeline()
    file = repository.directory / "pipeline.json"
    file.write_text(
        file.read_text().replace('"stages"', '"variables": [{"name": "LEVEL", "defaultValue": "x"}], "stages"')
    )
    repository.project('schedules: [{name: noon, expression: "cron(15 12 * * ? *)", variables: {LEVEL: full}}]\n')
    with repository.session(watch=True) as stage:
        state = stage.until(lambda state: state.latest and not state.active)
        assert state.latest is not None
        assert (state.latest.trigger, state.latest.variables) == ("CloudWatchEvent", {"LEVEL": "full"})
        assert state.latest.detail == "arn:aws:events:us-east-1:000000000000:rule/noon"
        assert len(state.executions) == 1


def test_a_schedule_that_is_refused_is_told(repository: Repository) -> None:
    repository.project('schedules: [{name: noon, expression: "cron(15 12 * * ? *)", variables: {NONE: x}}]\n')
    with repository.session(watch=True) as stage:
        assert Told(stage).next().startswith("schedule noon starts nothing: the pipeline has no variable NONE")


def test_a_schedule_that_cannot_be_read_is_told(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of greenroom.yaml is an error of that file; one of a template comes this far."""
    monkeypatch.setattr(project_file, "wrong_starts", lambda project: [])
    repository.project("schedules: [{name: odd, expression: daily}]\n")
    with repository.session(watch=True) as stage:
        assert Told(stage).next().startswith("schedule odd: 'daily' is no schedule")


def test_a_run_that_does_not_stay_has_no_schedules(repository: Repository) -> None:
    repository.project("schedules: [{expression: rate(1 minute)}]\n")
    with repository.session() as stage:
        stage.run()
        assert len(stage.state.executions) == 1
