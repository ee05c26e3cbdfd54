"""The Tests pane, and what it makes of several runs."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution.events import ActionEnded, ExecutionStarted
from engine.model.outcome import Report
from engine.model.status import ActionStatus
from engine.reports.details import FILE, Details, dump
from engine.reports.model import Case, Covered
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script
from tests.tui.stage import Stage
from tests.tui.test_panes import store_of
from tui.actions.outside import OutsideActions
from tui.graph.text import layout
from tui.testing import Results, overview

GOOD, BAD = "SUCCEEDED", "FAILED"


def case(name: str, status: str = GOOD, **more: object) -> Case:
    return Case(name, "shop", status, **more)  # type: ignore[arg-type]


def story(*runs: tuple[Case, ...]) -> Script:
    """Unit, run that often, with these tests."""
    script = Script().define()
    for number, cases in enumerate(runs, 1):
        failed = sum(one.bad for one in cases)
        passed = len(cases) - failed
        status: Literal["FAILED", "SUCCEEDED"] = "FAILED" if failed else "SUCCEEDED"
        report = Report("Units", "JUNITXML", "test", status, f"tree-{number}", passed=passed, failed=failed)
        script.start().enter("Build").run("Build", "Unit")
        ended = ActionEnded(script.id("Unit"), ActionStatus.FAILED if failed else ActionStatus.SUCCEEDED)
        script.add(dataclasses.replace(ended, reports=(report,)), 1)
    return script


def contents(*runs: tuple[Case, ...], covered: tuple[Covered, ...] = ()) -> dict[tuple[str, str], bytes]:
    return {
        (f"tree-{number}", FILE): dump(Details(cases, covered), lambda text: text)
        for number, cases in enumerate(runs, 1)
    }


async def shown(stage: Stage, *runs: tuple[Case, ...], covered: tuple[Covered, ...] = ()) -> str:
    stage.link.contents = contents(*runs, covered=covered)
    stage.app.go_to(("Build", "Unit"))
    await stage.press("6")
    await stage.until(lambda: "reading" not in stage.text and "passed" in stage.text)
    return stage.text


RUNS = (
    (case("adds", BAD), case("pays"), case("leaves"), case("wavers", BAD)),
    (case("adds"), case("pays"), case("leaves"), case("wavers")),
    (
        case("adds", seconds=2.5),
        case("pays", BAD, message="expected 3\ngot 4", file="src/pay.py", line=12),
        case("greets"),
        case("wavers", BAD),
    ),
)


async def test_failures_come_first_with_their_place_and_what_changed(opened: Open) -> None:
    async with opened(story(*RUNS), (120, 60)) as stage:
        text = await shown(stage, *RUNS, covered=(Covered("src/pay.py", 10, 4),))
        assert "2 passed, 2 failed" in text
        assert text.index("✘ shop.pays") < text.index("New") < text.index("Flaky") < text.index("Slowest")
        assert "src/pay.py:12" in text and "expected 3" in text and "got 4" in text
        assert "40.0%  src/pay.py" in text
        pays = next(line for line in stage.lines if "shop.pays" in line)
        assert pays.rstrip().endswith("new")


async def test_the_graph_shows_the_totals(opened: Open, tmp_path: Path) -> None:
    assert "Unit ≈ 2/4" in "\n".join(layout(store_of(story(*RUNS), "Build", "Unit", tmp_path).picture(), 200).lines())


async def test_enter_opens_the_test_in_the_editor(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    (source / "src").mkdir(parents=True)
    (source / "src" / "pay.py").write_text("")
    script = story(*RUNS)
    for recorded in script.recorded:
        if isinstance(recorded.event, ExecutionStarted):
            for name, revision in recorded.event.revisions.items():
                recorded.event.revisions[name] = dataclasses.replace(revision, directory=str(source))
    edited: list[tuple[Path, int]] = []
    monkeypatch.setattr(OutsideActions, "edit", lambda self, file, line=0: edited.append((file, line)))
    async with opened(script, (120, 60)) as stage:
        await shown(stage, *RUNS)
        await stage.press("enter")
        assert edited == [(source / "src" / "pay.py", 12)]
        await stage.press("j", "o")
        await stage.until(lambda: any("does not say where" in said for said in stage.said))


async def test_no_reports_and_lost_ones_are_told(opened: Open) -> None:
    async with opened(Script().define().start()) as stage:
        await stage.press("6")
        assert "no test reports" in stage.text
    one = (case("adds"),)
    async with opened(story(one)) as stage:
        stage.link.contents = {("tree-1", FILE): b"no json"}
        stage.app.go_to(("Build", "Unit"))
        await stage.press("6")
        await stage.until(lambda: "1 passed" in stage.text)  # the totals are in the journal


def test_the_fake_engine_reads_like_the_real_one(tmp_path: Path) -> None:
    link = FakeLink(story(RUNS[0]), tmp_path)
    link.contents = contents(RUNS[0])
    assert b"wavers" in link.content("tree-1", FILE).result()


def results(*runs: dict[str, bool]) -> list[Results]:
    """From {test: fails}, newest first."""
    return [
        Results(len(runs) - i, tuple(case(name, BAD if bad else GOOD) for name, bad in run.items()))
        for i, run in enumerate(runs)
    ]


def test_what_broke_was_mended_came_and_went() -> None:
    seen = overview(results({"a": True, "b": False, "new": True}, {"a": False, "b": True, "old": False}))
    assert {name for _, name in seen.broken} == {"a"}
    assert [one.name for one in (*seen.mended, *seen.added, *seen.gone)] == ["b", "new", "old"]
    assert seen.before == 1


def test_a_single_run_has_nothing_to_compare_with() -> None:
    seen = overview(results({"a": True}))
    assert (seen.broken, seen.added, seen.before) == (frozenset(), (), 0)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=8))
def test_every_test_is_in_at_most_one_group_of_changes(runs: list[dict[str, bool]]) -> None:
    seen = overview(results(*runs))
    groups = [{name for _, name in seen.broken}, {one.name for one in seen.mended}, {one.name for one in seen.added}]
    groups.append({one.name for one in seen.gone})
    assert sum(map(len, groups)) == len(set().union(*groups))
    for _, name in seen.flaky:
        verdicts = [run[name] for run in runs if name in run]
        assert sum(a != b for a, b in itertools.pairwise(verdicts)) >= 2
