"""Whatever is in a log, what reaches the screen is text and colours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.log.ansi import PLAIN, Pen, Run, runs
from tui.log.index import RawLine
from tui.log.line import line

OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["\x1b[", "\x1b]", "\x1bP", "\x9b", "\x9d", "\x90", "\x07", "\x1b\\", "\x9c", "\x1b", "m", ";"]
        ),
        st.sampled_from(["31", "38;5;", "48:2::1:2:3", "?25l", "0;title", "\r", "\t", "\b", "\u202e", "界", "é"]),
        st.text(max_size=5),
    ),
    max_size=30,
).map("".join)


def text_of(found: list[Run]) -> str:
    return "".join(run.text for run in found)


@given(st.binary(max_size=300))
def test_no_byte_sequence_gets_a_control_through(data: bytes) -> None:
    assert not OBEYED.search(line(RawLine(data)).text)


@given(PIECES)
def test_no_sequence_gets_a_control_through(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for hidden in (0, 5):
        found = line(RawLine(data, hidden))
        assert not OBEYED.search(found.text + found.mark)
        assert "".join(run.text for run in found.runs) == found.text


@given(st.text(st.characters(blacklist_categories=["C", "Z"], whitelist_characters=" "), max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert runs(text) == ([Run(text, PLAIN)] if text else [])


@pytest.mark.parametrize(
    ("codes", "pen"),
    [
        ("1", Pen(bold=True)),
        ("2;3;4;7;9", Pen(dim=True, italic=True, underline=True, reverse=True, strike=True)),
        ("31", Pen(foreground=1)),
        ("97;104", Pen(foreground=15, background=12)),
        ("38;5;208", Pen(foreground=208)),
        ("48;2;1;2;3", Pen(background=(1, 2, 3))),
        ("38:2::10:20:30", Pen(foreground=(10, 20, 30))),
        ("38:2:10:20:30", Pen(foreground=(10, 20, 30))),
        ("38:5:99", Pen(foreground=99)),
        ("4:3", Pen(underline=True)),
        ("4;4:0", PLAIN),
        ("1;31;22;39", PLAIN),
        ("31;0", PLAIN),
        ("31;", PLAIN),
        ("1;38;5;999;4", Pen(bold=True, underline=True)),
        ("38;5", PLAIN),
        ("38", PLAIN),
        ("?1;>4", PLAIN),
        ("9" * 5000, PLAIN),
        ("38:", PLAIN),
        ("48:2:1", PLAIN),
    ],
)
def test_colours(codes: str, pen: Pen) -> None:
    assert runs(f"a\x1b[{codes}mb") == ([Run("ab", PLAIN)] if pen == PLAIN else [Run("a", PLAIN), Run("b", pen)])


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[2J",
        "\x1b[?25l",
        "\x1b[10;20H",
        "\x1b]0;title\x07",
        "\x1b]52;c;aGVsbG8=\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1b_apc\x1b\\",
        "\x9b31;1H",
        "\x9d0;title\x9c",
        "\x1bc",
        "\x1b(B",
        "\x1b7",
        "\x07",
        "\x00",
        "\u202e",
    ],
)
def test_everything_else_is_dropped(sequence: str) -> None:
    assert text_of(runs(f"before{sequence}after")) == "beforeafter"


def test_an_unfinished_sequence_loses_its_sting_but_not_its_text() -> None:
    assert text_of(runs("a\x1b]0;title without end")) == "a0;title without end"
    assert text_of(runs("a\x1b[")) == "a"
    assert text_of(runs("a\x1b")) == "a"


def test_many_unfinished_sequences_take_no_time_to_speak_of() -> None:
    for introducer in ("\x1b]", "\x90", "\x1b[", "\x9b", "\x1bP1"):
        assert "\x1b" not in text_of(runs(introducer * 2000))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10%\r50%\r100%", "100%"),
        ("10%\r50%\r", "50%"),
        ("windows\r\n", "windows"),
        ("\r\r", ""),
        ("\x1b[32m10%\r\x1b[K100%", "100%"),
    ],
)
def test_a_carriage_return_starts_anew(text: str, shown: str) -> None:
    assert text_of(runs(text)) == shown


def test_colour_outlives_a_carriage_return() -> None:
    assert runs("\x1b[32m10%\r100%") == [Run("100%", Pen(foreground=2))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a       b"),
        ("\t\tb", " " * 16 + "b"),
        ("12345678\tb", "12345678        b"),
        ("界\tb", "界      b"),
        ("a\x1b[31m\tb", "a       b"),
    ],
)
def test_tabs_reach_the_next_eighth_cell(text: str, shown: str) -> None:
    assert text_of(runs(text)) == shown
    assert cell_len(text_of(runs(text))) % 8 == 1
