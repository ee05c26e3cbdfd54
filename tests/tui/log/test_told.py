"""What can be done with a log is told: in the help, in the palette; and reports tell what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.tui.conftest import Open
from tests.tui.log.harness import showing, until
from tests.tui.script import failed
from tui.palette import Commands
from tui.widgets._log_keys import PANE_KEYS


async def test_help_and_palette_know_every_key_of_the_log(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_text("one\ntwo\n")
    async with opened(failed(), (120, 60)) as stage:
        await stage.press("1", "question_mark")
        await stage.until(lambda: "Fold this command, then its phase" in stage.text)
        for word in ("Show only matching lines", "Next failed test", "Unfold all", "Select lines downwards"):
            assert word in stage.text
        await stage.press("escape")
        names = {name.lower() for name, _, _ in Commands(stage.app.screen)._commands()}
        for key in PANE_KEYS:
            assert not isinstance(key, tuple)
            shared = {"log.follow", "log.search", "log.next_error", "log.next_failure", "log.filter", "log.timestamps"}
            assert f"log: {key.description.lower()}" in names or key.id in shared | {"log.copy"}


async def test_reports_tell_which_tests_failed(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text("fine\nan odd runner says sums_up is off\nfine\nFAILED a.py::test_x - no\n")

    asked: list[Callable[[Iterable[str]], None]] = []
    async with showing(path, size=(60, 5)) as (app, pilot):
        app.pane.know_failures(asked.append, "run 1")
        await pilot.press("g", "E")
        await until(pilot, lambda: app.view.current == 3)
        asked[0](["sums_up", "test_x"])
        await pilot.press("E")
        await until(pilot, lambda: app.view.current == 1)
        await pilot.press("E")
        await until(pilot, lambda: app.view.current == 3)
        app.pane.know_failures(asked.append, "run 1")
        assert len(asked) == 1
        app.pane.know_failures(None, "run 2")
        await pilot.press("g", "E", "E")
        await until(pilot, lambda: app.view.current == 3)


async def test_none_failed(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text("fine\n")
    async with showing(path) as (app, pilot):
        await pilot.press("E", "at")
        await until(pilot, lambda: len(app.said) == 2)
        assert set(app.said) == {"No failed tests in this log.", "No file of the source is named in this log."}
