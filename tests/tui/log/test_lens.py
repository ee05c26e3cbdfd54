"""Rows and lines, with folds and filters, against a model that lists them all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.log.document import Document
from tui.log.filter import Filter
from tui.log.folds import ENDLESS, Gaps, merged
from tui.log.headings import folded, opened
from tui.log.index import RawLine
from tui.log.lens import Lens
from tui.log.line import line
from tui.log.merge import letter, pen
from tui.log.needle import needle
from tui.log.outline import Outline, outline

LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 45)), max_size=8)
STAMP = "[Container] 2026/01/01 10:00:0"


@given(INTERVALS)
def test_gaps_leave_what_the_model_leaves(intervals: list[tuple[int, int]]) -> None:
    hidden = {number for start, end in intervals for number in range(start, end)}
    left = [number for number in range(60) if number not in hidden]
    gaps = Gaps(intervals)
    assert gaps.count(60) == len(left)
    assert [gaps.number(place) for place in range(len(left))] == left
    assert [gaps.place(number) for number in range(60)] == [sum(one < number for one in left) for number in range(60)]
    assert [gaps.hides(number) for number in range(60)] == [number in hidden for number in range(60)]
    assert all(left < right for (_, left), (right, _) in zip(merged(intervals), merged(intervals)[1:], strict=False))


def build(shape: list[str]) -> str:
    """A build's log: ``p`` begins a phase, ``c`` a command, ``e`` ends a phase, anything else is output.

    In capitals it is the other one's of two merged logs, if any line is.
    """
    lines = {"p": "Entering phase BUILD", "c": "Running command make x", "e": "Phase complete: BUILD State: FAILED"}
    merged = any(kind.isupper() for kind in shape)
    leads = [f"\x1b[3{pen(number)}m{letter(number)}│\x1b[0m " if merged else "" for number in range(2)]
    return "".join(
        leads[kind.isupper()]
        + (f"{STAMP}{number % 10} {lines[kind.lower()]}\n" if kind.lower() in lines else f"{kind}\n")
        for number, kind in enumerate(shape)
    )


@LEISURELY
@given(
    shape=st.lists(st.sampled_from(["p", "c", "e", "x", "out", "out"]), max_size=25)
    | st.lists(st.sampled_from([*"pcexyPCEXY"]), max_size=25).map(lambda shape: ["title", "TITLE", *shape]),
    choice=st.sets(st.integers(0, 24)),
    filtered=st.booleans(),
)
def test_rows_are_those_of_the_model(tmp_path: Path, shape: list[str], choice: set[int], filtered: bool) -> None:
    path = tmp_path / "a.log"
    path.write_text(build(shape))
    document = Document(path, lambda: None)
    document.poll()
    lens = Lens(document)
    if document.file is not None:
        whole = Outline(document.file, window=200)
        while whole.advance():
            pass
        assert lens.outline(whole.entries, whole.weave) == bool(lens.entries)
        if filtered:
            sifted = Filter(document.file, needle("x"))
            while sifted.advance():
                pass
            lens.sift(sifted)
    folds = [entry for number, entry in enumerate(lens.entries) if number in choice]
    lens.fold(folds)
    lens.fold(folds[:1], False)
    folds = folds[1:]

    lines = build(shape).splitlines()
    passing = [number for number in range(len(lines)) if not filtered or "x" in lines[number].lower()]
    outermost: dict[int, int] = {}  # each line's fold, by the fold's first line
    for entry in reversed(folds):
        end = len(lines) if entry.end is None else entry.end
        own = [line for line in range(entry.line, end) if not entry.log or (entry.log == "B") == shape[line].isupper()]
        outermost |= dict.fromkeys(own, entry.line)
        assert lens.inside(entry) == len(own) - 1
    expected = list(dict.fromkeys(outermost.get(number, number) for number in passing))
    assert [lens.line(row) for row in range(lens.row_count)] == expected
    assert lens.settled_rows == len(expected)
    for row, number in enumerate(expected):
        assert lens.row(number) == row
        fold = lens.fold_at(row)
        assert (fold is not None) == (number in outermost and outermost[number] == number)
        if fold is None:
            assert lens.read(row).data == lines[number].encode()
    for number in passing:
        assert lens.row(number) == expected.index(outermost.get(number, number))
    for number in passing:
        lens.unfold(number)
        assert lens.line(lens.row(number)) == number
    document.close()


def test_a_fold_says_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(
        f"{STAMP}0.0 Entering phase BUILD\n{STAMP}0.5 Running command make all\nok\nok\n"
        f"{STAMP}3.0 Running command npm test\nboom\n{STAMP}5.5 Phase complete: BUILD State: FAILED\n"
    )
    document = Document(path, lambda: None)
    document.poll()
    assert document.file is not None
    phase, make, test = outline(document.file)
    texts = [found.text + found.mark for found in (folded(phase, 6), folded(make, 2), folded(test, 1))]
    assert texts == [
        "▸ Phase BUILD  5.5s  ✘ FAILED  6 lines",
        "▸ make all  2.5s  ✔  2 lines",
        "▸ npm test  2.5s  ✘ FAILED  1 line",
    ]
    assert Lens(document).around(5) == []
    document.close()
    raw = line(RawLine(b"\x1b[31m[Container] 2026/01/01 10:00:00 Running command x"))
    shown = opened(raw)
    assert shown.text == f"▾ {raw.text}" and "".join(run.text for run in shown.runs) == shown.text
    assert shown.text[: shown.prefix] == "▾ [Container] 2026/01/01 10:00:00 "


@pytest.mark.parametrize("filtered", [False, True])
def test_what_still_runs_is_folded_to_the_end_however_long_that_gets(tmp_path: Path, filtered: bool) -> None:
    path = tmp_path / "a.log"
    path.write_text(f"{STAMP}0 Entering phase BUILD\n{STAMP}0 Running command x\nx\n")
    document = Document(path, lambda: None)
    document.poll()
    assert document.file is not None
    lens = Lens(document)
    lens.outline(outline(document.file))
    sifted = Filter(document.file, needle("x"))
    if filtered:
        lens.sift(sifted)
    lens.fold(lens.entries[1:])
    with path.open("a") as writer:
        writer.write("x\n" * 50)
    document.poll()
    sifted.resume()
    while sifted.advance():
        pass
    assert lens.row_count == (1 if filtered else 2)
    assert lens.row(40) == lens.row_count - 1
    assert lens.entries[1].end is None and Gaps([(3, ENDLESS)]).count(10**12) == 3
    document.close()
