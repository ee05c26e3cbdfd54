"""Coverage of every format, as its tools write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reports.model import Covered, UnreadableReport
from engine.reports.read import read_coverage

CLOVER = """<coverage generated="1"><project><package name="p"><file name="a.js" path="/src/a.js">
<metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="1"/></file></package>
<file name="b.php"><line num="1" type="method" count="1"/><line num="2" type="stmt" count="0"/>
<line num="3" type="stmt" count="2"/><line num="4" type="cond" truecount="1" falsecount="0"/></file></project>
<testproject><file name="a.test.js"><metrics statements="9" coveredstatements="9"/></file></testproject></coverage>"""
COBERTURA = """<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.5"><packages><package name="p"><classes>
<class name="A" filename="a.py"><methods><method name="m"><lines><line number="1" hits="1"/></lines></method></methods>
<lines><line number="1" hits="1"/>
<line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class name="A.Inner" filename="a.py"><lines><line number="2" hits="1"/><line number="3" hits="0"/></lines></class>
</classes></package></packages></coverage>"""
JACOCO = """<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><group name="g">
<package name="com/acme"><class name="com/acme/Cart"><counter type="LINE" missed="9" covered="9"/></class>
<sourcefile name="Cart.java"><line nr="1" mi="0" ci="3"/><counter type="INSTRUCTION" missed="1" covered="9"/>
<counter type="BRANCH" missed="1" covered="3"/><counter type="LINE" missed="2" covered="8"/></sourcefile></package>
</group></report>"""
RESULTSET = """{"RSpec": {"coverage": {"/app/a.rb": {"lines": [1, null, 0, 2],
 "branches": {"[:if, 0]": {"x": 1, "y": 0}}}}},
"Minitest": {"coverage": {"/app/a.rb": {"lines": [0, null, 1, 0]}, "/app/b.rb": [null, 0]}}}"""
FORMATTED = """{"meta": {}, "coverage": {"/app/a.rb": {"lines": [1, null, "ignored"],
"branches": [{"coverage": 1}, {"coverage": 0}]}}}"""
OLDER = """{"files": [{"filename": "/app/a.rb", "covered_percent": 50, "coverage": {"lines": [1, 0]}}]}"""
LCOV = """TN:
SF:src/a.js
DA:1,1
DA:2,0,checksum
BRDA:1,0,0,1
BRDA:1,0,1,-
LF:2
end_of_record
SF:src/b.js
DA:1,5
end_of_record
SF:src/c.js
LF:10
LH:4
BRF:2
BRH:1
end_of_record
"""


@pytest.mark.parametrize(
    ("file_format", "text", "expected"),
    [
        ("CLOVERXML", CLOVER, [Covered("/src/a.js", 4, 3, 2, 1), Covered("b.php", 2, 1, 2, 1)]),
        ("COBERTURAXML", COBERTURA, [Covered("a.py", 3, 2, 2, 1)]),
        ("JACOCOXML", JACOCO, [Covered("com/acme/Cart.java", 10, 8, 4, 3)]),
        ("SIMPLECOV", RESULTSET, [Covered("/app/a.rb", 3, 3, 2, 1), Covered("/app/b.rb", 1, 0)]),
        ("SIMPLECOV", FORMATTED, [Covered("/app/a.rb", 1, 1, 2, 1)]),
        ("SIMPLECOV", OLDER, [Covered("/app/a.rb", 2, 1)]),
        ("LCOV", LCOV, [Covered("src/a.js", 2, 1, 2, 1), Covered("src/b.js", 1, 1), Covered("src/c.js", 10, 4, 2, 1)]),
    ],
)
def test_coverage(tmp_path: Path, file_format: str, text: str, expected: list[Covered]) -> None:
    (tmp_path / "report").write_text(text)
    assert read_coverage(tmp_path / "report", file_format) == expected


@pytest.mark.parametrize("file_format", ["CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV", "LCOV"])
@pytest.mark.parametrize("text", ["", "<html/>", "[1]", '{"a": 1}', '{"coverage": {"a": 5}}', "<a", "\x00"])
def test_what_is_no_report_is_refused(tmp_path: Path, file_format: str, text: str) -> None:
    (tmp_path / "report").write_text(text)
    with pytest.raises(UnreadableReport):
        read_coverage(tmp_path / "report", file_format)
