"""AWS's glob."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.triggers.glob import matches, problem


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("main", ["main"], ["mainline", "a/main", "Main"]),
        ("*", ["main", ""], ["feature/x"]),
        ("**", ["main", "feature/x/y"], []),
        ("feature*", ["feature", "feature-1"], ["feature/x"]),
        ("feature/*", ["feature/x", "feature/"], ["feature/x/y", "feature"]),
        ("feature/**", ["feature/x", "feature/x/y"], ["feature", "features/x"]),
        ("**/*.js", ["app.js", "a/app.js", "a/b/app.js"], ["app.jsx"]),
        ("common/**/*.js", ["common/app.js", "common/a/b/app.js"], ["common.js", "other/app.js"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a/x/cb"]),
        ("a**b", ["ab", "a/x/b", "axxb"], ["a/x"]),
        ("v?", ["v1"], ["v", "v10", "v/"]),
        ("v[0-9].[!0]", ["v1.1", "v9.x"], ["va.1", "v1.0", "v1./"]),
        ("[-a]", ["-", "a"], ["b"]),
        ("[!-a]", ["b"], ["-", "a"]),
        ("[*?\\]", ["*", "?", "\\"], ["a"]),
        ("[^a]", ["^", "a"], ["b"]),
        ("*.{js,ts}", ["a.js", "a.ts"], ["a.tsx", "a.{js,ts}"]),
        ("{src,lib/**}/*.c", ["src/a.c", "lib/x/y/a.c"], ["src/x/a.c"]),
        (r"\*", ["*"], ["a"]),
        (r"a\{b", ["a{b"], ["ab"]),
        ("a.b+c", ["a.b+c"], ["axbbc"]),
        ("a,b}", ["a,b}"], ["a"]),
        ("*.txt", ["with\nline.txt"], []),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [name for name in yes if not matches(pattern, name)] == []
    assert [name for name in no if matches(pattern, name)] == []
    assert problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{a,{b,c}}", "braces within braces"),
        ("{a", "an open brace"),
        ("[a", "an open bracket"),
        ("[]a]", "an empty pair of brackets"),
        ("a\\", "ends with a backslash"),
        ("[z-a]", "is no pattern"),
    ],
)
def test_a_pattern_that_cannot_be_read_matches_nothing_and_says_why(pattern: str, sentence: str) -> None:
    assert sentence in problem(pattern)
    assert not matches(pattern, "a")


@given(st.text("ab/*?[]{}!,-\\", max_size=8), st.text("ab/-", max_size=6))
def test_no_pattern_is_too_odd(pattern: str, name: str) -> None:
    assert matches(pattern, name) in (True, False)
    assert not (problem(pattern) and matches(pattern, name))


@given(st.lists(st.sampled_from(["a", "b", "/", "*", "?"]), max_size=7), st.text("ab/", max_size=6))
def test_stars_and_question_marks_are_what_they_are_by_hand(parts: list[str], name: str) -> None:
    pattern = "".join(parts)
    if "**" not in pattern:
        assert matches(pattern, name) == _by_hand(parts, name)


def _by_hand(parts: list[str], name: str) -> bool:
    if not parts:
        return not name
    head, *rest = parts
    if head == "*":
        return _by_hand(rest, name) or (name[:1] not in ("", "/") and _by_hand(parts, name[1:]))
    one = name[:1] == head or (head == "?" and name[:1] not in ("", "/"))
    return one and _by_hand(rest, name[1:])
