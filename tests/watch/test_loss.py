"""When to look at everything again: never too late, and not all the time."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine._watching.loss import APART, BURST, PATIENCE, RESTLESS, SETTLED, STALLED, LossDetector


def detector() -> LossDetector:
    return LossDetector(0.0, 300.0)


def test_ordinary_saves_raise_no_suspicion() -> None:
    loss = detector()
    for at in range(10, 290):
        loss.looked(float(at), 3)
        assert not loss.suspicious
        assert loss.due(at + 0.9) == ""
    assert loss.due(300.0) == "routine"
    loss.rescanned(300.0)
    assert loss.due(599.0) == ""
    assert loss.due(600.0) == "routine"


def test_a_big_burst_is_looked_at_once_it_is_over() -> None:
    loss = detector()
    for step in range(10):
        loss.looked(10.0 + step * 0.05, BURST // 10)
    over = 10.45
    assert loss.due(over + SETTLED - 0.01) == ""
    assert loss.due(over + SETTLED + 0.01) == "very many files changed at once"
    loss.rescanned(over + SETTLED + 0.01)
    assert not loss.suspicious


def test_two_bursts_with_a_pause_between_them_are_not_one() -> None:
    loss = detector()
    loss.looked(10.0, BURST - 1)
    loss.looked(11.0, BURST - 1)
    assert not loss.suspicious


def test_a_long_delay_is_suspicious_by_itself() -> None:
    loss = detector()
    loss.looked(10.0, 0, late=STALLED)
    assert loss.due(10.0 + SETTLED) == "greenroom could not look for a while"


def test_changes_without_end_are_looked_at_all_the_same_but_ever_more_rarely() -> None:
    loss = detector()
    at, looks = 10.0, []
    while at < 400.0:
        at += 0.05
        loss.looked(at, 1)
        if loss.due(at):
            loss.rescanned(at)
            looks.append(at)
    gaps = [later - sooner for sooner, later in itertools.pairwise(looks)]
    assert looks[0] <= 10.0 + RESTLESS + PATIENCE + 0.2
    assert gaps == sorted(gaps)
    assert len(looks) <= 8


looks = st.lists(st.tuples(st.floats(0.001, 3.0), st.integers(0, 2_000), st.floats(0.0, 2.0)), max_size=60)


@given(looks)
def test_a_suspicion_is_never_forgotten_and_looks_keep_apart(script: list[tuple[float, int, float]]) -> None:
    loss = detector()
    at, last = 0.0, 0.0
    for pause, changes, late in script:
        at += pause
        suspicious = loss.suspicious
        loss.looked(at, changes, late)
        assert loss.suspicious >= suspicious
        reason = loss.due(at)
        assert bool(reason) == (at >= loss.deadline)
        if reason:
            assert at - last >= min(APART, 300.0)
            loss.rescanned(at)
            last = at
            assert not loss.suspicious
        assert loss.deadline <= max(at, last) + 300.0 + APART
