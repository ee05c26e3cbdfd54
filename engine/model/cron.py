"""The fields of AWS's cron expressions: what EventBridge schedules and deployment windows have in common.

The grammar is Quartz's, not that of a Unix crontab: Sunday is 1, one of the two day fields is ``?``, and there are
``L`` (last), ``W`` (nearest weekday), ``#`` (n-th weekday of the month), ranges that wrap round (``FRI-MON``), years.
The libraries at hand each get some of this wrong (``L`` and ``LW``, years with a step, other zones than UTC).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

DayRule = Callable[[int, int], Iterable[int]]
"""The days that one item of a day field names, given year and month."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one field of an expression may hold."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """The number that a word stands for. Raises `ValueError` where it stands for none of this field."""
        if text.upper() in self.names:
            return self.names.index(text.upper()) + 1
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{self.name} cannot be {text!r}; {self._allowed}")
        if len(text) > 4 or not self.lowest <= int(text) <= self.highest:
            raise ValueError(f"{self.name} {text[:20]} is out of range; {self._allowed}")
        return int(text)

    def values(self, text: str) -> Iterator[int]:
        """The numbers of one item: ``*``, ``5``, ``8-17``, ``22-2``, ``0/15``, ``10-40/5``."""
        span, slash, step = text.partition("/")
        if slash and not re.fullmatch(r"0{0,3}[1-9]\d{0,3}", step, re.ASCII):
            raise ValueError(f"{self.name} {text!r} has no step after the slash; write a number, e.g. {span or '0'}/15")
        every = int(step) if slash else 1
        first, dash, last = span.partition("-")
        if span in ("*", "") and (span or slash):
            yield from range(self.lowest, self.highest + 1, every)
        elif dash:
            yield from self._range(self.number(first), self.number(last), every)
        elif slash:
            yield from range(self.number(first), self.highest + 1, every)
        else:
            yield self.number(first)

    def items(self, text: str) -> list[str]:
        """The items of a list. Raises `ValueError` for an empty one."""
        items = text.split(",")
        if "" in items:
            raise ValueError(f"{self.name} {text!r} has an empty place in its list; take the spare comma away")
        return items

    def numbers(self, text: str) -> tuple[int, ...]:
        """All numbers of the field, in order."""
        return tuple(sorted({number for item in self.items(text) for number in self.values(item)}))

    def _range(self, first: int, last: int, step: int) -> Iterator[int]:
        size = self.highest - self.lowest + 1
        if last < first and self is YEAR:
            raise ValueError(f"year {first}-{last} ends before it begins; write the earlier year first")
        for shift in range(0, (last - first) % size + 1, step):
            yield (first - self.lowest + shift) % size + self.lowest

    @property
    def _allowed(self) -> str:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"it takes {self.lowest}-{self.highest}{names}"


SECOND = Field("second", 0, 59)
MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY_OF_MONTH = Field("day-of-month", 1, 31)
MONTH = Field("month", 1, 12, _MONTHS)
DAY_OF_WEEK = Field("day-of-week", 1, 7, _WEEKDAYS)
YEAR = Field("year", 1970, 2199)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that an expression names, in whatever time zone."""

    rules: tuple[DayRule, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]

    def days(self, year: int, month: int) -> list[int]:
        """The days of that month, in order; none where month or year are not meant."""
        if month not in self.months or year not in self.years:
            return []
        last = calendar.monthrange(year, month)[1]
        return sorted({day for rule in self.rules for day in rule(year, month) if 1 <= day <= last})

    def has(self, day: date) -> bool:
        """Whether that day is one of them."""
        return day.day in self.days(day.year, day.month)

    def dates(self, first: date) -> Iterator[date]:
        """The days from `first` on, in order, to the last year that expressions know."""
        for year in (year for year in self.years if year >= first.year):
            for month in self.months:
                if (year, month) >= (first.year, first.month):
                    days = (date(year, month, day) for day in self.days(year, month))
                    yield from (day for day in days if day >= first)


def parse_calendar(day_of_month: str, month: str, day_of_week: str, year: str) -> Calendar:
    """The days that the four date fields name. Raises `ValueError` with a sentence for people."""
    if (day_of_month == "?") == (day_of_week == "?"):
        given = "both" if day_of_month == "?" else "neither"
        raise ValueError(
            f"one of day-of-month and day-of-week must be ?, and here {given} is; write ? where any day will do"
        )
    if day_of_week == "?":
        rules = tuple(_day_of_month(item) for item in DAY_OF_MONTH.items(day_of_month))
    else:
        items = DAY_OF_WEEK.items(day_of_week)
        if "#" in day_of_week and len(items) > 1:
            raise ValueError(f"day-of-week {day_of_week!r} has a # in a list; with # only one item is allowed")
        rules = tuple(_day_of_week(item) for item in items)
    return Calendar(rules, MONTH.numbers(month), YEAR.numbers(year))


def _day_of_month(item: str) -> DayRule:
    text = item.upper()
    if text == "LW":
        return lambda year, month: [_nearest_weekday(year, month, _length(year, month))]
    if last := re.fullmatch(r"L(?:-(\d{1,2}))?", text):
        before = int(last[1] or 0)
        if before > 30:
            raise ValueError(f"day-of-month {item!r} goes back too far; L-30 is the most")
        return lambda year, month: [_length(year, month) - before]
    if text.endswith("W"):
        day = DAY_OF_MONTH.number(text[:-1])
        return lambda year, month: [_nearest_weekday(year, month, day)] if day <= _length(year, month) else []
    numbers = tuple(DAY_OF_MONTH.values(item))
    return lambda year, month: numbers


def _day_of_week(item: str) -> DayRule:
    text = item.upper()
    if text == "L":
        text = "SAT"
    if nth := re.fullmatch(r"(.+)#(.*)", text):
        weekday = DAY_OF_WEEK.number(nth[1])
        if nth[2] not in ("1", "2", "3", "4", "5"):
            raise ValueError(f"day-of-week {item!r} asks for week {nth[2] or '(none)'} of the month; # takes 1-5")
        week = int(nth[2])
        return lambda year, month: _weekdays(year, month, weekday)[week - 1 : week]
    if text.endswith("L"):
        weekday = DAY_OF_WEEK.number(text[:-1])
        return lambda year, month: _weekdays(year, month, weekday)[-1:]
    numbers = tuple(DAY_OF_WEEK.values(text))
    return lambda year, month: [day for number in numbers for day in _weekdays(year, month, number)]


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _weekdays(year: int, month: int, weekday: int) -> range:
    """The days of the month that fall on `weekday`, where 1 is Sunday."""
    first = calendar.monthrange(year, month)[0]  # 0 is Monday
    return range(1 + (weekday - 2 - first) % 7, _length(year, month) + 1, 7)


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The day from Monday to Friday that is nearest to `day` without leaving the month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < _length(year, month) else day - 2
    return day
