"""What is shown of a line, and what is known of it."""

from __future__ import annotations

import pytest

from tui.log.index import RawLine
from tui.log.line import Kind, Line, line

STAMP = "2026/01/01 10:00:00.123456"


def shown(text: str, *, timestamps: bool = True) -> Line:
    return line(RawLine(text.encode()), timestamps=timestamps)


def test_codebuilds_own_lines_have_a_prefix() -> None:
    found = shown(f"[Container] {STAMP} Entering phase BUILD")
    assert found.text[: found.prefix] == f"[Container] {STAMP} "
    assert found.kind is Kind.PLAIN


def test_times_can_be_left_out() -> None:
    found = shown(f"[Container] {STAMP} Running command make", timestamps=False)
    assert found.text == "[Container] Running command make"
    assert found.text[: found.prefix] == "[Container] "
    assert "".join(run.text for run in found.runs) == found.text
    assert shown("2026-01-01T10:00:00.123Z hello", timestamps=False).text == "hello"
    assert shown("built 2026-01-01T10:00:00Z hello", timestamps=False).text == "built 2026-01-01T10:00:00Z hello"


def test_colour_stays_when_the_time_goes() -> None:
    found = shown(f"[Container] {STAMP} \x1b[31mred\x1b[0m rest", timestamps=False)
    assert [(run.text, run.pen.foreground) for run in found.runs] == [
        ("[Container] ", None),
        ("red", 1),
        (" rest", None),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"[Container] {STAMP} Running command npm test", Kind.COMMAND),
        (f"[Container] {STAMP} Running command echo error: none", Kind.COMMAND),
        ("Running command of my own", Kind.PLAIN),
        (f"[Container] {STAMP} Phase complete: BUILD State: FAILED", Kind.ERROR),
        (f"[Container] {STAMP} Phase complete: BUILD State: SUCCEEDED", Kind.PLAIN),
        (f"[Container] {STAMP} Command did not exit successfully false exit status 1", Kind.ERROR),
        ("warning: unused variable", Kind.WARNING),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert shown(text).kind is kind


def test_invalid_bytes_are_replaced() -> None:
    assert line(RawLine(b"caf\xe9 \xff\xfe ok")).text == "caf\ufffd \ufffd\ufffd ok"


def test_a_cut_line_says_how_much_is_missing() -> None:
    found = line(RawLine("é".encode() * 3 + b"\xc3", 5 * 1024 * 1024))
    assert found.text == "ééé"
    assert found.mark == " … 5.0 MiB more"
    assert line(RawLine(b"x", 12)).mark == " … 12 bytes more"
