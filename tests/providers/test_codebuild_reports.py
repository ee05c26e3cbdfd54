"""The reports section of a buildspec, from the files to the totals of the action."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.model.outcome import Report
from engine.model.project import ProjectFile
from engine.reports.details import FILE, Details, load
from tests.providers.kit import Kit

GOOD = '<testsuite name="s"><testcase name="good" time="1.5"/><testcase name="later"><skipped/></testcase></testsuite>'
BAD = """<testsuite name="s"><testcase name="bad"><failure message="no">lib/x.py:1: in f
tests/t.py:2: AssertionError: hunter2-secret</failure></testcase></testsuite>"""
LCOV = "SF:lib/x.py\nDA:1,1\nDA:2,0\nend_of_record\n"


def reported(kit: Kit, groups: dict[str, Any], *commands: str, **more: Any) -> tuple[Report, ...]:
    """The reports of a build with these commands and these files."""
    files = {"good.xml": GOOD, "sub/bad.xml": BAD, "lcov.info": LCOV, "tests/t.py": "1\n2\n", "lib/x.py": "1\n2\n"}
    phases = {"build": {"commands": list(commands or ["true"])}}
    spec = {"version": 0.2, "phases": phases, "reports": groups, **more.pop("spec", {})}
    return kit.build(json.dumps(spec), files=files, **more).reports


def details(kit: Kit, report: Report) -> Details:
    return load(kit.store.read(report.details, FILE))


def test_totals_and_details(kit: Kit) -> None:
    tests, cover = reported(
        kit, {"unit": {"files": "**/*.xml"}, "cov": {"files": ["lcov.info"], "file-format": "lcov"}}
    )
    assert (tests.group, tests.kind, tests.status) == ("unit", "test", "FAILED")
    assert (tests.passed, tests.failed, tests.skipped, tests.total, tests.seconds) == (1, 1, 1, 3, 1.5)
    assert (cover.kind, cover.status, cover.lines, cover.lines_covered, cover.line_rate) == (
        "coverage",
        "SUCCEEDED",
        2,
        1,
        0.5,
    )
    bad = next(case for case in details(kit, tests).cases if case.bad)
    assert (bad.name, bad.file, bad.line) == ("bad", "tests/t.py", 2)
    assert "greenroom: report unit: 1 passed, 1 failed, 1 skipped" in kit.agent_lines()
    assert "greenroom: report cov: 50.0% of 2 lines covered" in kit.agent_lines()


def test_a_failed_build_still_reports(kit: Kit) -> None:
    (report,) = reported(kit, {"unit": {"files": "good.xml"}}, "false")
    assert report.status == "SUCCEEDED"


def test_a_bad_report_fails_nothing(kit: Kit) -> None:
    (report,) = reported(kit, {"unit": {"files": "*.xml", "base-directory": "s*"}})
    assert report.status == "FAILED"
    assert "Phase complete: BUILD State: SUCCEEDED" in kit.agent_lines()


@pytest.mark.parametrize(
    ("section", "line", "failure"),
    [
        ({"files": "nowhere/*.xml"}, "report files not found in build", "report files not found in build"),
        (
            {"files": "*", "base-directory": "nowhere"},
            "no matching base directory path found for nowhere",
            "no matching base directory path found for nowhere",
        ),
        (
            {"files": "good.xml", "file-format": "NUnitXml"},
            "good.xml: expected element type <test-results> but have <testsuite>",
            "error processing report: [{}/good.xml: expected element type <test-results> but have <testsuite>]",
        ),
    ],
)
def test_what_is_missing_or_unreadable_fails_the_upload(
    kit: Kit, section: dict[str, Any], line: str, failure: str
) -> None:
    (report, good) = reported(kit, {"unit": section, "good": {"files": "good.xml"}})
    assert (report.status, good.status) == ("INCOMPLETE", "SUCCEEDED")
    assert f"greenroom: report unit: {line}" in kit.agent_lines()
    said = f"Phase context status code: CLIENT_ERROR Message: [unit: [{failure.format(kit.source)}]]"
    assert kit.agent_lines()[-2:] == ["Phase complete: UPLOAD_ARTIFACTS State: FAILED", said]


def test_patterns_may_name_variables(kit: Kit) -> None:
    (report,) = reported(kit, {"unit": {"files": "$KIND.xml", "base-directory": "$WHERE"}}, "KIND=bad; WHERE=sub")
    assert report.failed == 1


def test_secrets_do_not_reach_the_details(kit: Kit) -> None:
    (report,) = reported(
        kit,
        {"unit": {"files": "**/bad.xml"}},
        spec={"env": {"secrets-manager": {"PASSWORD": "db"}}},
        project=ProjectFile(secrets={"db": "hunter2-secret"}),
    )
    assert b"hunter2" not in kit.store.read(report.details, FILE)
    assert details(kit, report).cases[0].message.endswith("AssertionError: ***")
