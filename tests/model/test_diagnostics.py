"""How a finding is shown."""

from __future__ import annotations

from pathlib import Path

from engine.model.diagnostics import Diagnostic, Severity


def test_a_finding_names_its_place_and_points_at_it() -> None:
    found = Diagnostic(
        "GR202",
        "no such key",
        "did you mean 'name'?",
        file=Path("p.yaml"),
        line=3,
        column=3,
        length=4,
        source="\t nmae: x",
        exception="ValidationException",
    )
    assert found.render().splitlines() == [
        "p.yaml:3:3: error[GR202]: no such key (ValidationException)",
        "    3 |   nmae: x",
        "          ^^^^",
        "      = did you mean 'name'?",
    ]


def test_a_finding_about_the_whole_file() -> None:
    found = Diagnostic("GR109", "the file is empty", severity=Severity.WARNING, file=Path("p.yaml"))
    assert found.render() == "p.yaml: warning[GR109]: the file is empty"
