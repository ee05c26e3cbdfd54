"""Deployment windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.window import parse_window
from tests.model.crons import MINUTE, expressions, minutes, shows


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["0 0 9-17 ? * MON-FRI *", "* * 9-17 ? * MON-FRI *", "* * 9-17 ? * 2-6"])
def test_working_hours(text: str) -> None:
    window = parse_window(text)
    assert not window.is_open(at("2026-11-23T08:59:59"))
    assert window.is_open(at("2026-11-23T09:00:00"))
    assert window.is_open(at("2026-11-23T17:59:59"))
    assert not window.is_open(at("2026-11-23T18:00:00"))
    assert not window.is_open(at("2026-11-28T12:00:00"))
    assert window.opens(at("2026-11-27T12:00:00")) == at("2026-11-30T09:00:00")
    assert window.closes(at("2026-11-27T12:00:30")) == at("2026-11-27T18:00:00")
    assert window.closes(at("2026-11-28T12:00:00")) is None


def test_a_window_of_a_few_minutes() -> None:
    window = parse_window("* 30-44 9 ? * * *")
    assert window.opens(at("2026-11-23T00:00:00")) == at("2026-11-23T09:30:00")
    assert window.closes(at("2026-11-23T09:31:00")) == at("2026-11-23T09:45:00")
    assert window.opens(at("2026-11-23T09:30:00")) == at("2026-11-24T09:30:00")


def test_whole_days_are_one_window() -> None:
    window = parse_window("* * * ? * SAT,SUN")
    assert window.opens(at("2026-11-23T00:00:00")) == at("2026-11-28T00:00:00")
    assert window.closes(at("2026-11-28T07:00:00")) == at("2026-11-30T00:00:00")
    assert window.opens(at("2026-11-28T12:00:00")) == at("2026-12-05T00:00:00")


def test_a_window_over_midnight() -> None:
    window = parse_window("* * 22-3 ? * *", "Europe/Berlin")
    assert window.opens(at("2026-11-23T12:00:00")) == at("2026-11-23T21:00:00")
    assert window.closes(at("2026-11-23T22:00:00")) == at("2026-11-24T03:00:00")


def test_a_window_that_is_always_or_never_open() -> None:
    always, never = parse_window("* * * ? * *"), parse_window("* * * 30 FEB ? *")
    now = at("2026-11-23T12:00:00")
    assert (always.is_open(now), always.opens(now), always.closes(now)) == (True, None, None)
    assert (never.is_open(now), never.opens(now), never.closes(now)) == (False, None, None)


def test_a_window_of_years() -> None:
    window = parse_window("* * * ? * * 2027-2028")
    assert window.opens(at("2026-11-23T12:00:00")) == at("2027-01-01T00:00:00")
    assert window.closes(at("2027-06-01T12:00:00")) == at("2029-01-01T00:00:00")


def test_windows_follow_the_clocks() -> None:
    """On the day that clocks go back, the window 2-3 is open two hours."""
    window = parse_window("* * 2 ? * *", "Europe/Berlin")
    assert window.opens(at("2026-10-24T12:00:00")) == at("2026-10-25T00:00:00")
    assert window.closes(at("2026-10-25T00:30:00")) == at("2026-10-25T02:00:00")
    assert window.opens(at("2026-03-28T12:00:00")) == at("2026-03-30T00:00:00")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("* 9-17 ? * MON-FRI", "takes six or seven fields .* and has 5"),
        ("* * 9-17 * * * *", "must be ?"),
        ("61 * 9-17 ? * MON-FRI", "second 61 is out of range"),
        ("* * 9-24 ? * MON-FRI", "hour 24 is out of range"),
        ("* * 9-17 ? * MON-FRY", "day-of-week cannot be 'FRY'; it takes 1-7 or SUN-SAT"),
    ],
)
def test_what_is_no_window_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_window(text)


@settings(max_examples=60, deadline=None)
@given(
    expressions(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    st.sampled_from(["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-03", "2018-11-03", "2018-02-16", "2028-02-28"]),
    st.integers(0, 3 * 24 * 3600),
    st.booleans(),
)
def test_edges_are_what_looking_at_every_minute_finds(
    fields: str, zone: str, day: str, second: int, whole: bool
) -> None:
    if whole:
        fields = " ".join(["*", "*", *fields.split()[2:]])
    window = parse_window(f"* {fields}", zone)
    start = at(day) + timedelta(seconds=second)
    until = start + timedelta(days=2)
    clocks = ZoneInfo(zone)
    opened = {moment: shows(fields, moment.astimezone(clocks)) for moment in minutes(start - MINUTE, until)}
    later = [moment for moment in opened if moment > start]
    opens = next((moment for moment in later if opened[moment] and not opened[moment - MINUTE]), None)
    closes = next((moment for moment in later if not opened[moment]), None) if window.is_open(start) else None
    found = [window.opens(start), window.closes(start)]
    assert [moment if moment and moment <= until else None for moment in found] == [opens, closes]
    assert window.is_open(start) == shows(fields, start.astimezone(clocks))
