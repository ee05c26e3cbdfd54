"""When an action runs because of what it wrote itself."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine._watching.feedback import ROUNDS
from engine.watch import FeedbackGuard, Loop

REPORT = Path("/p/report.txt")
MAIN = Path("/p/main.py")


def rounds(guard: FeedbackGuard, times: list[float], active: set[str], path: Path = REPORT) -> list[Loop | None]:
    return [guard.feed(at, [path], active) for at in times]


def test_an_action_that_writes_into_its_source_is_named_with_what_it_writes() -> None:
    guard = FeedbackGuard()
    told = rounds(guard, [10.0 * n for n in range(ROUNDS + 1)], {"Build/compile"})
    assert told[: ROUNDS - 1] == [None] * (ROUNDS - 1)
    assert told[ROUNDS - 1] == Loop((REPORT,), ("Build/compile",), ROUNDS)
    assert told[ROUNDS] == Loop((REPORT,), ("Build/compile",), ROUNDS + 1)


def test_the_message_says_what_to_do() -> None:
    message = Loop(tuple(Path(f"/p/{name}") for name in "abcd"), ("Build/compile",), 5).message
    assert message == (
        "Build/compile seems to write a, b, c and 1 more into its own source: 5 runs in a row were started by that."
        " Ignore it in .gitignore, or have it written somewhere else."
    )


def test_only_what_ran_every_time_is_suspected() -> None:
    guard = FeedbackGuard()
    told = [guard.feed(n * 2.0, [REPORT], {"Build/compile", f"Test/{n}"}) for n in range(ROUNDS)]
    assert told[-1] == Loop((REPORT,), ("Build/compile",), ROUNDS)


def test_a_person_who_saves_at_odd_times_is_no_loop() -> None:
    assert not any(rounds(FeedbackGuard(), [0, 4, 30, 33, 90, 91, 140, 200, 203], {"Test/long"}))


def test_a_write_in_pieces_is_one_change() -> None:
    guard = FeedbackGuard()
    pieces = [start + offset for start in range(0, 8, 2) for offset in (0.0, 0.05, 0.1)]
    assert not any(rounds(guard, pieces, {"Build/compile"}))


def test_reset_begins_anew() -> None:
    guard = FeedbackGuard()
    rounds(guard, [float(n) for n in range(ROUNDS - 1)], {"Build/compile"})
    guard.reset()
    assert not any(rounds(guard, [float(n) for n in range(10, 9 + ROUNDS)], {"Build/compile"}))


times = st.lists(st.floats(0.0, 50.0), min_size=1, max_size=30).map(
    lambda gaps: [sum(gaps[:n]) for n in range(1, len(gaps) + 1)]
)
names = st.sets(st.sampled_from(["Build/a", "Test/b", "Deploy/c"]))
paths = st.sets(st.sampled_from([REPORT, MAIN, Path("/p/x")]))


@given(period=st.floats(0.35, 600.0), jitter=st.lists(st.floats(0.95, 1.05), min_size=12, max_size=12))
def test_every_steady_writer_is_found_at_the_very_same_round(period: float, jitter: list[float]) -> None:
    at = [sum(jitter[:n]) * period for n in range(12)]
    told = rounds(FeedbackGuard(), at, {"Build/compile"})
    assert [bool(loop) for loop in told] == [n >= ROUNDS - 1 for n in range(12)]


@given(times)
def test_nothing_that_changes_while_nothing_runs_is_a_loop(at: list[float]) -> None:
    assert not any(rounds(FeedbackGuard(), at, set()))


@given(at=times, which=st.lists(st.tuples(paths, names), min_size=30, max_size=30), shift=st.floats(0, 1e6))
def test_answers_are_sound_and_repeatable(
    at: list[float], which: list[tuple[set[Path], set[str]]], shift: float
) -> None:
    guard, again, alone = FeedbackGuard(), FeedbackGuard(), FeedbackGuard()
    changes: dict[Path, int] = {}
    for moment, (changed, active) in zip(at, which, strict=False):
        told = guard.feed(moment, changed, active)
        assert told == again.feed(moment, sorted(changed, reverse=True), sorted(active))
        for path in changed:
            changes[path] = changes.get(path, 0) + 1 if active else 0
        if told:
            assert set(told.paths) <= changed
            assert told.actions
            assert all(changes[path] >= ROUNDS for path in told.paths)
        # What happens to other files makes no difference to this one.
        single = alone.feed(moment, changed & {REPORT}, active)
        assert (single is not None) == (told is not None and REPORT in told.paths)
