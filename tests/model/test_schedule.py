"""Schedule expressions in AWS's grammar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.schedule import parse_expression
from tests.model.crons import expressions, oracle

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def following(expression: str, zone: str = "UTC", after: datetime = MONDAY, count: int = 2) -> list[str]:
    """The next moments at which something is due, in UTC, to the minute."""
    schedule = parse_expression(expression, zone)
    found: list[str] = []
    while len(found) < count and (due := schedule.next(after)):
        found.append(f"{due:%Y-%m-%d %H:%M}")
        after = due
    return found


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ("0 10 * * ? *", ["2026-11-23 10:00", "2026-11-24 10:00"]),
        ("0 9 ? * 2 *", ["2026-11-23 09:00", "2026-11-30 09:00"]),
        ("0 9 ? * 1 *", ["2026-11-29 09:00", "2026-12-06 09:00"]),
        ("0 9 ? * mon *", ["2026-11-23 09:00", "2026-11-30 09:00"]),
        ("0 9 ? * 2#1 *", ["2026-12-07 09:00", "2027-01-04 09:00"]),
        ("0 9 ? * MON#5 *", ["2026-11-30 09:00", "2027-03-29 09:00"]),
        ("0 9 ? * 6L *", ["2026-11-27 09:00", "2026-12-25 09:00"]),
        ("0 9 ? * FRIL *", ["2026-11-27 09:00", "2026-12-25 09:00"]),
        ("0 9 ? * L *", ["2026-11-28 09:00", "2026-12-05 09:00"]),
        ("0 9 ? * FRI-MON *", ["2026-11-23 09:00", "2026-11-27 09:00"]),
        ("0 20-2 * * ? *", ["2026-11-23 01:00", "2026-11-23 02:00"]),
        ("0 0 ? * MON/2 *", ["2026-11-25 00:00", "2026-11-27 00:00"]),
        ("0 0 L * ? *", ["2026-11-30 00:00", "2026-12-31 00:00"]),
        ("0 0 L-3 * ? *", ["2026-11-27 00:00", "2026-12-28 00:00"]),
        ("0 0 LW 1,2 ? *", ["2027-01-29 00:00", "2027-02-26 00:00"]),
        ("0 0 15W * ? *", ["2026-12-15 00:00", "2027-01-15 00:00"]),
        ("0 0 1W * ? *", ["2026-12-01 00:00", "2027-01-01 00:00"]),
        ("0 0 1W 5 ? 2027", ["2027-05-03 00:00"]),
        ("0 0 31W * ? *", ["2026-12-31 00:00", "2027-01-29 00:00"]),
        ("0/15 * * * ? *", ["2026-11-23 00:15", "2026-11-23 00:30"]),
        ("/15 * * * ? *", ["2026-11-23 00:15", "2026-11-23 00:30"]),
        ("5-50/15 * * * ? *", ["2026-11-23 00:05", "2026-11-23 00:20"]),
        ("5/20 8-9 ? * MON-FRI *", ["2026-11-23 08:05", "2026-11-23 08:25"]),
        ("0 10 * * ? 2028-2029", ["2028-01-01 10:00", "2028-01-02 10:00"]),
        ("0 10 1 1 ? 2027/2", ["2027-01-01 10:00", "2029-01-01 10:00"]),
        ("0 10 29 2 ? *", ["2028-02-29 10:00", "2032-02-29 10:00"]),
        ("0 12 ? JAN,MAR SUN,MON *", ["2027-01-03 12:00", "2027-01-04 12:00"]),
        ("0 12 30 2 ? *", []),
        ("0 12 * * ? 2020", []),
        ("0 0 1 1 ? 2199", ["2199-01-01 00:00"]),
    ],
)
def test_cron(fields: str, due: list[str]) -> None:
    assert following(f"cron({fields})") == due


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("every day", r"'every day' is no schedule; write rate\(5 minutes\), cron"),
        ("CRON(0 8 * * ? *)", "is no schedule"),
        ("cron(0 10 * * * *)", "one of day-of-month and day-of-week must be .*, and here neither is"),
        ("cron(0 10 1 * MON *)", "here neither is"),
        ("cron(0 10 ? * ? *)", "here both is"),
        ("cron(0 10 * * ?)", "takes six fields .* and has 5"),
        ("cron(0 0 10 * * ? *)", "takes six fields .* and has 7"),
        ("cron(60 10 * * ? *)", "minute 60 is out of range; it takes 0-59"),
        ("cron(0 10 ? * 0 *)", "day-of-week 0 is out of range; it takes 1-7 or SUN-SAT"),
        ("cron(0 10 ? * 2#6 *)", "asks for week 6 of the month; # takes 1-5"),
        ("cron(0 10 ? * MON#1,FRI#2 *)", "with # only one item is allowed"),
        ("cron(0 10 * * ? 1969)", "year 1969 is out of range"),
        ("cron(0 10 * * ? 2030-2028)", "ends before it begins"),
        ("cron(0 10 * FEBRUARY ? *)", "month cannot be 'FEBRUARY'; it takes 1-12 or JAN-DEC"),
        ("cron(0/0 10 * * ? *)", "has no step after the slash"),
        ("cron(0/x 10 * * ? *)", "has no step after the slash"),
        ("cron(1,,2 10 * * ? *)", "has an empty place in its list"),
        ("cron(" + "9" * 5000 + " 10 * * ? *)", "is out of range"),
        ("cron(٣ 10 * * ? *)", "minute cannot be '٣'"),
        ("rate(5)", "is no rate; write a number and minutes, hours or days"),
        ("rate(0 minutes)", "is out of range"),
        ("rate(1 hours)", r"AWS takes one hour but several hours; write rate\(1 hour\)"),
        ("rate(5 minute)", r"write rate\(5 minutes\)"),
        ("rate(5 weeks)", "is no rate"),
        ("at(2030-02-30T00:00:00)", r"is no moment; write at\(yyyy-mm-ddThh:mm:ss\)"),
        ("at(2030-02-03)", "is no moment"),
    ],
)
def test_what_aws_refuses_is_explained(expression: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_expression(expression)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "UTC+25:00", "Europe"])
def test_unknown_time_zones_are_explained(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse_expression("rate(1 day)", zone)


def test_a_rate_counts_from_the_last_time() -> None:
    assert following("rate(90 minutes)") == ["2026-11-23 01:30", "2026-11-23 03:00"]
    assert following("rate(1 day)", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)) == [
        "2026-10-25 12:00",
        "2026-10-26 12:00",
    ]


def test_once() -> None:
    assert following("at(2026-12-01T08:00:00)", "Europe/Berlin") == ["2026-12-01 07:00"]
    assert following("at(2026-11-01T08:00:00)") == []


def test_a_schedule_follows_the_clocks_of_its_zone() -> None:
    before = datetime(2026, 10, 24, 0, tzinfo=UTC)
    assert following("cron(0 8 * * ? *)", "Europe/Berlin", before, 3) == [
        "2026-10-24 06:00",
        "2026-10-25 07:00",
        "2026-10-26 07:00",
    ]


def test_a_time_that_the_clocks_skip_is_left_out() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert following("cron(30 2 * * ? *)", "Europe/Berlin", before) == ["2026-03-30 00:30", "2026-03-31 00:30"]
    assert following("at(2026-03-29T02:30:00)", "Europe/Berlin", before) == []


def test_a_time_that_the_clocks_repeat_is_due_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert following("cron(30 2 * * ? *)", "Europe/Berlin", before) == ["2026-10-25 00:30", "2026-10-26 01:30"]
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert following("cron(30 2 * * ? *)", "Europe/Berlin", between, 1) == ["2026-10-26 01:30"]


@pytest.mark.parametrize("zone", ["UTC+05:30", "IST", "Asia/Kolkata"])
def test_zones_by_offset_and_abbreviation(zone: str) -> None:
    assert following("cron(0 8 * * ? *)", zone) == ["2026-11-23 02:30", "2026-11-24 02:30"]


@settings(max_examples=60, deadline=None)
@given(
    expressions(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    st.sampled_from(["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-03", "2018-11-03", "2018-02-16", "2028-02-28"]),
    st.integers(0, 3 * 24 * 3600),
)
def test_next_is_what_looking_at_every_minute_finds(fields: str, zone: str, day: str, second: int) -> None:
    after = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=second)
    until = after + timedelta(days=2)
    shown = oracle(fields, ZoneInfo(zone), after, until)
    due = parse_expression(f"cron({fields})", zone).next(after)
    assert (due if due and due <= until else None) == next((moment for moment in shown if moment > after), None)
