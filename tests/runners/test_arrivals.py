"""When output came, for lines that do not say so."""

from __future__ import annotations

from pathlib import Path

from engine.runners.arrivals import ENTRY, Arrivals, record_of
from engine.runners.output import open_output


def entries(log: Path) -> list[tuple[int, float]]:
    record = record_of(log)
    return list(ENTRY.iter_unpack(record.read_bytes())) if record.exists() else []


def test_each_look_that_finds_more_says_since_when(tmp_path: Path) -> None:
    moments = iter(range(100))
    arrivals = Arrivals(lambda: next(moments))
    arrivals._thread = object()  # type: ignore[assignment]  # no looks but ours
    log = tmp_path / "a.log"
    arrivals.begin(log)
    assert arrivals.look() and entries(log) == []
    log.write_bytes(b"12345")
    arrivals.look()
    arrivals.look()
    arrivals.begin(log)
    log.write_bytes(b"12345678")
    arrivals.end(log)
    assert entries(log) == [(0, 1.0), (5, 3.0)]
    log.write_bytes(b"")
    arrivals.look()
    log.write_bytes(b"1")
    arrivals.end(log)
    assert entries(log)[2:] == [(0, 5.0)]
    arrivals.end(log)
    assert not arrivals.look()


async def test_an_output_is_watched_from_its_first_byte_to_its_last(tmp_path: Path) -> None:
    for number, secrets in enumerate(((), ("hunter2",))):
        log = tmp_path / f"{number}.log"
        output = open_output(log, secrets)
        output.write("hello\n")
        await output.close()
        assert log.read_text() == "hello\n"
        assert entries(log)[0][0] == 0
