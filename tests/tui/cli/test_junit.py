"""The report that CI systems show."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, parse

from engine.execution.fold import replay
from engine.model.status import ActionStatus
from tests.tui.script import Script, building, failed
from tui.cli.reports.junit import write_junit


def report(script: Script, place: Path) -> Element:
    """The report of a story's latest run."""
    state = replay("shop", script.recorded)
    assert state.latest
    write_junit(place / "reports" / "junit.xml", state, state.latest, lambda identity, build: place / identity / build)
    return parse(place / "reports" / "junit.xml").getroot()


def case(root: Element, name: str) -> Element:
    found = root.find(f"testsuite/testcase[@name='{name}']")
    assert found is not None
    return found


def test_a_suite_for_each_stage_and_a_case_for_each_action(tmp_path: Path) -> None:
    root = report(failed(), tmp_path)
    assert [suite.get("name") for suite in root] == ["Source", "Build", "Review", "Deploy"]
    assert [c.get("name") for c in root[1]] == ["Lint", "Unit", "Compile", "Package"]
    assert case(root, "Unit").get("classname") == "shop.Build"
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "9",
        "failures": "1",
        "errors": "0",
        "skipped": "4",
    }


def test_a_failure_carries_its_log(tmp_path: Path) -> None:
    (tmp_path / "2-Unit-1").write_text("one\n\x1b[31mtwo\x1b[0m \x00\n")
    failure = case(report(failed(), tmp_path), "Unit").find("failure")
    assert failure is not None
    assert failure.get("type") == "JobFailed"
    assert failure.get("message") == "JobFailed: `pytest -q` exited with 1"
    assert failure.text == "one\ntwo "


def test_a_reused_action_passed(tmp_path: Path) -> None:
    lint = case(report(failed(), tmp_path), "Lint")
    reused = lint.find("properties/property[@name='reused-from']")
    assert reused is not None and reused.get("value") == "reused from #1, saved 4.0 s"
    assert lint.find("skipped") is None and lint.find("failure") is None


def test_what_did_not_pass_and_did_not_fail(tmp_path: Path) -> None:
    root = report(building().end("Unit", ActionStatus.STUBBED), tmp_path)
    skipped = [case(root, name).find("skipped") for name in ("Unit", "SignOff")]
    messages = [found.get("message") if found is not None else None for found in skipped]
    assert messages == ["stubbed: its provider does not run here", "not reached"]
    assert case(report(building().end("Unit", ActionStatus.ABANDONED), tmp_path), "Unit").find("error") is not None
