"""Search against the obvious model, in windows of every size, while the file grows."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tui.log.test_index import log
from tui.log.hunt import Hunt
from tui.log.needle import Words
from tui.log.search import Search

LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)


def model(data: bytes, needle: bytes) -> list[int]:
    """The first match of each line."""
    found, start = [], 0
    for line in data.split(b"\n"):
        if (at := line.find(needle)) >= 0:
            found.append(start + at)
        start += len(line) + 1
    return found


@LEISURELY
@given(
    chunks=st.lists(st.text("ab\n", max_size=60).map(str.encode), max_size=6),
    window=st.sampled_from([70, 100, 1000]),
    needle=st.sampled_from(["a", "ab", "bb"]),
)
def test_matches_are_those_of_the_model(tmp_path: Path, chunks: list[bytes], window: int, needle: str) -> None:
    data, path = b"", tmp_path / "a.log"
    with log(path) as file:
        search = Search(file, Words(needle), window=window)
        for chunk in chunks:
            if len(data.rpartition(b"\n")[2] + chunk.partition(b"\n")[0]) >= window:
                chunk = b"\n" + chunk  # lines longer than a window are counted in pieces
            data += chunk
            with path.open("ab") as writer:
                writer.write(chunk)
            search.resume()
            while search.advance():
                pass
            expected = model(data, needle.encode())
            assert search.count == len(expected)
            assert [search.nth(number) for number in range(search.count)] == expected
            for at in range(0, len(data) + 1, 3):
                assert search.after(at) == next((hit for hit in expected if hit >= at), None)
                assert search.before(at) == next((hit for hit in reversed(expected) if hit < at), None)


def test_windows_stay_few_however_slowly_a_log_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with log(path) as file, path.open("ab", buffering=0) as writer:
        search = Search(file, Words("x"), window=1000)
        for _ in range(1000):
            writer.write(b"x\n")
            search.resume()
            while search.advance():
                pass
        assert search.count == 1000
        assert len(search._starts) <= 3


@pytest.mark.parametrize(
    ("needle", "text", "spans"),
    [
        ("error", "Error and ERROR", [(0, 5), (10, 15)]),
        ("Error", "Error and ERROR", [(0, 5)]),
        ("a.b", "a.b axb", [(0, 3)]),
        ("é", "café", [(3, 4)]),
    ],
)
def test_case_matters_only_if_it_is_written(needle: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert Words(needle).spans(text) == spans
    assert bool(Words(needle)(text.encode())) == bool(spans)


def arrive(hunt: Hunt, reports: threading.Semaphore) -> int | None:
    """Waits for the thread to have looked at everything."""
    while (hit := hunt.arrived()) is None and not hunt.complete:
        reports.acquire()
    return hit if hit is not None else hunt.arrived()


def test_a_hunt_goes_around_the_ends(tmp_path: Path) -> None:
    reports = threading.Semaphore(0)
    with log(tmp_path / "a.log", b"x\n--\nx\n--\nx\n") as file:
        hunt = Hunt(file, Words("x"), reports.release)
        hunt.go(1, 0)
        assert (arrive(hunt, reports), hunt.count, hunt.number) == (0, 3, 1)
        hunt.go(1, 1)
        assert (hunt.arrived(), hunt.number) == (5, 2)
        hunt.go(-1, 0)
        assert (hunt.arrived(), hunt.number) == (10, 3)
        hunt.go(1, 11)
        assert hunt.arrived() == 0
        assert hunt.arrived() is None
        hunt.cancel()


def test_a_hunt_for_nothing_ends(tmp_path: Path) -> None:
    reports = threading.Semaphore(0)
    with log(tmp_path / "a.log", b"abc\n") as file:
        hunt = Hunt(file, Words("zzz"), reports.release)
        hunt.go(1, 0)
        assert arrive(hunt, reports) is None
        assert (hunt.count, hunt.number) == (0, 0)
        hunt.cancel()


def test_a_hunt_takes_in_what_is_appended(tmp_path: Path) -> None:
    reports, path = threading.Semaphore(0), tmp_path / "a.log"
    with log(path, b"x\n") as file:
        hunt = Hunt(file, Words("x"), reports.release)
        arrive(hunt, reports)
        while not hunt.complete:
            reports.acquire()
        with path.open("ab") as writer:
            writer.write(b"x\nno\nx")
        while hunt.count < 3:
            hunt.resume()
        assert hunt.count == 3
        hunt.cancel()
