"""Durations, sizes, tables and colours."""

from __future__ import annotations

import io

import click
import pytest

from tui.cli.columns import clipped, table, width
from tui.cli.terminal import Terminal, wants_colour
from tui.cli.words import Duration, Size, count, stamp


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2 min", 120), ("1h", 3600), (5, 5)]
)
def test_durations_that_people_type(text: object, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


def test_a_duration_that_is_none() -> None:
    with pytest.raises(click.BadParameter, match="write 90s, 15m or 1h"):
        Duration().convert("soon", None, None)


@pytest.mark.parametrize(
    ("text", "size"), [("10", 10), ("1k", 1024), ("1.5MiB", 1572864), ("2GB", 2 << 30), ("1T", 1 << 40), (7, 7)]
)
def test_sizes_that_people_type(text: object, size: int) -> None:
    assert Size().convert(text, None, None) == size


def test_a_size_that_is_none() -> None:
    with pytest.raises(click.BadParameter, match="write 500MiB"):
        Size().convert("big", None, None)


def test_counts_and_stamps() -> None:
    assert (count(1, "action"), count(3, "action")) == ("1 action", "3 actions")
    assert stamp(1_700_000_000.1234) == "2023-11-14T22:13:20.123Z"


def test_tables_align_wide_letters_and_leave_no_blanks_at_the_end() -> None:
    drawn = table(Terminal(), ["A", "B"], [["日本", ("x", "good")], ["a", ""]])
    assert drawn.splitlines() == ["A     B", "日本  x", "a"]
    assert width("日本") == 4


def test_clipping() -> None:
    assert (clipped("abc", 3), clipped("abcd", 3)) == ("abc", "ab…")


def test_colour_is_asked_for_or_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    assert wants_colour("always", pipe)
    assert not wants_colour("auto", pipe)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_colour("auto", pipe)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour("auto", pipe)
    assert wants_colour("always", pipe)


def test_paint_only_where_there_is_colour() -> None:
    assert Terminal().paint("x", "bad") == "x"
    assert Terminal(err_colour=True).paint("x", "bad") == "\x1b[31m\x1b[1mx\x1b[0m"
    assert Terminal(err_colour=True).paint("x", "bad", result=True) == "x"
