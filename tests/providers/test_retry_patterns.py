"""Patterns of on-failure: Go's dialect, and none that holds a build up."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.providers.buildspec.model import BuildspecError
from engine.providers.buildspec.parse import parse
from engine.providers.buildspec.patterns import NotGo, in_python
from engine.providers.codebuild import retrying
from engine.providers.codebuild.retrying import matches
from tests.providers.kit import Kit, spec

TEXT = "Error while executing command: npm ci. Reason: exit status 1"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", True),
        ("npm ci", True),
        ("npm (ci|install)", True),
        ("yarn", False),
        (r"exit status \d+\z", True),
        (r"(?i)NPM", True),
        (r"(?P<word>npm) [[:lower:]]+\.", True),
        (r"(?<word>npm)", True),
        (r"[[:upper:]]rror", True),
        (r"\Qexit status 1\E$", True),
        (r"\Q...\E", False),
        (r"^status.*", False),
        (r"\p{Greek}+", True),  # Python has no such class, so any error is retried
    ],
)
def test_patterns_as_in_go(pattern: str, found: bool) -> None:
    assert matches(pattern, TEXT) is found


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(?!a)b", "(?<=a)b", "(?<!a)", r"(a)\1", "(?>a)", "a{1001}", "a++", "(a", "[a"]
)
def test_what_go_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(NotGo):
        in_python(pattern)
    with pytest.raises(BuildspecError, match="Invalid on-failure value"):
        parse(spec(build={"commands": ["true"], "on-failure": f"RETRY-{pattern}"}))


@given(st.text(alphabet="ab(|)*+?.[]{}1,\\dpQE^$", max_size=12))
def test_any_pattern_is_read_or_refused(pattern: str) -> None:
    try:
        text = in_python(pattern)
    except NotGo:
        return
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        assert text is None or re.compile(text, re.ASCII)


def test_a_pattern_that_would_take_for_ever_does_not(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PATIENCE", 0.2)
    command = f"echo {'a' * 40}!; false"
    outcome = kit.build(spec(build={"commands": [command], "on-failure": "RETRY-2-(a+)+$"}))
    assert outcome.failure
    assert sum(line.startswith("Running command") for line in kit.agent_lines()) == 1
    assert any("takes more than" in line for line in kit.agent_lines())


def test_a_retry_by_pattern(kit: Kit) -> None:
    kit.build(spec(build={"commands": ["exit 4"], "on-failure": r"RETRY-2-status \d$"}))
    assert sum(line.startswith("Running command") for line in kit.agent_lines()) == 3
    kit.build(spec(build={"commands": ["exit 4"], "on-failure": r"RETRY-2-status \d\d$"}))
    assert sum(line.startswith("Running command") for line in kit.agent_lines()) == 1
