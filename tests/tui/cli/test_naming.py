"""Stages and actions as people type them."""

from __future__ import annotations

import pytest

from tests.tui.script import SHOP
from tui.cli.naming import find_action, find_stage, find_stage_or_action
from tui.cli.problem import Problem
from tui.cli.selection import select
from tui.cli.wishes import Wishes, start_request


def test_an_action_by_its_full_or_its_own_name() -> None:
    assert find_action(SHOP, "Build/Unit") == ("Build", "Unit")
    assert find_action(SHOP, "Unit") == ("Build", "Unit")
    assert find_action(SHOP, "unit") == ("Build", "Unit")
    assert find_action(SHOP, "build/unit") == ("Build", "Unit")


def test_a_name_that_is_nowhere_is_told_with_the_nearest() -> None:
    with pytest.raises(Problem) as problem:
        find_action(SHOP, "Build/Unti")
    assert problem.value.message == "there is no action 'Build/Unti'"
    assert problem.value.hint == "Did you mean Build/Unit?"


def test_a_stage() -> None:
    assert find_stage(SHOP, "review") == "Review"
    with pytest.raises(Problem, match="no stage"):
        find_stage(SHOP, "Nope")


def test_a_stage_beats_an_action_of_its_name() -> None:
    assert find_stage_or_action(SHOP, "Build") == "Build"
    assert find_stage_or_action(SHOP, "Compile") == "Build/Compile"


def test_only() -> None:
    assert select(SHOP, only=["Unit", "Deploy"], start=None, until=None) == (
        "Build/Unit",
        "Deploy/Site",
        "Deploy/Smoke",
    )


def test_from_and_until() -> None:
    chosen = select(SHOP, only=[], start="Package", until="Review")
    assert chosen == ("Build/Package", "Review/SignOff")


def test_everything_is_said_by_nothing() -> None:
    assert select(SHOP, only=[], start=None, until=None) == ()
    assert select(SHOP, only=[], start="Source", until="Deploy") == ()


def test_a_selection_that_leaves_nothing() -> None:
    with pytest.raises(Problem, match="leave nothing to run"):
        select(SHOP, only=[], start="Deploy", until="Build")


def test_the_request_of_a_run() -> None:
    request = start_request(SHOP, Wishes(only=("unit",), forced=("*", "lint"), approve=("all", "SignOff")))
    assert request.selected == ("Build/Unit",)
    assert request.forced == ("*", "Build/Lint")
    assert request.approve == ("all", "Review/SignOff")
