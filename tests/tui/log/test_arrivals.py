"""When lines came, beside them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.runners.arrivals import ENTRY, record_of
from tests.tui.log.harness import showing, until
from tui.log.arrivals import Arrivals

NOON = 1767268800.0  # 2026-01-01 12:00 UTC


def note(log: Path, *entries: tuple[int, float]) -> None:
    with record_of(log).open("ab") as record:
        record.write(b"".join(ENTRY.pack(*entry) for entry in entries))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.integers(0, 30), unique=True, max_size=10), st.integers(0, 31), st.integers(0, 31))
def test_a_byte_came_with_the_last_entry_before_it(tmp_path: Path, positions: list[int], start: int, end: int) -> None:
    log = tmp_path / "a.log"
    record_of(log).unlink(missing_ok=True)
    arrivals = Arrivals(log)
    assert not arrivals.read()
    entries = [(position, float(position * 10)) for position in sorted(positions)]
    note(log, *entries[:3])
    arrivals.read()
    note(log, *entries[3:])
    assert arrivals.between(start, end) == [entry for entry in entries if start <= entry[0] < end]
    before = [moment for position, moment in entries if position <= start]
    assert arrivals.at(start) == (before[-1] if before else None)


async def test_t_shows_own_times_then_all_then_none(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    stamp = "[Container] 2026/01/01 12:00:00.000000 "
    log.write_text(f"{stamp}Running command make\nmaking\n")
    note(log, (0, NOON), (len(stamp) + 21, NOON + 1.25))
    async with showing(log) as (app, pilot):
        await until(pilot, lambda: app.rows[0].startswith(f"▾ {stamp}"))
        await pilot.press("t")
        shown = ["12:00:00.0 ▾ [Container] Running command make", "12:00:01.2 making"]
        await until(pilot, lambda: app.rows[:2] == shown)
        with log.open("a") as writer:
            writer.write("made\n")
        await until(pilot, lambda: app.rows[2] == "12:00:01.2 made")
        await pilot.press("g", "J", "J")
        assert app.screen.get_selected_text() == "[Container] Running command make\nmaking"
        app.screen.clear_selection()
        other = tmp_path / "b.log"
        other.write_text("elsewhere\n")
        app.pane.show(other, live=True)
        await until(pilot, lambda: app.rows[0] == "elsewhere")
        app.pane.show(log, live=True)
        await until(pilot, lambda: app.rows[:2] == shown)
        await pilot.press("t")
        await until(pilot, lambda: app.rows[:2] == ["▾ [Container] Running command make", "making"])
        await pilot.press("t")
        await until(pilot, lambda: app.rows[0].startswith(f"▾ {stamp}"))
