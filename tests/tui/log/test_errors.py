"""Which lines are errors: the cheap hint must never miss what the expression finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.log.errors import error_lines, is_error, is_warning

ERRORS = [
    "error: expected ;",
    "main.c:3:5: error: expected ;",
    "TypeError: x is not a function",
    "java.lang.IllegalStateException: no",
    "error[E0308]: mismatched types",
    "src/app.ts(3,5): error TS2304: Cannot find name",
    "[ERROR] Failed to execute goal",
    "FAILED tests/test_a.py::test_b - assert 1 == 2",
    "--- FAIL: TestLogin (0.00s)",
    "BUILD FAILURE",
    "Phase complete: BUILD State: FAILED",
    "Command did not exit successfully false exit status 1",
    "Traceback (most recent call last):",
    "AssertionError",
    "panic: runtime error",
    "fatal: not a git repository",
    "make: *** [all] Error: 2",
    "exit status 2",
    "The command exited with code 127",
    "✘ login fails",
    "npm ERR! code ELIFECYCLE",
    "npm error code ENOENT",
    "sh: 1: foo: not found",
    "bash: foo: command not found",
    "Segmentation fault (core dumped)",
    "CRITICAL:root:no",
]
FINE = [
    "0 errors, 0 warnings",
    "error handling is covered",
    "exit status 0",
    "mirror: done",
    "ERRORS=0",
    "compiled error_pages.py",
    "all good",
    "",
]


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text: str) -> None:
    assert is_error(text)
    assert len(error_lines(f"fine\n{text}\r\nfine\n".encode())) == 1


@pytest.mark.parametrize("text", FINE)
def test_not_errors(text: str) -> None:
    assert not is_error(text)
    assert error_lines(text.encode()) == []


@given(st.lists(st.sampled_from(ERRORS + FINE), max_size=20))
def test_one_position_for_each_line(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    found = {data[:at].count(b"\n") for at in error_lines(data)}
    assert found == {number for number, text in enumerate(lines) if is_error(text)}
    assert len(error_lines(data)) == len(found)


def test_warnings() -> None:
    assert is_warning("warning: unused") and is_warning("[WARN] slow") and is_warning("DeprecationWarning: x")
    assert not is_warning("WARNINGS=0")
