"""Reasons read like sentences that people would say."""

from __future__ import annotations

import pytest

from engine.execution import requests as rq
from engine.execution.explain import describe, duration, reasons, stage_waits, waits_for
from engine.execution.fingerprint import compare, digest
from engine.model.outcome import Change, Part
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("first"), "first run of this action"),
        (Change("input", "SourceOutput", "a", "b", ("src/app.py",), 2), "input SourceOutput changed: src/app.py, +2"),
        (Change("input", "SourceOutput", "a", "b"), "input SourceOutput changed"),
        (Change("source", "App", "a", "b", ("a.py", "b.py")), "App changed: a.py, b.py"),
        (Change("env", "STAGE", "dev", "prod"), "env STAGE dev -> prod"),
        (Change("env", "STAGE", None, "prod"), "env STAGE (unset) -> prod"),
        (Change("env", "TOKEN", "secret:12", "secret:34"), "env TOKEN (secret) -> (secret)"),
        (Change("configuration", "Commit", "0" * 40, "1" * 40), "configuration Commit 0000000 -> 1111111"),
        (Change("buildspec", "buildspec.yml", "a", "b"), "buildspec buildspec.yml changed"),
        (Change("failed", after="failed"), "the last run failed"),
        (Change("image", "py:3", "sha256:" + "0" * 64, "sha256:" + "1" * 64), "image py:3 changed"),
        (Change("image", "./ci", "0" * 64, "1" * 64), "image ./ci changed"),
        (Change("image", "py:3", None, "sha256:" + "1" * 64), "image py:3 changed"),
        (Change("image", "py:3", "sha256:" + "0" * 64, "not here"), "image py:3 is not here"),
        (Change("image", "py:3", "not here", "sha256:" + "1" * 64), "image py:3 is here now"),
        (Change("image", "py:3", "0" * 64, "no one"), "image py:3: whether it changed is not known, no one"),
        (Change("image", "py:3", "no one", "0" * 64), "image py:3 was not known before, no one"),
        (Change("target", "s3:site/"), "s3:site/ holds something else now"),
    ],
)
def test_changes_in_words(change: Change, words: str) -> None:
    assert describe(change) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.44, "0.4 s"), (34.2, "34 s"), (125.0, "2 m 05 s"), (3725.0, "1 h 02 m"), (59.7, "60 s")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_what_a_stage_waits_for() -> None:
    simulator = Simulator(simple())
    simulator.start("t1")
    second = simulator.start("t2")
    assert stage_waits(second, "Build") == "waiting: stage Build is locked by #1"
    assert stage_waits(second, "Source") == ""


def test_what_an_action_waits_for() -> None:
    simulator = Simulator(pipeline([action("Source:S > A")], [action("Build:X A"), action("Build:Y A")]), jobs=1)
    execution = simulator.start()
    waiting = simulator.at(execution, "S2/Y")
    assert waiting is not None
    assert waits_for(simulator.state, waiting) == "waiting for a free slot (--jobs)"


def test_a_forced_action_says_so_first() -> None:
    simulator = Simulator(simple())
    execution = simulator.start(forced=("Compile",))
    compiled = simulator.at(execution, "Build/Compile")
    assert compiled is not None
    assert reasons(simulator.state, compiled)[0] == "forced"


def test_a_rerun_after_a_failure_says_so() -> None:
    simulator = Simulator(simple())
    simulator.start()
    simulator.finish("Build/Lint", ok=False)
    simulator.finish_all()
    simulator.ask(rq.Retry())
    assert simulator.names() == ["Build/Lint"]


def test_fingerprints_tell_what_differs() -> None:
    before = (Part("input", "S", "1"), Part("env", "A", "x"), Part("env", "GONE", "y"))
    now = (Part("input", "S", "2"), Part("env", "A", "x"), Part("env", "NEW", "z"))
    assert compare(before, now) == [
        Change("input", "S", "1", "2"),
        Change("env", "NEW", None, "z"),
        Change("env", "GONE", "y", None),
    ]
    assert compare(now, now) == []
    assert digest(before) != digest(now)
    assert digest(now) == digest(now)
