"""Lines that tell of failed tests, as the runners print them."""

from __future__ import annotations

import pytest

from tui.log.failures import failure_lines
from tui.log.shown import lines_of

FAILURES = """\
FAILED tests/test_app.py::test_sum - assert 3 == 4
ERROR tests/test_app.py::test_fixture - KeyError
____________________ test_sum ____________________
FAIL: test_upper (test_str.TestStr.test_upper)
--- FAIL: TestAdd (0.00s)
    --- FAIL: TestAdd/negative (0.00s)
test tests::it_works ... FAILED
---- tests::it_works stdout ----
  ● sum › adds 1 + 2
    ✕ adds 1 + 2 (3 ms)
   × adds 1 + 2
  1) adds:
rspec ./spec/calc_spec.rb:5 # adds
not ok 2 - adds
[  FAILED  ] MathTest.Adds (0 ms)
 1/2 Test #1: math ......***Failed    0.01 sec
[ERROR] CalcTest.adds:12 expected: <3> but was: <4>
[ERROR] Tests run: 1, Failures: 1 <<< FAILURE! - in CalcTest
CalcTest > adds() FAILED
  Failed Adds [3 ms]
""".splitlines()
OTHERS = """\
tests/test_app.py::test_sum PASSED
--- PASS: TestAdd (0.00s)
test tests::it_works ... ok
   ✓ adds 1 + 2 (3 ms)
ok 2 - adds
[       OK ] MathTest.Adds (0 ms)
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
[ERROR] Failed to execute goal org.apache.maven.plugins
[Container] 2026/01/01 10:00:00 Phase complete: BUILD State: FAILED
ERROR: something else
____
1) first step
""".splitlines()


@pytest.mark.parametrize("text", FAILURES)
def test_a_failure(text: str) -> None:
    found = failure_lines()
    assert found(text.encode()) and found(f"\x1b[31m{text}\x1b[0m\n".encode())
    assert found(f"B│ {text}".encode())


@pytest.mark.parametrize("text", OTHERS)
def test_no_failure(text: str) -> None:
    assert failure_lines()(text.encode()) == []


def test_names_from_reports_need_no_format() -> None:
    data = b"checking test_tax\nchecking test_taxes\nFAILED a.py::test_tax - x\ntest_tax again\n"
    assert lines_of(data, failure_lines(["test_tax", "test_tax"])(data)) == [0, 2, 3]
    assert lines_of(data, failure_lines()(data)) == [2]
