"""The line index against the obvious model: read everything and split it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.log.file import LogFile
from tui.log.index import LineIndex

CHUNKS = st.lists(st.text("ab\n\n\ré", max_size=40).map(str.encode), max_size=12)
LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)


def model(data: bytes) -> list[bytes]:
    """The lines as `split` has them."""
    lines = data.split(b"\n")
    return (lines if lines[-1] else lines[:-1]) if data else []


@contextmanager
def log(path: Path, data: bytes = b"") -> Iterator[LogFile]:
    path.write_bytes(data)
    file = LogFile.open(path)
    assert file is not None
    try:
        yield file
    finally:
        file.close()


@LEISURELY
@given(
    chunks=CHUNKS,
    block=st.sampled_from([1, 7, 64]),
    budget=st.sampled_from([1, 5, 1000]),
    tail=st.sampled_from([1, 9, 999]),
)
def test_lines_are_those_of_split_however_the_file_grew(
    tmp_path: Path, chunks: list[bytes], block: int, budget: int, tail: int
) -> None:
    data, path = b"", tmp_path / "a.log"
    with log(path) as file:
        index = LineIndex(file, block=block, tail=tail)
        for chunk in chunks:
            data += chunk
            with path.open("ab") as writer:
                writer.write(chunk)
            while index.extend(budget):
                pass
            lines = model(data)
            assert index.line_count == len(lines)
            assert index.newlines == data.count(b"\n")
            assert index.end == len(data)
            for number, line in enumerate(lines):
                assert index.read(number).data == line.rstrip(b"\r")
                assert index.line_at(index.start_of(number)) == number
            assert index.read(len(lines)).data == b""


@LEISURELY
@given(data=st.text("ab\n", max_size=200).map(str.encode), start=st.integers(0, 200))
def test_an_index_of_the_end_sees_the_end(tmp_path: Path, data: bytes, start: int) -> None:
    start = min(start, len(data))
    with log(tmp_path / "a.log", data) as file:
        index = LineIndex(file, start, block=16)
        while index.extend(7):
            pass
        lines = model(data[start:])
        assert [index.read(number).data for number in range(index.line_count)] == lines


@LEISURELY
@given(data=st.text("ab\n", max_size=200).map(str.encode))
def test_every_byte_belongs_to_its_line(tmp_path: Path, data: bytes) -> None:
    with log(tmp_path / "a.log", data) as file:
        index = LineIndex(file, block=16)
        index.extend()
        assert [index.line_at(at) for at in range(len(data))] == [data[:at].count(b"\n") for at in range(len(data))]


def test_memory_does_not_depend_on_the_number_of_lines(tmp_path: Path) -> None:
    with log(tmp_path / "a.log", b"\n" * 1_000_000) as file:
        index = LineIndex(file)
        assert index.extend(2_000_000) == 1_000_000
        assert index.line_count == 1_000_000
        assert len(index._before) == 16


def test_a_line_of_any_length_costs_the_same(tmp_path: Path) -> None:
    with log(tmp_path / "a.log", b"x" * 1_000_000 + b"\nnext\n") as file:
        index = LineIndex(file)
        index.extend(2_000_000)
        assert index.read(0) == (b"x" * 4096, 1_000_001 - 4096)
        assert index.read(1) == (b"next", 0)


def test_a_long_progress_bar_shows_its_last_state(tmp_path: Path) -> None:
    bar = b"".join(b"\r%6d of 9999" % number for number in range(10_000))
    with log(tmp_path / "a.log", b"downloading" + bar + b"\ndone\n") as file:
        index = LineIndex(file)
        index.extend(1 << 20)
        assert index.read(0) == (b"\r  9999 of 9999", 0)


def test_a_cut_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with log(path, b"one\ntwo\n") as file:
        index = LineIndex(file)
        index.extend()
        assert index.intact()
        path.write_bytes(b"one\n")
        assert not index.intact()
        index.read(1)  # what is gone reads as something, not as an exception


def test_a_file_rewritten_to_a_greater_length_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with log(path, b"one\ntwo\n") as file:
        index = LineIndex(file)
        index.extend()
        with path.open("ab") as writer:
            writer.write(b"three\n")
        assert index.intact()
        path.write_bytes(b"another beginning altogether\n")
        assert not index.intact()


def test_a_closed_file_reads_as_empty(tmp_path: Path) -> None:
    with log(tmp_path / "a.log", b"one\n") as file:
        file.close()
        assert (file.size(), file.read(0, 10)) == (0, b"")


def test_only_regular_files_are_logs(tmp_path: Path) -> None:
    assert LogFile.open(tmp_path) is None
    assert LogFile.open(tmp_path / "absent") is None
    assert LogFile.open(Path("/dev/null")) is None


def test_a_replaced_file_is_stale_a_deleted_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with log(path, b"old\n") as file:
        path.unlink()
        assert not file.stale()
        assert file.read(0, 10) == b"old\n"
        other = tmp_path / "b.log"
        other.write_bytes(b"new\n")
        other.rename(path)
        assert file.stale()


def test_a_failing_disk_reads_as_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with log(tmp_path / "a.log", b"one\n") as file:
        monkeypatch.setattr("os.pread", fail)
        monkeypatch.setattr("os.fstat", fail)
        assert (file.size(), file.read(0, 10)) == (0, b"")
        monkeypatch.undo()
