"""Every sample yields what is written down, is reused as a whole, and reruns only the chain of what changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.samples.sample import NAMES, SAMPLES, Done, Run, Sample

pytestmark = pytest.mark.e2e

EXPECTED = Path(__file__).with_name("expected")


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one file, and the actions that must run because of it."""

    file: str
    old: str
    new: str
    runs: frozenset[str]


EDITS = {
    "batches": [
        # The batches that make the book read no test.
        Edit("tests/test_cards.py", "test_a_card_has_every", "test_every_card_has_every", frozenset({"Test/Unit"})),
        # Another spelling of the same book: all is made again, and comes out as it was.
        Edit("phrases.json", '"bread": {', '"bread":  {', frozenset({"Build/Book", "Test/Samples", "Test/Unit"})),
    ],
    "hello": [
        # Other words in a test: the page is built again, comes out as it was, and its approval stands.
        Edit("tests/test_greeting.py", "The right words", "The very words", frozenset({"Build/Page", "Test/Unit"})),
        # Everything that is given the source runs; nothing says that the tests never look at the banner.
        Edit(
            "banner/draw.py",
            '"#4c9f70"',
            '"#5c9f70"',
            frozenset({"Build/Banner", "Build/Page", "Test/Unit", "Test/Links"}),
        ),
    ],
    "python-app": [
        Edit("tests/stock.csv", "nuts,40", "nuts,41", frozenset({"Test/Unit", "Test/Smoke"})),
    ],
    "static-site": [
        # A comment in the checker: one action runs, and what it guards stands.
        Edit("check.py", "dead = dead_links", "dead  = dead_links", frozenset({"Check/Links"})),
    ],
    "monorepo": [
        Edit(
            "web/pages/index.html", "<h1>Shop,", "<h1>The shop,", frozenset({"Build/Web", "Test/Web", "Test/Together"})
        ),
        # Another spelling of the same contract: whatever reads it runs, and what its readers made is as before.
        Edit(
            "contract/contract.json",
            '"version": "2.1"',
            '"version":  "2.1"',
            frozenset({"Build/Check", "Build/Api", "Build/Web", "Test/Api"}),
        ),
    ],
    "node-app": [
        Edit("test/tides.test.js", "as high as the range", "just as high as the range", frozenset({"Test/Unit"})),
    ],
}


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    name = str(request.param)
    if name == "node-app" and shutil.which("node") is None:
        pytest.skip("there is no node here")
    return Sample(name, tmp_path)


def successful(run: Run) -> Run:
    assert run.code == 0, run.errors
    assert run.summary["event"] == "summary"
    assert run.summary["status"] == "Succeeded"
    return run


def test_a_sample_from_its_first_run_to_its_edits(sample: Sample, rewrite: bool) -> None:
    """One story of one copy: what it yields at first is what the edits later start from."""
    (definition,) = sample.directory.glob("pipeline.*")
    assert sample.call("validate", definition.name) == Done(0, "", "")
    first = successful(sample.run_installed())
    _yields_what_is_written_down(sample, first, rewrite)
    _only_what_an_edit_reaches_runs_again(sample, first)


def _yields_what_is_written_down(sample: Sample, run: Run, rewrite: bool) -> None:
    yielded = {"actions": sample.ended(run), "deployed": sample.deployed()}
    expected = EXPECTED / f"{sample.directory.name}.json"
    if rewrite:
        expected.write_text(json.dumps(yielded, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert yielded == json.loads(expected.read_text(encoding="utf-8"))


def _only_what_an_edit_reaches_runs_again(sample: Sample, first: Run) -> None:
    everything = first.decided("run") | first.decided("ask")
    second = successful(sample.run())
    assert second.decided("run") == second.decided("ask") == set()
    assert second.decided("reuse") == everything
    assert second.summary["ran"] == 0

    for edit in EDITS[sample.directory.name]:
        sample.replace(edit.file, edit.old, edit.new)
        again = successful(sample.run())
        assert edit.runs <= again.decided("run")
        assert {name for name in again.decided("run") if not name.startswith(("Deploy", "Release"))} == edit.runs
        assert all(each["why"] for each in again.named("action-decided") if each["decision"] == "run")


def test_the_demo_fails_before_it_is_mended(tmp_path: Path) -> None:
    broken = json.loads((SAMPLES / "hello" / ".demo.json").read_text(encoding="utf-8"))
    hello = Sample("hello", tmp_path)
    hello.replace(broken["file"], broken["find"], broken["replace"])
    failed = hello.run()
    assert failed.code == 1
    assert hello.ended(failed)["Test/Unit"]["status"] == "Failed"
    assert hello.deployed() == {}

    hello.replace(broken["file"], broken["replace"], broken["find"])
    mended = successful(hello.run())
    assert mended.decided("run") == {"Build/Page", "Test/Unit", "Test/Links", "Deploy/Site"}
    assert mended.decided("reuse") == {"Build/Banner"}
    assert "deployed/index.html" in hello.deployed()


def test_every_sample_says_how_to_try_it() -> None:
    for name in NAMES:
        text = (SAMPLES / name / "README.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {name}\n")
        assert "Try:" in text
