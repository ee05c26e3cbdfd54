"""Diffs of two texts."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.evidence import text
from engine.evidence.text import LONGEST, SHOWN, readable, unified, visible

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d", *map(str, range(12))]), max_size=40)


def joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("most", [0, text.COMPARED])
@given(old=LINES, new=LINES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_shown_leads_from_one_to_the_other(
    most: int, old: list[str], new: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "COMPARED", most)
    found = unified(joined(old), joined(new))
    rest = dict(enumerate(old, 1))
    for line in found.lines:
        if line.kind == "removed":
            assert rest.pop(line.old) == line.text
        elif line.kind == "same":
            assert old[line.old - 1] == new[line.new - 1] == line.text
        elif line.kind == "added":
            assert new[line.new - 1] == line.text
    added = {line.new: line.text for line in found.lines if line.kind == "added"}
    kept = iter(rest.values())
    assert [added[at] if at in added else next(kept) for at in range(1, len(new) + 1)] == new
    assert next(kept, None) is None
    assert (found.added - found.removed) == len(new) - len(old)


@given(st.text(), st.text())
def test_nothing_that_a_terminal_obeys_gets_through(old: str, new: str) -> None:
    for line in unified(old.encode("utf-8", "replace"), new.encode("utf-8", "replace")).lines:
        assert line.text.isprintable() or not line.text or all(ord(char) >= 0x20 for char in line.text)
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\n"} & set(line.text)


def test_context_and_places() -> None:
    old = [f"line {number}" for number in range(1, 21)]
    new = [*old[:9], "changed", *old[10:]]
    found = unified(joined(old), joined(new))
    assert [line.sign + line.text for line in found.lines] == [
        "@@ -7,7 +7,7 @@",
        " line 7",
        " line 8",
        " line 9",
        "-line 10",
        "+changed",
        " line 11",
        " line 12",
        " line 13",
    ]
    assert (found.added, found.removed, found.more) == (1, 1, 0)


def test_a_huge_difference_is_counted_and_its_beginning_shown() -> None:
    old, new = [f"old {number}" for number in range(9_000)], [f"new {number}" for number in range(8_000)]
    found = unified(joined(["same", *old]), joined(["same", *new]))
    assert (found.added, found.removed) == (8_000, 9_000)
    assert len(found.lines) == SHOWN + 1 and found.lines[-1].text == f"… {found.more} more lines"


def test_scattered_changes_of_a_long_text_are_told_apart() -> None:
    old = [f"line {number}" for number in range(20_000)]
    new = [f"{line}, changed" if number % 1_000 == 500 else line for number, line in enumerate(old)]
    found = unified(joined(old), joined(new))
    assert (found.added, found.removed) == (20, 20)
    assert sum(line.kind == "hunk" for line in found.lines) == 20


def test_the_end_of_the_last_line_is_part_of_it() -> None:
    found = unified(b"a\n", b"a")
    assert [line.text for line in found.lines if line.kind != "hunk"] == ["a", "a (no line end)"]
    assert unified(b"a", b"a").lines[0].text == "the same lines"
    assert unified(b"", b"").lines[0].kind == "note"


@pytest.mark.parametrize("data", [b"a\0b", b"\xff\xfe\xfd\xfc" * 20])
def test_bytes_are_no_text(data: bytes) -> None:
    assert readable(data) is None and unified(data, b"text\n").binary


def test_what_is_shown_of_a_line() -> None:
    assert visible("a\tb") == "a       b"
    assert visible("\x1b]0;x\x07\x9b\u202e") == "␛]0;x␇��"
    assert visible("x" * (LONGEST + 5)).endswith(" … 5 more characters")
