"""A filter against the obvious model, in windows of every size, while the file grows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tui.log.test_index import log
from tui.log.filter import Filter
from tui.log.needle import needle

LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)


def model(data: bytes, context: int, inverted: bool) -> list[int]:
    """The lines that are shown."""
    lines = data.split(b"\n")
    lines = lines if lines[-1] else lines[:-1]
    matches = [number for number, line in enumerate(lines) if (b"x" in line) is not inverted]
    return [number for number in range(len(lines)) if any(abs(number - match) <= context for match in matches)]


@LEISURELY
@given(
    chunks=st.lists(st.text("x.\n\n\n", max_size=40).map(str.encode), max_size=6),
    window=st.sampled_from([50, 64, 1000]),
    context=st.integers(0, 3),
    inverted=st.booleans(),
)
def test_rows_are_those_of_the_model(
    tmp_path: Path, chunks: list[bytes], window: int, context: int, inverted: bool
) -> None:
    data, path = b"", tmp_path / "a.log"
    with log(path) as file:
        found = Filter(file, needle("x"), context=context, inverted=inverted, window=window)
        for chunk in chunks:
            if len(data.rpartition(b"\n")[2] + chunk.partition(b"\n")[0]) >= window:
                chunk = b"\n" + chunk  # lines longer than a window are looked at in pieces
            data += chunk
            with path.open("ab") as writer:
                writer.write(chunk)
            found.resume()
            while found.advance():
                pass
            expected = model(data, context, inverted)
            assert [found.line(row) for row in range(found.row_count)] == expected
            assert found.settled <= found.row_count <= found.settled + 1 + context
            for line in range(data.count(b"\n") + 2):
                assert found.row_at(line) == sum(shown < line for shown in expected)


def test_windows_stay_few_however_slowly_a_log_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with log(path) as file, path.open("ab", buffering=0) as writer:
        found = Filter(file, needle("x"), window=1000)
        for _ in range(1000):
            writer.write(b"x\n")
            found.resume()
            while found.advance():
                pass
        assert found.row_count == 1000
        assert len(found._starts) <= 3
