"""`greenroom tests`, and where else the totals of reports are shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Command

PIPELINE = """\
name: demo
stages:
  Test:
    Unit:
      buildspec: buildspec.yml
"""
BUILDSPEC = """\
version: 0.2
phases: {build: {commands: [cp cases.xml out.xml]}}
reports:
  unit: {files: out.xml}
  cov: {files: lcov.info, file-format: LCOV}
"""
CASES = """<testsuite name="cart"><testcase name="adds" time="2.5"/><testcase name="slow" time="7"/>
<testcase name="removes" time="0.5"><failure message="expected 1">test_cart.py:3: AssertionError</failure></testcase>
</testsuite>"""


@pytest.fixture
def tested(tmp_path: Path, greenroom: Command) -> Path:
    """A project whose build reports."""
    place = tmp_path / "project"
    place.mkdir()
    files = {"pipeline.yaml": PIPELINE, "buildspec.yml": BUILDSPEC, "cases.xml": CASES, "test_cart.py": "\n\n\n"}
    for name, text in {**files, "lcov.info": "SF:a.py\nDA:1,1\nDA:2,0\nend_of_record\n"}.items():
        (place / name).write_text(text)
    done = greenroom("run", "-C", place)
    assert done.code == 0, done.err
    assert "  tests: 2 passed, 1 failed; 50.0% of 2 lines covered  (greenroom tests)\n" in done.err
    return place


def test_failures_first_with_their_place_then_the_slowest(greenroom: Command, tested: Path) -> None:
    done = greenroom("tests", "-C", tested, "--slowest", "2")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Test/Unit  unit  2 passed, 1 failed  in 10 s",
        "",
        "  FAILED  cart.removes",
        "    test_cart.py:3",
        "    | expected 1",
        "    | test_cart.py:3: AssertionError",
        "",
        "  slowest:",
        "     7.0 s  cart.slow",
        "     2.5 s  cart.adds",
        "Test/Unit  cov  50.0% of 2 lines covered",
        "    50.0%  a.py",
    ]
    assert greenroom("tests", "-C", tested, "Unit").out.startswith("Test/Unit")


def test_as_json_with_every_case(greenroom: Command, tested: Path) -> None:
    unit, cov = json.loads(greenroom("tests", "-C", tested, "--json").out)["reports"]
    assert (unit["group"], unit["status"], len(unit["cases"])) == ("unit", "FAILED", 3)
    assert cov["files"][0]["path"] == "a.py"


def test_a_reused_action_brings_its_reports_back(greenroom: Command, tested: Path) -> None:
    done = greenroom("run", "-C", tested, "--json")
    assert "tests: 2 passed, 1 failed" in done.err
    ended = next(event for event in done.events if event["event"] == "action-ended" and event["action"] == "Unit")
    assert ended["reused"] is True
    assert [report["failed"] for report in ended["reports"]] == [1, 0]  # type: ignore[attr-defined]
    assert "cart.removes" in greenroom("tests", "-C", tested).out
    assert "2 passed, 1 failed" in greenroom("status", "-C", tested).out
    told = json.loads(greenroom("status", "-C", tested, "--json").out)["actions"]
    assert told[-1]["reports"][0] == {"group": "unit", "status": "FAILED", "told": "2 passed, 1 failed"}
    phases = [
        (phase["phaseType"], phase["phaseStatus"], phase["contexts"][0]["statusCode"]) for phase in told[-1]["phases"]
    ]
    assert phases[0] == ("DOWNLOAD_SOURCE", "SUCCEEDED", "")
    assert ended["phases"] == told[-1]["phases"]


def test_what_is_not_kept_any_more(greenroom: Command, tested: Path) -> None:
    shutil.rmtree(tested / ".greenroom" / "store")
    assert "its cases are not kept any more" in greenroom("tests", "-C", tested).out


def test_no_reports(greenroom: Command, project: Path) -> None:
    greenroom("run", "-C", project, "--until", "Build")
    done = greenroom("tests", "-C", project)
    assert (done.code, done.out) == (0, "")
    assert "has no reports" in done.err
