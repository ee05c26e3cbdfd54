"""The builds of a batch on the screen: rows of the graph, their logs, shells and reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.execution import events as ev
from engine.model.member import MemberBuild
from engine.model.status import ActionStatus
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, first_run
from tui.graph.builds import build_name, mark_of_build, word_of_build
from tui.graph.marks import Mark
from tui.store import Store
from tui.widgets.panes.why import why

LINT = MemberBuild("lint")
UNIT = MemberBuild("unit", depends_on=("lint",), image="python:3.12")
DOCS = MemberBuild("docs", ignore_failure=True)
PACK = MemberBuild("pack", depends_on=("unit",))


def batch(script: Script, *builds: MemberBuild) -> Script:
    """Build/Unit runs as a batch of these."""
    script.start(after=60).enter("Source").run("Source", "App").succeed("App", 0.1)
    script.leave("Source").enter("Build")
    script.add(ev.ActionScheduled("exec-2", "Build", "Unit", "batch", 1))
    script.add(ev.ActionPrepared("batch", "f", "pure")).add(ev.ActionStarted("batch"))
    for build in builds:
        script.add(ev.BatchBuildChanged("batch", build))
    return script


def running() -> Script:
    script = batch(first_run(Script()), LINT, UNIT, DOCS, PACK)
    script.add(ev.BatchBuildChanged("batch", replace(LINT, status="IN_PROGRESS")))
    script.add(ev.BatchBuildChanged("batch", replace(LINT, status="SUCCEEDED")))
    script.add(ev.BatchBuildChanged("batch", replace(DOCS, status="FAILED", summary="no words")))
    return script.add(ev.BatchBuildChanged("batch", replace(UNIT, status="IN_PROGRESS", phase="BUILD")))


def fail(script: Script) -> Script:
    script.add(ev.BatchBuildChanged("batch", replace(UNIT, status="FAILED", summary="exit status 1: pytest")))
    script.add(ev.BatchBuildChanged("batch", replace(PACK, status="STOPPED", summary="not run: unit did not pass")))
    return script.add(ev.ActionEnded("batch", ActionStatus.FAILED))


def store_of(script: Script, root: Path) -> Store:
    store = Store(clock=lambda: script.at)
    link = FakeLink(script, root)
    store.connect(link, link.state())
    return store


def test_a_batch_has_a_row_for_each_build(tmp_path: Path) -> None:
    store = store_of(running(), tmp_path)
    (node,) = [node for node in store.picture().actions if node.name == "Unit"]
    assert [(child.text, child.name, child.mark, child.word) for child in node.children] == [
        ("lint", "Unit/lint", Mark.SUCCEEDED, "succeeded"),
        ("unit", "Unit/unit", Mark.RUNNING, "running"),
        ("docs", "Unit/docs", Mark.SKIPPED, "failed, ignored"),
        ("pack", "Unit/pack", Mark.PENDING, ""),
    ]
    assert node.children[1].detail == "BUILD"
    assert build_name("Unit/unit") == ("Unit", "unit")
    kept = replace(LINT, status="SUCCEEDED", origin="earlier")
    assert (mark_of_build(kept), word_of_build(replace(PACK, status="STOPPED"))) == (Mark.REUSED, "not run")


def test_what_is_chosen_is_a_build_or_its_batch(tmp_path: Path) -> None:
    store = store_of(running(), tmp_path)
    store.choose(("Build", "Unit/unit"))
    store.settle()
    assert store.chosen == ("Build", "Unit/unit")
    assert store.place() == ("Build", "Unit")
    run, build = store.run(), store.build()
    assert run is not None and run.id == "batch"
    assert build is not None and build.identifier == "unit"
    assert store.action() is not None
    text = why(store).plain
    assert "Build  unit" in text and "depends on" in text and "python:3.12" in text
    store.mark(store.chosen)
    assert store.marked == [("Build", "Unit")]
    store.choose(("Build", "Unit/gone"))
    store.settle()
    assert store.chosen == ("Build", "Unit")


def test_of_a_failed_batch_the_build_that_failed_is_chosen(tmp_path: Path) -> None:
    store = store_of(fail(running()), tmp_path)
    assert store.chosen == ("Build", "Unit/unit")
    assert "exit status 1: pytest" in why(store).plain


async def test_its_log_and_its_row_on_the_screen(opened: Open) -> None:
    async with opened(running(), size=(120, 40)) as stage:
        for name in ("", "lint", "unit"):
            file = stage.link.log("batch", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"the log of {name or 'the batch'}\n")
        stage.app.store.choose(("Build", "Unit"))
        await stage.play(lambda script: script.add(ev.BatchBuildChanged("batch", replace(UNIT, status="IN_PROGRESS"))))
        await stage.until(lambda: "the log of the batch" in stage.text)
        assert "├" in stage.text and "lint" in stage.text
        await stage.press("down")
        await stage.until(lambda: "the log of lint" in stage.text)
        assert "Build/lint ✔ succeeded" in stage.text
        await stage.press("down")
        await stage.until(lambda: "the log of unit" in stage.text)
        await stage.press("up", "up")
        await stage.until(lambda: "the log of the batch" in stage.text)
