"""Every check against a file that breaks it. The first lines of each file in `bad/` say what must be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.model.diagnostics import Severity
from engine.reading.definition import load
from engine.reading.rules import all_rules

FOLDER = Path(__file__).parent / "bad"
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTED = re.compile(r"# (?P<code>GR\d{3}) (?P<severity>\w+) (?P<place>\d+:\d+) (?P<exception>\S+) \| ?(?P<hint>.*)")
DOCS = Path(__file__).parents[2] / "docs" / "definitions.md"


def expected(file: Path) -> list[tuple[str, ...]]:
    lines = (EXPECTED.fullmatch(line) for line in file.read_text().splitlines())
    return [match.groups() for match in lines if match]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_wrong_is_found_in_its_place(file: Path) -> None:
    loaded = load(file)
    found = [
        (each.code, str(each.severity), f"{each.line}:{each.column}", each.exception or "-", each.hint)
        for each in loaded.diagnostics
    ]
    assert found == expected(file)
    assert file.stem[:5] in {each.code for each in loaded.diagnostics}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_caret_stands_under_something(file: Path) -> None:
    text = file.read_text().splitlines()
    for found in load(file).diagnostics:
        if found.line:
            assert found.source == text[found.line - 1]
            assert found.source[found.column - 1 : found.column - 1 + found.length].strip() or "tab" in file.stem
            assert "^" in found.render()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_errors_alone_keep_a_pipeline_from_loading(file: Path) -> None:
    loaded = load(file)
    assert loaded.ok is all(found.severity is not Severity.ERROR for found in loaded.diagnostics)
    assert bool(loaded.pipelines) or not loaded.ok


def test_every_rule_has_a_file_that_breaks_it_and_a_line_in_the_docs() -> None:
    broken = {code for file in FILES for code, *_ in expected(file)}
    rules = {rule.code for rule in all_rules()}
    assert rules - broken == {"GR307", "GR355"}  # a thousand actions and long triggers have tests of their own
    documented = set(re.findall(r"GR\d{3}", DOCS.read_text()))
    assert (rules | broken) - documented == set()


def test_codes_name_one_thing_each() -> None:
    codes = [rule.code for rule in all_rules()]
    assert len(codes) == len(set(codes))
