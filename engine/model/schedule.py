"""Schedule expressions of EventBridge: ``rate()``, ``cron()`` and ``at()``, with time zones.

Follows https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. To the minute, as AWS is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol

from engine.model import cron
from engine.model.zones import parse_zone

_EXPRESSION = re.compile(r"(rate|cron|at)\((.*)\)", re.DOTALL)
_RATE = re.compile(r"\s*(\d{1,9})\s+(minute|hour|day)(s?)\s*", re.ASCII)
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_MINUTE = timedelta(minutes=1)
_FIELDS = "minutes hours day-of-month month day-of-week year"


class Schedule(Protocol):
    """When something is due."""

    def next(self, after: datetime) -> datetime | None:
        """The first moment after `after` (aware, any zone), in UTC; none where there will be none.

        A time that the clocks skip in spring is left out, and one that they repeat in autumn is due once. A rate
        counts elapsed time from `after`: ask it with the moment it was due last.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """``rate(5 minutes)``."""

    period: timedelta

    def next(self, after: datetime) -> datetime | None:
        return after.astimezone(UTC) + self.period


@dataclass(frozen=True, slots=True)
class Once:
    """``at(2030-01-01T08:00:00)``."""

    moment: datetime | None

    def next(self, after: datetime) -> datetime | None:
        return self.moment if self.moment and self.moment > after else None


@dataclass(frozen=True, slots=True)
class Cron:
    """``cron(0 8 ? * MON-FRI *)``."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: cron.Calendar
    zone: tzinfo

    def next(self, after: datetime) -> datetime | None:
        shown = after.astimezone(self.zone).replace(tzinfo=None)
        for wall in self._walls(shown.date()):
            if wall >= shown - _MINUTE and (due := _instant(wall, self.zone)) and due > after:
                return due
        return None

    def _walls(self, first: date) -> Iterator[datetime]:
        """What the clocks show when it is due, from that day on."""
        for day in self.days.dates(first):
            for hour in self.hours:
                for minute in self.minutes:
                    yield datetime(day.year, day.month, day.day, hour, minute)


def parse_expression(text: str, time_zone: str = "UTC") -> Schedule:
    """The schedule that an expression means. Raises `ValueError` with a sentence for people."""
    match = _EXPRESSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is no schedule; write rate(5 minutes), cron(0 8 ? * MON-FRI *) or at(2030-01-01T08:00:00)"
        )
    kind, inner = match.groups()
    zone = parse_zone(time_zone)
    if kind == "rate":
        return _rate(inner)
    return _cron(inner, zone) if kind == "cron" else _at(inner, zone)


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"rate({text}) is no rate; write a number and minutes, hours or days, e.g. rate(5 minutes)")
    count, unit, plural = int(match[1]), match[2], match[3]
    if not 0 < count <= 1_000_000:
        raise ValueError(f"rate({text}) is out of range; the number is 1 or more, and less than a million")
    if bool(plural) != (count > 1):
        raise ValueError(f"AWS takes one {unit} but several {unit}s; write rate({count} {unit}{'s' * (count > 1)})")
    return Rate(timedelta(**{f"{unit}s": count}))


def _at(text: str, zone: tzinfo) -> Once:
    try:
        if not _AT.fullmatch(text):
            raise ValueError(text)
        return Once(_instant(datetime.fromisoformat(text), zone))
    except ValueError:
        raise ValueError(f"at({text}) is no moment; write at(yyyy-mm-ddThh:mm:ss)") from None


def _cron(text: str, zone: tzinfo) -> Cron:
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"cron() takes six fields ({_FIELDS}) and has {len(fields)} in cron({text})")
    minutes, hours, day_of_month, month, day_of_week, year = fields
    days = cron.parse_calendar(day_of_month, month, day_of_week, year)
    return Cron(cron.MINUTE.numbers(minutes), cron.HOUR.numbers(hours), days, zone)


def _instant(wall: datetime, zone: tzinfo) -> datetime | None:
    """When the clocks of the zone show that time first; none if they skip it."""
    try:
        instant = wall.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None
    return instant if instant.astimezone(zone).replace(tzinfo=None) == wall else None
