"""Report files come from anywhere: none of them may take the machine down, or anything from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports import read, xml
from engine.reports.location import locate, places
from engine.reports.model import UnreadableReport, message, number, seconds

BOMB = """<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuites>&b;</testsuites>"""
THIEF = """<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuites>&a;</testsuites>"""
PARAMETER = """<!DOCTYPE t [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]><testsuites/>"""


@pytest.mark.parametrize("text", [BOMB, THIEF, PARAMETER])
def test_entities_are_refused(text: str) -> None:
    with pytest.raises(UnreadableReport, match="entities"):
        xml.parse(text.encode())


def test_depth_is_bounded() -> None:
    with pytest.raises(UnreadableReport, match="nested"):
        xml.parse(b"<a>" * 10_000)


def test_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGEST", 10)
    (tmp_path / "report").write_text("<testsuites/>")
    with pytest.raises(UnreadableReport, match="larger"):
        read.read_cases(tmp_path / "report", "JUNITXML")


def test_a_json_bomb_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("[" * 200_000)
    with pytest.raises(UnreadableReport):
        read.read_cases(tmp_path / "report", "CUCUMBERJSON")


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "1e999", '"x"', "[]", "-1", "null", "true"])
def test_odd_numbers_of_json_are_none(tmp_path: Path, odd: str) -> None:
    step = f'{{"line": {odd}, "result": {{"status": "failed", "duration": {odd}}}}}'
    (tmp_path / "report").write_text(f'[{{"elements": [{{"name": "a", "line": {odd}, "steps": [{step}]}}]}}]')
    (case,) = read.read_cases(tmp_path / "report", "CUCUMBERJSON")
    assert (case.name, case.status, 0 <= case.line <= 1, 0 <= case.seconds < 1) == ("a", "FAILED", True, True)


def test_what_nobody_reads_is_not_kept(tmp_path: Path) -> None:
    told = "<system-out>much<a/>more</system-out><properties><property name='x'/></properties>"
    bad = f"<testcase name='{'n' * 5000}'>{told}<failure>no</failure>{told}</testcase>"
    (tmp_path / "report").write_text(f"<testsuite name='s'>{told}{bad}{told}<testcase name='b'/></testsuite>")
    long, other = read.read_cases(tmp_path / "report", "JUNITXML")
    assert (len(long.name), long.message, long.status, other.name) == (1000, "no", "FAILED", "b")
    assert [one.tag for one in xml.parse(b"<a><b><c>1</c></b>2<d/></a>", without=frozenset({"b"}))] == ["d"]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        xml.parse(raw)
    except UnreadableReport as error:
        assert str(error)


@given(st.text())
def test_any_text_is_a_duration_and_a_count(text: str) -> None:
    assert 0.0 <= seconds(text) < 1e9
    assert number(text) >= 0


@pytest.mark.parametrize(
    ("text", "expected"), [("nan", 0), ("inf", 0), ("-1", 0), ("1:2:3.5", 3723.5), ("1,5", 1.5), ("1,234.5", 1234.5)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_messages_are_cut_and_not_repeated() -> None:
    assert message("boom\nat line 1", "boom", None, " ") == "boom\nat line 1"
    assert len(message("x" * 100_000)) == 4_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tests/test_a.py:9: AssertionError", ("tests/test_a.py", 9)),
        ('File "/src/app.py", line 3, in f\nFile "/usr/lib/unittest.py", line 8', ("/src/app.py", 3)),
        ("at X.Fails() in /src/Tests/X.cs:line 12", ("/src/Tests/X.cs", 12)),
        ("at Object.<anonymous> (src/cart.test.js:14:7)", ("src/cart.test.js", 14)),
        ("cart_test.go:22: boom", ("cart_test.go", 22)),
        ("at\tC:\\src\\a.cs:7", ("C:\\src\\a.cs", 7)),
        ("nothing", ("", 0)),
    ],
)
def test_where_a_failure_stands(text: str, expected: tuple[str, int]) -> None:
    known = {"tests/test_a.py", "/src/app.py", "/src/Tests/X.cs", "src/cart.test.js", "cart_test.go", "C:\\src\\a.cs"}
    assert locate(text, lambda path: path if path in known else "") == expected
    assert (expected in list(places(text))) is bool(expected[1])
