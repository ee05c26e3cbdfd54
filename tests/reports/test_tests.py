"""Test reports of every format, as their tools write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reports.model import Case, UnreadableReport
from engine.reports.read import read_cases

JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="1,234.5">
<testcase classname="tests.test_a" name="test_good" time="0.5" file="tests/test_a.py" line="3" />
<testcase classname="tests.test_a" name="test_bad" time="0.25"><failure message="assert 1 == 2">def test_bad():
&gt;   assert 1 == 2
tests/test_a.py:9: AssertionError</failure></testcase>
<testcase name="test_broken"><error message="fixture 'x' not found">fixture 'x' not found</error></testcase>
<testsuite name="inner"><testcase name="later"><skipped message="not yet"/></testcase></testsuite>
</testsuite></testsuites>"""

TESTNG = """<testng-results skipped="1"><suite name="S"><test name="T"><class name="com.acme.CartTest">
<test-method status="PASS" name="setUp" is-config="true" duration-ms="9"/>
<test-method status="PASS" name="adds" duration-ms="1500"/>
<test-method status="FAIL" name="removes" duration-ms="2"><exception class="java.lang.AssertionError">
<message><![CDATA[expected 1]]></message><full-stacktrace><![CDATA[at com.acme.CartTest.removes(CartTest.java:17)]]>
</full-stacktrace></exception></test-method>
<test-method status="SKIP" name="waits" duration-ms="0"/>
</class></test></suite></testng-results>"""

TRX = """<?xml version="1.0"?>
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testId="1" testName="Adds" outcome="Passed" duration="00:00:01.5000000"/>
<UnitTestResult testId="2" testName="Fails" outcome="Failed" duration="00:01:00"><Output><ErrorInfo>
<Message>Assert.Equal() Failure</Message><StackTrace>   at X.Fails() in /src/Tests/X.cs:line 12</StackTrace>
</ErrorInfo></Output></UnitTestResult>
<UnitTestResult testId="3" testName="Rows" outcome="Failed"><InnerResults>
<UnitTestResult testId="3" testName="Rows (1)" outcome="NotExecuted"/></InnerResults></UnitTestResult>
</Results><TestDefinitions><UnitTest id="1">
<TestMethod className="Acme.X, Acme" name="Adds"/></UnitTest></TestDefinitions>
</TestRun>"""

NUNIT = """<test-results name="x"><test-suite><results>
<test-case name="Acme.Cart.Adds" executed="True" success="True" time="0.031"/>
<test-case name="Acme.Cart.Fails" executed="True" result="Failure" success="False" time="0,5"><failure>
<message><![CDATA[boom]]></message><stack-trace><![CDATA[in Cart.cs:line 5]]></stack-trace></failure></test-case>
<test-case name="Acme.Cart.Ignored" executed="False" result="Ignored"><reason>
<message>later</message></reason></test-case>
<test-case name="Acme.Cart.Not" executed="False"/>
</results></test-suite></test-results>"""

NUNIT3 = """<test-run id="2"><test-suite><test-case name="Adds" classname="Acme.Cart" result="Passed" duration="0.1"/>
<test-case name="Throws" fullname="Acme.Cart.Throws" result="Failed" label="Error" duration="0.2"><failure>
<message>oops</message></failure></test-case>
<test-case name="Maybe" classname="Acme.Cart" result="Inconclusive"/></test-suite></test-run>"""

CUCUMBER = """[{"uri": "features/cart.feature", "name": "Cart", "elements": [
{"type": "background", "name": "", "steps": [{"name": "a cart", "result": {"status": "passed"}}]},
{"type": "scenario", "name": "adds", "line": 3, "steps": [
  {"keyword": "Given ", "name": "x", "line": 4, "result": {"status": "passed", "duration": 1500000000}}]},
{"type": "scenario", "name": "breaks", "line": 9, "before": [{"result": {"status": "passed", "duration": 500000000}}],
 "steps": [{"keyword": "Then ", "name": "y", "line": 11, "result": {"status": "failed", "error_message": "no"}},
           {"keyword": "And ", "name": "z", "result": {"status": "skipped"}}]},
{"type": "scenario", "name": "pends", "line": 20, "steps": [{"name": "p", "result": {"status": "pending"}}]},
{"type": "scenario", "name": "unknown", "line": 30, "steps": [{"name": "u", "result": {"status": "undefined"}}]}]}]"""

EXPECTED: dict[str, tuple[str, list[Case]]] = {
    "JUNITXML": (
        JUNIT,
        [
            Case("test_good", "tests.test_a", "SUCCEEDED", 0.5, "", "tests/test_a.py", 3),
            Case(
                "test_bad",
                "tests.test_a",
                "FAILED",
                0.25,
                "assert 1 == 2\ndef test_bad():\n>   assert 1 == 2\ntests/test_a.py:9: AssertionError",
            ),
            Case("test_broken", "pytest", "ERROR", message="fixture 'x' not found"),
            Case("later", "inner", "SKIPPED", message="not yet"),
        ],
    ),
    "TESTNGXML": (
        TESTNG,
        [
            Case("adds", "com.acme.CartTest", "SUCCEEDED", 1.5),
            Case(
                "removes",
                "com.acme.CartTest",
                "FAILED",
                0.002,
                "expected 1\nat com.acme.CartTest.removes(CartTest.java:17)",
            ),
            Case("waits", "com.acme.CartTest", "SKIPPED"),
        ],
    ),
    "VISUALSTUDIOTRX": (
        TRX,
        [
            Case("Adds", "Acme.X", "SUCCEEDED", 1.5),
            Case("Fails", "", "FAILED", 60, "Assert.Equal() Failure\nat X.Fails() in /src/Tests/X.cs:line 12"),
            Case("Rows (1)", "", "SKIPPED"),
        ],
    ),
    "NUNITXML": (
        NUNIT,
        [
            Case("Adds", "Acme.Cart", "SUCCEEDED", 0.031),
            Case("Fails", "Acme.Cart", "FAILED", 0.5, "boom\nin Cart.cs:line 5"),
            Case("Ignored", "Acme.Cart", "SKIPPED", message="later"),
            Case("Not", "Acme.Cart", "SKIPPED"),
        ],
    ),
    "NUNIT3XML": (
        NUNIT3,
        [
            Case("Adds", "Acme.Cart", "SUCCEEDED", 0.1),
            Case("Throws", "Acme.Cart", "ERROR", 0.2, "oops"),
            Case("Maybe", "Acme.Cart", "UNKNOWN"),
        ],
    ),
    "CUCUMBERJSON": (
        CUCUMBER,
        [
            Case("adds", "Cart", "SUCCEEDED", 1.5, "", "features/cart.feature", 3),
            Case("breaks", "Cart", "FAILED", 0.5, "Then y\nno", "features/cart.feature", 11),
            Case("pends", "Cart", "SKIPPED", 0, "", "features/cart.feature", 20),
            Case("unknown", "Cart", "FAILED", 0, "u\nundefined", "features/cart.feature", 30),
        ],
    ),
}


@pytest.mark.parametrize("file_format", EXPECTED)
def test_cases(tmp_path: Path, file_format: str) -> None:
    text, expected = EXPECTED[file_format]
    (tmp_path / "report").write_text(text)
    assert read_cases(tmp_path / "report", file_format) == expected


@pytest.mark.parametrize("file_format", EXPECTED)
@pytest.mark.parametrize("text", ["", "<html/>", '{"a": 1}', "[1]", "<a", "\x00\x01", "<testsuites>&x;</testsuites>"])
def test_what_is_no_report_is_refused(tmp_path: Path, file_format: str, text: str) -> None:
    (tmp_path / "report").write_text(text)
    with pytest.raises(UnreadableReport):
        read_cases(tmp_path / "report", file_format)
