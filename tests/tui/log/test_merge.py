"""Several logs as one, by time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.log import merge as merging
from tui.log.ansi import runs
from tui.log.index import RawLine
from tui.log.line import line
from tui.log.merge import Merge, Strand, letter
from tui.log.stamps import stamps

LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
LINES = st.lists(st.tuples(st.integers(0, 30) | st.none(), st.sampled_from(["x", "y", ""])), max_size=30)


def stamp(second: int) -> str:
    return f"[Container] 2026/01/01 10:00:{second:02}.5 "


def text(lines: list[tuple[int | None, str]]) -> list[str]:
    return [(stamp(second) if second is not None else "") + word for second, word in lines]


def model(logs: list[list[tuple[int | None, str]]]) -> list[str]:
    """Each line at its own time or that of the line before; of two at one time the first log's comes first."""
    timed: list[tuple[int, int, int, str]] = []
    for number, lines in enumerate(logs):
        now = -1
        for place, (one, shown) in enumerate(zip(lines, text(lines), strict=True)):
            now = max(now, -1 if one[0] is None else one[0])
            timed.append((now, number, place, f"{letter(number)}│ {shown}"))
    return [shown for *_, shown in sorted(timed)]


def merged(merge: Merge) -> list[str]:
    while merge.advance():
        pass
    found = merge.target.read_text().splitlines()
    return ["".join(run.text for run in runs(line)) for line in found]


@LEISURELY
@given(logs=st.lists(LINES, min_size=1, max_size=3), chunk=st.sampled_from([64, 200, 4096]))
def test_lines_are_in_the_order_of_the_model(
    tmp_path_factory: pytest.TempPathFactory, logs: list[list[tuple[int | None, str]]], chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    strands = []
    for number, lines in enumerate(logs):
        path = folder / f"{number}.log"
        path.write_text("\n".join(text(lines)))  # the last line without an ending
        strands.append(Strand(path, ended=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "CHUNK", chunk)
        merge = Merge(strands, folder / "merged")
        expected = model([[*lines[:-1], *(lines[-1:] if text(lines)[-1:] != [""] else [])] for lines in logs])
        assert merged(merge) == expected
        assert not merge.resume()
        merge.close()
    assert not merge.target.exists()


def test_a_live_log_goes_on_where_the_merged_one_ends(tmp_path: Path) -> None:
    one, two = tmp_path / "1.log", tmp_path / "2.log"
    one.write_text(f"{stamp(5)}five\n")
    merge = Merge([Strand(one), Strand(two)], tmp_path / "merged")
    assert merged(merge) == [f"A│ {stamp(5)}five"]
    assert not merge.resume()
    two.write_text(f"{stamp(3)}three\nhalf a li")
    with one.open("a") as writer:
        writer.write("10%\r\x1b[K50%\rsix\r\n")
    assert merge.resume()
    assert merged(merge)[1:] == [f"B│ {stamp(3)}three", "A│ six"]
    assert not merge.resume()
    merge.ended(1)
    assert merge.resume()
    assert merged(merge)[3:] == ["B│ half a li"]
    merge.close()


def test_arrivals_stand_in_where_lines_carry_no_time(tmp_path: Path) -> None:
    one, two = tmp_path / "1.log", tmp_path / "2.log"
    one.write_text("a\nb\nc\n")
    two.write_text("x\ny\n")
    arrivals = {one: [(0, 1.0), (2, 3.0), (5, 5.0)], two: [(0, 2.0), (2, 4.0)]}
    strands = [
        Strand(path, True, lambda start, end, path=path: [one for one in arrivals[path] if start <= one[0] < end])  # type: ignore[misc]
        for path in (one, two)
    ]
    merge = Merge(strands, tmp_path / "merged")
    assert merged(merge) == ["A│ a", "B│ x", "A│ b", "B│ y", "A│ c"]
    merge.close()


def test_of_huge_logs_the_end_is_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MOST", 20)
    path = tmp_path / "1.log"
    path.write_text("first\nsecond\nthird\nfourth\n")
    merge = Merge([Strand(path, ended=True)], tmp_path / "merged")
    assert merged(merge) == ["A│ … earlier lines of this log are left out", "A│ third", "A│ fourth"]
    merge.close()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[Container] 2026/01/02 03:04:05.5 Entering", datetime(2026, 1, 2, 3, 4, 5, 500_000, UTC)),
        ("2026-01-02T03:04:05Z START", datetime(2026, 1, 2, 3, 4, 5, 0, UTC)),
        ("2026-01-02 03:04:05,250 INFO x", datetime(2026, 1, 2, 3, 4, 5, 250_000, UTC)),
        ("2026-01-02T03:04:05.5+02:00 x", datetime(2026, 1, 2, 1, 4, 5, 500_000, UTC)),
        ("2026-01-02T03:04:05-0530 x", datetime(2026, 1, 2, 8, 34, 5, 0, UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert list(stamps(f"no\n{text}\n".encode())) == [(3, at.timestamp())]


def test_what_is_no_time() -> None:
    assert list(stamps(b"2026-99-99 03:04:05 x\nat 2026-01-01 00:00:00\n20260101\n")) == []


def test_a_line_of_a_merged_log_is_known_for_what_it_is() -> None:
    shown = line(RawLine(f"\x1b[36mA│\x1b[0m {stamp(1)}Running command make".encode()), timestamps=False)
    assert shown.text == "A│ [Container] Running command make" and shown.kind.name == "COMMAND"
    assert letter(0) == "A" and letter(27) == "B2"
