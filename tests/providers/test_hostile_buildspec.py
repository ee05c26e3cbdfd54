"""Buildspecs that mean harm are refused in a sentence; odd ones are read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.buildspec.model import BuildspecError
from engine.providers.buildspec.parse import parse

PHASES = "phases:\n  build:\n    commands: [make]\n"


def _merges(levels: int) -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n}\n  k{n}: 1\n  <<: [{', '.join([f'*a{n - 1}'] * 50)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"version: 0.2\nx: {'[' * 100_000}", "nested more than 100 levels deep at line 2"),
        ("".join(" " * n + "a:\n" for n in range(300)), "nested more than 100 levels deep at line 101"),
        ("version: 0.2\nphases: {build: {commands: [" + "a," * 310_000 + "]}}", "more than 300,000 values"),
        (f"version: 0.2\nenv: {{variables: &v {{A: b, <<: *v}}}}\n{PHASES}", "variables merges itself at line 2"),
        (f"version: 0.2\nx: '\ud800'\n{PHASES}", "not readable as YAML"),
        (f"version: 0.2\nx: \0\n{PHASES}", "not readable as YAML"),
        ("version: 0.2\nphases: &p {build: {commands: *p}}\n", "Expected Commands[0] to be of string type"),
    ],
    ids=["flow", "block", "large", "self", "surrogate", "nul", "alias"],
)
def test_what_means_harm_is_refused(text: str, why: str) -> None:
    with pytest.raises(BuildspecError) as refused:
        parse(text)
    assert str(refused.value).startswith(why)


def test_merges_of_merges_take_no_time() -> None:
    parsed = parse(f"{_merges(40)}version: 0.2\nenv:\n  variables: *a39\n{PHASES}")
    assert parsed.environment.variables["k1"] == "1"


_SPEC = (
    "version: 0.2\nenv:\n  variables: {A: 3.10}\nphases:\n  build:\n    commands:\n      - echo a\n    finally: [b]\n"
)


@given(
    st.integers(0, len(_SPEC)), st.integers(0, 12), st.text(alphabet=" \n\t-:#'\"[]{},&*!|>?%@<ab1\\~\0", max_size=8)
)
@settings(deadline=None)
def test_a_damaged_buildspec_is_read_or_refused(start: int, length: int, part: str) -> None:
    try:
        parse(_SPEC[:start] + part + _SPEC[start + length :])
    except BuildspecError as refused:
        assert str(refused)
