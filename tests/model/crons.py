"""Cron expressions at random, and a slow way to tell what they mean."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)
NAMES = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7, "FEB": 2, "MAR": 3, "OCT": 10, "NOV": 11}


def _items(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    value = number | st.sampled_from(names) if names else number
    ranges = st.builds("{}-{}".format, value, value)
    steps = st.builds("{}/{}".format, st.just("*") | number, st.integers(1, high))
    one = st.one_of(value, ranges, steps)
    return st.just("*") | st.lists(one, min_size=1, max_size=3).map(",".join)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Six fields in AWS's grammar."""
    minute, hour = draw(_items(0, 59)), draw(_items(0, 23))
    month = draw(_items(1, 12, ("FEB", "MAR", "OCT", "NOV")))
    day_of_month = draw(_items(1, 31) | st.sampled_from(["L", "LW", "L-2", "1W", "15W", "28W", "31W", "1W,15"]))
    weekdays = tuple(NAMES)[:7]
    special = st.sampled_from(["L", "1L", "FRIL", "2#1", "SAT#4", "7#5", "MON,6L"])
    day_of_week = draw(_items(1, 7, weekdays) | special)
    if draw(st.booleans()):
        day_of_month = "?"
    else:
        day_of_week = "?"
    year = draw(st.sampled_from(["*", "2018-2026", "2026", "2018/2", "2018,2028"]))
    return f"{minute} {hour} {day_of_month} {month} {day_of_week} {year}"


def _number(text: str) -> int:
    return NAMES.get(text) or int(text)


@lru_cache(maxsize=65536)
def _in(value: int, field: str, low: int, high: int) -> bool:
    """Whether a value is in a plain field."""
    for item in field.split(","):
        span, _, step = item.partition("/")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (_number(end) for end in span.split("-"))
        else:
            first, last = _number(span), high if step else _number(span)
        ring = [*range(first, last + 1)] if first <= last else [*range(first, high + 1), *range(low, last + 1)]
        if value in ring[:: int(step or 1)]:
            return True
    return False


def _weekday(day: datetime) -> int:
    return day.isoweekday() % 7 + 1


def _nearest(day: datetime, target: int) -> bool:
    """Whether `day` is the weekday nearest to that day of its month."""
    last = calendar.monthrange(day.year, day.month)[1]
    if target > last:
        return False
    working = [number for number in range(1, last + 1) if day.replace(day=number).isoweekday() < 6]
    # Of a Saturday and a Sunday the nearer working day is unique, except at the ends of the month.
    return day.day == min(working, key=lambda number: abs(number - target))


def _on_day(day: datetime, day_of_month: str, day_of_week: str) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if day_of_week == "?":
        for item in day_of_month.split(","):
            if item == "LW":
                hit = _nearest(day, last)
            elif item.startswith("L"):
                hit = day.day == last - int(item[2:] or 0)
            elif item.endswith("W"):
                hit = _nearest(day, int(item[:-1]))
            else:
                hit = _in(day.day, item, 1, 31)
            if hit:
                return True
        return False
    for item in day_of_week.split(","):
        if item == "L":
            hit = _weekday(day) == 7
        elif "#" in item:
            name, week = item.split("#")
            hit = _weekday(day) == _number(name) and (day.day - 1) // 7 + 1 == int(week)
        elif item.endswith("L"):
            hit = _weekday(day) == _number(item[:-1]) and day.day + 7 > last
        else:
            hit = _in(_weekday(day), item, 1, 7)
        if hit:
            return True
    return False


def shows(fields: str, wall: datetime) -> bool:
    """Whether clocks that show `wall` are within the expression."""
    minute, hour, day_of_month, month, day_of_week, year = fields.split()
    return (
        _in(wall.minute, minute, 0, 59)
        and _in(wall.hour, hour, 0, 23)
        and _in(wall.month, month, 1, 12)
        and _in(wall.year, year, 1970, 2199)
        and _on_day(wall, day_of_month, day_of_week)
    )


def minutes(first: datetime, until: datetime) -> Iterator[datetime]:
    """Every whole minute between two moments."""
    moment = first.astimezone(UTC).replace(second=0, microsecond=0)
    while moment <= until:
        yield moment
        moment += MINUTE


def oracle(fields: str, zone: tzinfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments in question, found by looking at every minute; a repeated hour counts the first time."""
    for moment in minutes(after, until):
        wall = moment.astimezone(zone)
        if not wall.fold and shows(fields, wall):
            yield moment
