"""What is searched for is what is seen, line by line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.log.index import RawLine
from tui.log.line import line
from tui.log.needle import needle
from tui.log.shown import among, lines_of

PIECES = st.lists(
    st.sampled_from(["a", "b", "aa", " ", "é", "界", "\x1b[31m", "\x1b[0m", "\x1b]8;;http://x\x07", "\r", "\n", "\r\n"])
    | st.text("abc\n", max_size=4),
    max_size=25,
).map("".join)
EXPRESSIONS = [
    "a",
    "a+b",
    "^a",
    "b$",
    "^$",
    "a.b",
    "[^a]",
    "a(?!b)",
    "(?<=a)b",
    r"\Ab",
    r"a\Z",
    r"\s",
    "a|界",
    "é",
    r"b\b",
    "(?>a+)b",
]


def matching(data: bytes) -> list[str]:
    """Each line as the screen has it; an unfinished one that shows nothing yet is none."""
    lines = [line(RawLine(raw.rstrip(b"\r"))).text for raw in data.split(b"\n")]
    return lines if lines[-1] else lines[:-1]


@given(PIECES, st.sampled_from(EXPRESSIONS))
def test_an_expression_finds_the_lines_that_re_finds_in_what_is_shown(text: str, expression: str) -> None:
    data = text.encode()
    expected = [number for number, shown in enumerate(matching(data)) if re.search(expression, shown)]
    assert lines_of(data, needle(expression, expression=True)(data)) == expected


@given(PIECES, st.sampled_from(["a", "ab", "é", "界a", "aa"]))
def test_words_are_found_in_the_lines_that_show_them(text: str, words: str) -> None:
    data = text.encode()
    expected = [number for number, shown in enumerate(matching(data)) if words in shown]
    assert lines_of(data, needle(words)(data)) == expected


@given(st.binary(max_size=200), st.sampled_from(EXPRESSIONS))
def test_any_bytes_give_positions_inside_them_in_order(data: bytes, expression: str) -> None:
    found = needle(expression, expression=True)(data)
    assert found == sorted(found) and all(0 <= at <= len(data) for at in found)
    assert len(set(lines_of(data, found))) == len(found)


@given(PIECES)
def test_among_others_only_lines_with_both(text: str) -> None:
    data = text.encode()
    a, b = needle("a"), needle("b")
    both = {*lines_of(data, a(data))} & {*lines_of(data, b(data))}
    assert lines_of(data, among(a, b)(data)) == sorted(both)
    assert lines_of(data, among(a, b, inverted=True)(data)) == sorted({*lines_of(data, a(data))} - both)


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"err\w+", "ERROR", True),
        (r"Err\w+", "ERROR", False),
        (r"\Serr", "xERR", True),
        (r"\x41", "a", True),
        ("(?i)Err", "ERR", True),
    ],
)
def test_capitals_matter_only_if_they_are_written(expression: str, text: str, found: bool) -> None:
    wanted = needle(expression, expression=True)
    assert bool(wanted(text.encode())) == bool(wanted.spans(text)) == found


def test_a_bad_expression_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="missing \\)"):
        needle("(a", expression=True)


def test_an_expression_without_end_is_given_up() -> None:
    wanted = needle(r"^(a|aa)+$", expression=True)
    assert wanted.problem == ""
    assert wanted(b"a" * 60 + b"c\n") == []
    assert wanted.problem == "takes too long"
    assert wanted(b"aa\n") == []
    assert wanted.spans("a" * 60 + "c") == []
