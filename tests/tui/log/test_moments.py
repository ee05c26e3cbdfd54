"""From lines to times and back, without reading the whole log."""

from __future__ import annotations

import struct
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.log import moments
from tui.log.file import LogFile
from tui.log.moments import Moments

LEISURELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
START = 1767261600.0  # 2026-01-01 10:00:00 UTC


@LEISURELY
@given(
    steps=st.lists(st.integers(0, 3), min_size=1, max_size=200), stamped=st.booleans(), near=st.sampled_from([64, 512])
)
def test_every_moment_leads_to_the_last_line_written_by_then(
    tmp_path: Path, steps: list[int], stamped: bool, near: int
) -> None:
    log, now, at = tmp_path / "a.log", 0, 0
    lines, times, noted = list[str](), list[int](), b""
    for step in steps:
        now += step
        lines.append(f"[Container] 2026/01/01 10:{now // 60:02}:{now % 60:02} x\n" if stamped else "one of the lines\n")
        times.append(now)
        noted += b"" if stamped else struct.pack("<Qd", at, START + now)
        at += len(lines[-1])
    log.write_text("".join(lines))
    log.with_name("a.log.times").write_bytes(noted)
    file = LogFile.open(log)
    assert file is not None
    found, width = Moments(file), len(lines[0])
    before, moments.NEAR = moments.NEAR, near
    try:
        assert found.span() == (START + times[0], START + times[-1])
        for number, moment in enumerate(times):
            assert found.at(number * width) == START + moment
            last = max(line for line, when in enumerate(times) if when <= moment)
            assert found.find(START + moment) == last * width
            later = min((line for line, when in enumerate(times) if when >= moment + 2), default=len(lines))
            assert found.away(number * width, 2) == later * width
            earlier = max((line for line, when in enumerate(times) if when <= moment - 2), default=0)
            assert found.away(number * width, -2) == earlier * width
        assert found.find(START - 1) == 0 and found.find(START + now + 9) == (len(lines) - 1) * width
    finally:
        moments.NEAR = before
        file.close()


def test_where_nothing_tells_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("no time at all\n")
    file = LogFile.open(tmp_path / "a.log")
    assert file is not None
    found = Moments(file)
    assert (found.span(), found.at(0), found.find(1.0), found.away(0, 60)) == (None, None, None, None)
    file.close()
