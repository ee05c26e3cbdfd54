"""Deployment windows: the Quartz cron of the DeploymentWindow rule, read as times in which something may begin.

Follows https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html. A window is to
the minute: seconds are checked and do not count. AWS's examples write ``0 0 9-17 ? * MON-FRI *`` and mean the working
day, so second and minute 0 together stand for the whole hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.model import cron
from engine.model.zones import parse_zone

_FIELDS = "seconds minutes hours day-of-month month day-of-week, and a year if you like"
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Times of the week, the month or the year that are open."""

    minutes: frozenset[int]
    """The minutes of an hour."""
    hours: frozenset[int]
    days: cron.Calendar
    zone: tzinfo

    def is_open(self, at: datetime) -> bool:
        """Whether the window is open at that moment (aware, any zone)."""
        wall = at.astimezone(self.zone)
        return wall.minute in self.minutes and wall.hour in self.hours and self.days.has(wall.date())

    def opens(self, after: datetime) -> datetime | None:
        """The first moment after `after` at which the window, closed until then, is open (UTC); none if none comes."""
        first = after.astimezone(self.zone).date() - _DAY
        before = None
        for day in self.days.dates(first):
            joined = self._whole_days and before == day - _DAY
            for moment in () if joined else self._edges(day):
                if moment > after and self.is_open(moment) and not self.is_open(moment - _MINUTE):
                    return moment
            before = day
        return None

    def closes(self, at: datetime) -> datetime | None:
        """When the window that is open at that moment closes (UTC); none if it is closed, or never will be."""
        if not self.is_open(at):
            return None
        day = at.astimezone(self.zone).date()
        if self._whole_days:
            day = self._end_of_run(day)
            if day.year == cron.YEAR.highest:
                return None
        for offset in range(3):
            for moment in self._edges(day + offset * _DAY):
                if moment > at and not self.is_open(moment):
                    return moment
        return None

    @property
    def _whole_days(self) -> bool:
        return len(self.minutes) == 60 and len(self.hours) == 24

    def _end_of_run(self, day: date) -> date:
        for last in self.days.dates(day):
            if last - day > _DAY:
                break
            day = last
        return day

    def _edges(self, day: date) -> Iterator[datetime]:
        """The moments of a day at which the window may open or close, in order."""
        start = _begin(day, self.zone)
        length = _begin(day + _DAY, self.zone) - start
        if length == _DAY:
            shown = {hour * 60 + minute for hour in self.hours for minute in self.minutes}
            edges = {0} | shown ^ {minute + 1 for minute in shown}
        else:  # the clocks are put forward or back: each minute is looked at
            edges = set(range(length // _MINUTE + 1))
        for minute in sorted(edges):
            yield start + minute * _MINUTE


def parse_window(text: str, time_zone: str = "UTC") -> Window:
    """The window that an expression of six or seven fields means. Raises `ValueError` with a sentence for people."""
    fields = text.split()
    if len(fields) not in (6, 7):
        raise ValueError(f"a window takes six or seven fields ({_FIELDS}) and has {len(fields)} in {text!r}")
    seconds, minutes, hours, day_of_month, month, day_of_week, year = [*fields, "*"][:7]
    cron.SECOND.numbers(seconds)
    whole_hours = (seconds, minutes) == ("0", "0")
    return Window(
        frozenset(range(60) if whole_hours else cron.MINUTE.numbers(minutes)),
        frozenset(cron.HOUR.numbers(hours)),
        cron.parse_calendar(day_of_month, month, day_of_week, year),
        parse_zone(time_zone),
    )


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
