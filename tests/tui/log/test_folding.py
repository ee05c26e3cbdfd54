"""Folding phases and commands, and showing only some lines, by keys and mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.log.harness import LogApp, LogPilot, numbered, showing, until
from tui.log.document import AT_ONCE
from tui.widgets._log_search_bar import SearchBar

STAMP = "[Container] 2026/01/01 10:00:"
BUILD = (
    f"{STAMP}00.0 Entering phase BUILD\n"
    f"{STAMP}00.0 Running command make\nmaking\nneedle one\nmade\n"
    f"{STAMP}04.0 Running command npm test\nTypeError: boom\nneedle two\n"
    f"{STAMP}16.0 Command did not exit successfully npm test exit status 1\n"
    f"{STAMP}16.3 Phase complete: BUILD State: FAILED\n"
)
HIDDEN = "t"  # without times the lines fit


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text(BUILD)
    return path


OPEN = [
    "▾ [Container] Entering phase BUILD",
    "▾ [Container] Running command make",
    "making",
    "needle one",
    "made",
    "▾ [Container] Running command npm test",
    "TypeError: boom",
    "needle two",
    "[Container] Command did not exit successfully npm test exit",
    "[Container] Phase complete: BUILD State: FAILED",
]
MAKE = "▸ make  4.0s  ✔  3 lines"
TEST = "▸ npm test  12s  ✘ FAILED  3 lines"


async def rows(app: LogApp, pilot: LogPilot, expected: list[str]) -> None:
    await until(pilot, lambda: [row for row in app.rows if row] == expected)


async def test_keys_fold_and_unfold(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(HIDDEN)
        await rows(app, pilot, OPEN)
        await pilot.press("g", "enter")  # makes the phase the current line
        await pilot.press("enter")
        await rows(app, pilot, ["▸ Phase BUILD  16s  ✘ FAILED  9 lines"])
        await pilot.press("right_parenthesis")
        await rows(app, pilot, OPEN)
        await pilot.press("left_curly_bracket")
        await rows(app, pilot, [*OPEN[:1], MAKE, *OPEN[5:]])
        await pilot.press("left_curly_bracket")
        await rows(app, pilot, ["▸ Phase BUILD  16s  ✘ FAILED  9 lines"])
        await pilot.press("right_curly_bracket")
        await rows(app, pilot, OPEN)
        app.pane.search("made")
        await until(pilot, lambda: app.view.current == 4)
        app.pane.action_clear()
        app.view.reveal(4)
        await pilot.press("left_parenthesis")
        await rows(app, pilot, [*OPEN[:1], MAKE, *OPEN[5:]])
        await pilot.press("left_parenthesis")
        await rows(app, pilot, ["▸ Phase BUILD  16s  ✘ FAILED  9 lines"])


async def test_a_click_folds_and_unfolds(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(HIDDEN)
        await rows(app, pilot, OPEN)
        await pilot.click("LogView", offset=(20, 1))  # not on its mark
        await pilot.click("LogView", offset=(0, 5))
        await rows(app, pilot, [*OPEN[:5], TEST, *OPEN[9:]])
        await pilot.click("LogView", offset=(20, 5))
        await rows(app, pilot, OPEN)


async def test_what_is_looked_for_comes_out_of_its_fold(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(HIDDEN, "left_curly_bracket", "left_curly_bracket")
        await until(pilot, lambda: app.rows[0].startswith("▸ Phase"))
        app.pane.search("needle one")
        await rows(app, pilot, [*OPEN[:5], TEST, *OPEN[9:]])
        await pilot.press("e")
        await until(pilot, lambda: "TypeError: boom" in app.rows)


async def test_the_log_of_a_failed_build_opens_with_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text(BUILD.replace("making\n", numbered(100)))
    async with showing(path, live=False) as (app, pilot):
        await pilot.press(HIDDEN)
        await rows(app, pilot, [*OPEN[:1], "▸ make  4.0s  ✔  102 lines", *OPEN[5:]])
        assert app.pane.follow


async def test_what_failed_is_in_view_although_much_is_told_after_it(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text(BUILD + numbered(100))
    async with showing(path) as (app, pilot):
        await until(pilot, lambda: app.rows[-1] == "line 99")
        app.pane.show(path, live=False)  # it has ended
        await until(pilot, lambda: "TypeError: boom" in app.rows and any("Phase complete" in row for row in app.rows))
        assert not app.pane.follow
        await pilot.press("f")
        await until(pilot, lambda: app.rows[-1] == "line 99")


async def test_a_live_log_stays_open_and_grows_in_its_fold(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("".join(BUILD.splitlines(keepends=True)[:2]))
    async with showing(log) as (app, pilot):
        await pilot.press(HIDDEN)
        with log.open("a") as writer:
            writer.write(numbered(100))
        await until(pilot, lambda: app.rows[-1] == "line 99")
        await pilot.press("left_parenthesis")
        await until(pilot, lambda: app.rows[:3] == [OPEN[0], "▸ make  100 lines", ""])
        with log.open("a") as writer:
            writer.write(numbered(10) + f"{STAMP}09.0 Running command next\n")
        await until(
            pilot, lambda: app.rows[1:3] == ["▸ make  9.0s  ✔  110 lines", "▾ [Container] Running command next"]
        )


async def test_a_large_log_folds(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text(BUILD.replace("making\n", numbered(2 * AT_ONCE // 10)))
    async with showing(path, live=False) as (app, pilot):
        await until(pilot, lambda: any(row.startswith("▸ make  4.0s  ✔") for row in app.rows))


async def test_a_large_log_is_filtered(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    path.write_text("needle first\n" + numbered(2 * AT_ONCE // 10) + "needle last\n")
    async with showing(path, live=False) as (app, pilot):
        app.pane.filter("needle")
        await until(pilot, lambda: app.rows[:3] == ["needle first", "needle last", ""])
        app.pane.filter("")
        await until(pilot, lambda: app.rows[9] == "needle last" and app.rows[8].startswith("line "))


async def test_another_log_has_no_folds(tmp_path: Path) -> None:
    path = tmp_path / "other.log"
    path.write_text(numbered(3))
    async with showing(path) as (app, pilot):
        await pilot.press("left_parenthesis", "left_curly_bracket", "enter")
        await until(pilot, lambda: any("no phases" in said for said in app.said))
        assert app.rows[:3] == ["line 0", "line 1", "line 2"]


async def test_what_is_folded_is_copied_as_it_is_shown(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(HIDDEN)
        await rows(app, pilot, OPEN)
        await pilot.press("g", "J", "J", "J")
        assert (
            app.screen.get_selected_text()
            == "[Container] Entering phase BUILD\n[Container] Running command make\nmaking"
        )
        await pilot.press("K")
        assert (app.screen.get_selected_text() or "").endswith("Running command make")


# --- filter ---


async def test_a_filter_shows_what_matches(log: Path) -> None:
    async with showing(log, size=(60, 13)) as (app, pilot):
        await pilot.press(HIDDEN, "ampersand", *"needle")
        await rows(app, pilot, ["needle one", "needle two"])
        bar = app.query(SearchBar).last()
        await until(pilot, lambda: str(bar.query_one("#count").render()) == "2 lines")
        await pilot.press("up")
        await rows(app, pilot, [OPEN[2], OPEN[3], OPEN[4], OPEN[6], OPEN[7], OPEN[8]])
        assert bar.sign == "&±1"
        await pilot.press("down", "enter")
        await rows(app, pilot, ["needle one", "needle two"])
        with log.open("a") as writer:
            writer.write("hay\nneedle three\n")
        await rows(app, pilot, ["needle one", "needle two", "needle three"])
        app.pane.filter("nowhere")
        await until(pilot, lambda: app.rows[0] == "No line matches")
        await pilot.press("escape")
        await until(pilot, lambda: "hay" in app.rows)
        assert not bar.is_open


async def test_a_filter_leaves_out_and_takes_expressions(log: Path) -> None:
    async with showing(log, size=(60, 13)) as (app, pilot):
        await pilot.press(HIDDEN, "ampersand", *"!Container")
        await rows(app, pilot, ["making", "needle one", "made", "TypeError: boom", "needle two"])
        bar = app.query(SearchBar).last()
        bar.show("^ma.e")
        await pilot.press("ctrl+r", "dollar_sign")
        await rows(app, pilot, ["made"])
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "unterminated" in str(bar.query_one("#count").render()))


async def test_a_search_among_filtered_lines(log: Path) -> None:
    async with showing(log, size=(60, 14)) as (app, pilot):
        await pilot.press(HIDDEN)
        app.pane._filter_bar.show("o")
        app.pane.filter("o")
        app.pane.search("needle")
        await until(pilot, lambda: str(app.query_one("#count").render()) == "2/2")
        app.pane.filter("one")
        await rows(app, pilot, ["needle one"])
        await until(pilot, lambda: str(app.query_one("#count").render()).endswith("/1"))


async def test_folds_and_a_filter_together(log: Path) -> None:
    async with showing(log, size=(60, 13)) as (app, pilot):
        await pilot.press(HIDDEN)
        await rows(app, pilot, OPEN)
        app.pane.filter("needle")
        await rows(app, pilot, ["needle one", "needle two"])
        app.view.reveal(3)
        await pilot.press("left_parenthesis")
        await rows(app, pilot, [MAKE, "needle two"])
        await pilot.press("left_curly_bracket", "left_curly_bracket")
        await rows(app, pilot, ["▸ Phase BUILD  16s  ✘ FAILED  9 lines"])
        app.pane.filter("")
        await rows(app, pilot, ["▸ Phase BUILD  16s  ✘ FAILED  9 lines"])


async def test_a_search_by_expression(log: Path) -> None:
    async with showing(log, size=(60, 14)) as (app, pilot):
        await pilot.press(HIDDEN, "slash", "ctrl+r", *"(one|two)")
        await until(pilot, lambda: str(app.query_one("#count").render()) == "2/2")
        assert app.query_one(SearchBar).sign == "/.*"
        await pilot.click("SearchBar #sign")
        await until(pilot, lambda: str(app.query_one("#count").render()) == "0/0")
