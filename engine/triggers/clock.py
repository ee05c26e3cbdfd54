"""Starts by the clock: which schedule is due when. What was missed (greenroom was not running, or the machine slept)
is not made up, as nobody would want ten nightly runs in the morning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from engine.model.address import Address
from engine.model.project import ProjectFile, ScheduleSettings
from engine.model.schedule import Rate, Schedule, parse_expression

LATE = timedelta(seconds=60)  # AWS is as late as that itself
LOOK = 5.0  # seconds between looks: an edited schedule, a machine that was asleep


class Timetable:
    """Some schedules from a moment on. A rate counts from that moment."""

    def __init__(self, schedules: Sequence[ScheduleSettings], now: datetime) -> None:
        self.problems: list[str] = []
        """What is wrong with schedules, which then never are due."""
        self._entries: list[tuple[ScheduleSettings, Schedule]] = []
        self._next: list[datetime | None] = []
        for settings in schedules:
            try:
                schedule = parse_expression(settings.expression, settings.time_zone)
            except ValueError as error:
                self.problems.append(f"schedule {called(settings)}: {error}")
                continue
            self._entries.append((settings, schedule))
            self._next.append(schedule.next(now))

    def next(self) -> tuple[datetime, ScheduleSettings] | None:
        """When something is due next, and which."""
        upcoming = [(due, number) for number, due in enumerate(self._next) if due is not None]
        if not upcoming:
            return None
        due, number = min(upcoming)
        return due, self._entries[number][0]

    def due(self, now: datetime) -> list[ScheduleSettings]:
        """What is due now and was not given before; each once. What is long past is left out."""
        found: list[tuple[datetime, int]] = []
        for number, (_, schedule) in enumerate(self._entries):
            last = None
            while (due := self._next[number]) is not None and due <= now:
                last = due
                self._next[number] = _following(schedule, due, now - LATE)
            if last is not None and now - last < LATE:
                found.append((last, number))
        return [self._entries[number][0] for _, number in sorted(found)]


def _following(schedule: Schedule, due: datetime, missed: datetime) -> datetime | None:
    """When it is due after `due`. Of a long sleep only the end counts: what lies before `missed` is passed over."""
    if isinstance(schedule, Rate):  # it keeps its beat
        return due + schedule.period * max(1, (missed - due) // schedule.period + 1)
    return schedule.next(max(due, missed))


def called(schedule: ScheduleSettings) -> str:
    """What a schedule is called."""
    return schedule.name or schedule.expression


def rule_arn(project: ProjectFile, schedule: ScheduleSettings, pipeline: str) -> str:
    """The ARN of the EventBridge rule that a schedule stands for: the trigger detail of its runs."""
    return Address(project.region, project.account).arn("events", f"rule/{schedule.name or pipeline + '-schedule'}")


async def keep(
    project: Callable[[], ProjectFile],
    start: Callable[[ScheduleSettings], Awaitable[object]],
    tell: Callable[[list[str]], None],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Start what is due, until cancelled. `project` is looked at again and again: it may be edited."""
    schedules: tuple[ScheduleSettings, ...] | None = None
    timetable = Timetable((), now())
    while True:
        if schedules != project().schedules:
            schedules = project().schedules
            timetable = Timetable(schedules, now())
            tell(timetable.problems)
        for schedule in timetable.due(now()):
            await start(schedule)
        upcoming = timetable.next()
        left = (upcoming[0] - now()).total_seconds() if upcoming else LOOK
        await sleep(min(max(left, 0.0), LOOK))
