"""Reports that a build wrote and its buildspec does not name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.providers.codebuild.discovery import kind_of
from tests.providers.kit import Kit

JUNIT = (
    '<?xml version="1.0"?><!-- made --><testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>'
)
KINDS = {
    "junit.xml": (JUNIT, "JUNITXML"),
    "suite.xml": ('<testsuite name="s"/>', "JUNITXML"),
    "nunit3.xml": ("<test-run id='2'/>", "NUNIT3XML"),
    "nunit.xml": ("<test-results name='x'/>", "NUNITXML"),
    "testng.xml": ("<testng-results/>", "TESTNGXML"),
    "own.trx": ('<TestRun xmlns="x"/>', "VISUALSTUDIOTRX"),
    "cucumber.json": ('[{"elements": [], "keyword": "Feature"}]', "CUCUMBERJSON"),
    "cobertura.xml": ('<!DOCTYPE coverage SYSTEM "x"><coverage line-rate="1"/>', "COBERTURAXML"),
    "clover.xml": ('<coverage generated="1"><project/></coverage>', "CLOVERXML"),
    "jacoco.xml": ('<!DOCTYPE report PUBLIC "-//JACOCO//DTD"><report name="x"/>', "JACOCOXML"),
    ".resultset.json": ("{}", "SIMPLECOV"),
    "pom.xml": ("<project/>", ""),
    "report.xml": ("<report/>", ""),
    "package.json": ('{"name": "x"}', ""),
    "text.xml": ("no xml <testsuite/>", ""),
    "empty.xml": ("", ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_a_file_is_by_its_beginning(tmp_path: Path, name: str) -> None:
    text, kind = KINDS[name]
    (tmp_path / name).write_text(text)
    assert kind_of(tmp_path / name) == kind


def build(kit: Kit, *commands: str, **more: object) -> dict[str, int]:
    """The reports of such a build: group -> cases."""
    spec = {"version": 0.2, "phases": {"build": {"commands": list(commands)}}, **more}
    text = json.dumps(spec)
    outcome = kit.build(text, files={"junit.txt": JUNIT, "fixtures/old.xml": JUNIT, "fixtures/edited.xml": JUNIT})
    assert outcome.failure is None
    return {report.group: report.passed for report in outcome.reports}


def test_what_the_build_wrote_is_found(kit: Kit) -> None:
    write = (
        "mkdir -p out node_modules/x .hidden",
        "for file in out/a.xml .hidden/b.xml node_modules/x/c.xml; do cp junit.txt $file; done",
        "echo >> fixtures/edited.xml",
    )
    assert build(kit, *write) == {"web-JUNITXML-AutoDiscovered": 3}
    assert "Found 3 file(s)" in kit.agent_lines()
    assert build(kit, *write, env={"variables": {"CODEBUILD_CONFIG_AUTO_DISCOVER_DIR": "out/*.xml"}}) == {
        "web-JUNITXML-AutoDiscovered": 1
    }
    assert "Expanding out/*.xml" in kit.agent_lines()
    assert build(kit, *write, "export CODEBUILD_CONFIG_AUTO_DISCOVER=false") == {}
    assert not any("auto-discover" in line for line in kit.agent_lines())


def test_what_the_buildspec_names_is_read_once(kit: Kit) -> None:
    reports = {"own": {"files": ["out/*.xml"]}}
    write = "mkdir out; cp junit.txt out/a.xml; cp junit.txt b.xml"
    assert build(kit, write, reports=reports) == {"own": 1, "web-JUNITXML-AutoDiscovered": 1}


def test_a_broken_report_fails_nothing(kit: Kit) -> None:
    assert build(kit, "echo '<testsuite><testcase' > broken.xml") == {"web-JUNITXML-AutoDiscovered": 0}
