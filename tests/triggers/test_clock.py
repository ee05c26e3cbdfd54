"""Schedules, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.project import ProjectFile, ScheduleSettings
from engine.triggers import clock
from engine.triggers.clock import Timetable, keep

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def schedule(expression: str, name: str = "", **more: str) -> ScheduleSettings:
    return ScheduleSettings(expression=expression, name=name, **more)  # type: ignore[arg-type]


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def test_a_schedule_is_due_once() -> None:
    table = Timetable([schedule("cron(30 12 * * ? *)", "half")], NOON)
    assert table.next() == (minutes(30), schedule("cron(30 12 * * ? *)", "half"))
    assert table.due(minutes(29)) == []
    assert [found.name for found in table.due(minutes(30))] == ["half"]
    assert table.due(minutes(30)) == []


def test_a_rate_begins_with_greenroom() -> None:
    table = Timetable([schedule("rate(5 minutes)")], NOON)
    assert [bool(table.due(minutes(count))) for count in range(1, 11)] == [False] * 4 + [True] + [False] * 4 + [True]


def test_what_is_due_together_comes_in_order() -> None:
    table = Timetable([schedule("at(2026-11-23T12:30:40)", "b"), schedule("cron(30 * * * ? *)", "a")], NOON)
    assert [found.name for found in table.due(minutes(30.9))] == ["a", "b"]


def test_what_was_missed_is_not_made_up() -> None:
    table = Timetable([schedule("cron(0 * * * ? *)", "hourly"), schedule("rate(20 minutes)", "often")], NOON)
    assert table.due(minutes(7 * 60 + 30)) == []
    assert table.next() == (minutes(7 * 60 + 40), schedule("rate(20 minutes)", "often"))
    assert [found.name for found in table.due(minutes(7 * 60 + 40))] == ["often"]
    assert [found.name for found in table.due(minutes(8 * 60))] == ["hourly", "often"]


def test_what_cannot_be_read_is_told() -> None:
    table = Timetable([schedule("every day", "daily"), schedule("rate(1 day)")], NOON)
    assert table.problems[0].startswith("schedule daily: 'every day' is no schedule")
    assert table.next() == (NOON + timedelta(days=1), schedule("rate(1 day)"))


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=20))
def test_however_the_clock_is_looked_at_nothing_is_given_twice_or_late(seconds: list[int]) -> None:
    table = Timetable([schedule("cron(0/7 * * * ? *)")], NOON)
    now, last = NOON, NOON
    for step in seconds:
        now += timedelta(seconds=step)
        newest = max(m for m in _sevens(now) if m <= now)
        expected = newest > last and now - newest < clock.LATE
        assert bool(table.due(now)) == expected
        last = now


def _sevens(now: datetime) -> list[datetime]:
    hour = now.replace(minute=0, second=0)
    return [hour + timedelta(minutes=minute) for minute in range(0, 60, 7)]


class Watch:
    """A clock that a sleep puts forward."""

    def __init__(self, until: datetime) -> None:
        self.now = NOON
        self.until = until

    async def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= clock.LOOK
        self.now += timedelta(seconds=seconds)
        if self.now > self.until:
            raise asyncio.CancelledError


async def test_the_clock_starts_what_is_due_and_takes_up_edits() -> None:
    watch = Watch(minutes(20))
    started: list[tuple[str, str]] = []
    told: list[list[str]] = []

    def project() -> ProjectFile:
        late = watch.now >= minutes(12)
        return ProjectFile(
            schedules=(
                schedule("cron(0/5 * * * ? *)" if late else "rate(4 minutes)", "it"),
                *([schedule("never")] if late else []),
            )
        )

    async def start(found: ScheduleSettings) -> None:
        started.append((found.expression, f"{watch.now:%H:%M}"))

    with pytest.raises(asyncio.CancelledError):
        await keep(project, start, told.append, now=lambda: watch.now, sleep=watch.sleep)
    assert started == [
        ("rate(4 minutes)", "12:04"),
        ("rate(4 minutes)", "12:08"),
        ("cron(0/5 * * * ? *)", "12:15"),
        ("cron(0/5 * * * ? *)", "12:20"),
    ]
    assert [len(problems) for problems in told] == [0, 1]
