"""Each piece of advice against a file that does not follow it. The first lines of each file in `given/` say what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.model.diagnostics import Diagnostic, Severity
from engine.reading.advice import advise, all_advice
from engine.reading.definition import load, load_text

HERE = Path(__file__).parent
GIVEN = sorted((HERE / "given").glob("*.yaml"))
QUIET = sorted((HERE / "quiet").glob("*.yaml"))
SAMPLES = sorted((HERE.parents[2] / "sample-pipelines").glob("*/pipeline.*"))


def advice_on(file: Path, *silence: str) -> list[Diagnostic]:
    loaded = load(file)
    assert [found.render() for found in loaded.diagnostics if found.severity is not Severity.ADVICE] == []
    return [found for pipeline in loaded.pipelines for found in advise(pipeline, silence)]


@pytest.mark.parametrize("file", GIVEN, ids=lambda file: file.stem)
def test_advice_is_given_in_its_place(file: Path) -> None:
    expected = re.findall(r"^# (GR\d{3} \d+:\d+)$", file.read_text(), re.MULTILINE)
    found = advice_on(file)
    assert [f"{each.code} {each.line}:{each.column}" for each in found] == expected
    for each in found:
        assert each.severity is Severity.ADVICE
        assert each.source[each.column - 1 : each.column - 1 + each.length].strip()
        assert each.hint.endswith(")")


@pytest.mark.parametrize("file", QUIET, ids=lambda file: file.stem)
def test_what_is_well_done_is_met_with_silence(file: Path) -> None:
    assert [found.render() for found in advice_on(file)] == []


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.parent.name)
def test_our_own_samples_do_as_we_say(file: Path) -> None:
    pipelines = load(file).pipelines
    assert [found.render() for pipeline in pipelines for found in advise(pipeline)] == []


def test_every_piece_of_advice_has_a_file_that_wants_it() -> None:
    assert {file.stem[:5] for file in GIVEN} == {advice.code for advice in all_advice()}


@pytest.mark.parametrize("advice", all_advice(), ids=lambda advice: advice.code)
def test_advice_says_why_and_how_and_where_that_is_written(advice: object) -> None:
    texts = [getattr(advice, name) for name in ("title", "why", "fix", "reference")]
    assert all(texts)
    assert texts[3].startswith("https://docs.aws.amazon.com/")
    assert not any(text.endswith(".") for text in texts)


def test_advice_is_silenced_by_its_code() -> None:
    file = HERE / "given" / "GR621.yaml"
    assert [found.code for found in advice_on(file)] == ["GR641", "GR621"]
    assert [found.code for found in advice_on(file, "GR641")] == ["GR621"]


def test_nobody_is_advised_on_a_local_pipeline_for_what_only_an_account_has() -> None:
    text = "stages:\n  Build: {buildspec: b.yml, output: Site}\n  Ask: {approval: Ship it?}\n  Live: {deploy: site}\n"
    (pipeline,) = load_text(text, Path("shop/pipeline.yaml")).pipelines
    assert advise(pipeline) == []
