"""Finding text and errors from the pane."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.log.harness import LogApp, numbered, showing, until
from tui.log.document import AT_ONCE
from tui.widgets._log_search_bar import SearchBar
from tui.widgets.log_pane import LogPane


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    lines = numbered(100).splitlines(keepends=True)
    lines[20] = "TypeError: Needle one\n"
    lines[50] = "needle two\n"
    lines[80] = "FAILED needle three\n"
    path.write_text("".join(lines))
    return path


def told(app: LogApp) -> tuple[int, int] | None:
    """The last word on matches: count and number."""
    events = [event for event in app.heard if isinstance(event, LogPane.MatchesChanged)]
    return (events[-1].count, events[-1].index) if events else None


def current(app: LogApp) -> str | None:
    """The line gone to."""
    number = app.view.current
    return None if number is None or app.view.lens is None else app.view.text_of(app.view.lens.row(number))


async def test_typing_searches(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("slash", *"needle")
        await until(pilot, lambda: told(app) == (3, 3))
        assert current(app) == "FAILED needle three"
        assert "FAILED needle three" in app.rows
        assert not app.pane.follow
        await pilot.press("enter")
        assert app.focused is app.view


async def test_every_letter_looks_from_where_typing_began(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("g", "slash", *"line 7")
        await until(pilot, lambda: current(app) == "line 7")
        await pilot.press("backspace", "4")
        await until(pilot, lambda: current(app) == "line 4")


async def test_from_match_to_match(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("g", "slash", *"needle", "enter")
        await until(pilot, lambda: told(app) == (3, 1))
        for key, number in (("n", 2), ("n", 3), ("n", 1), ("N", 3), ("N", 2)):
            await pilot.press(key)
            await until(pilot, lambda number=number: told(app) == (3, number))  # type: ignore[misc]
        assert current(app) == "needle two"
        await pilot.press("g", "n")
        await until(pilot, lambda: current(app) == "TypeError: Needle one")
        await pilot.press("G", "N")
        await until(pilot, lambda: current(app) == "FAILED needle three")


async def test_capitals_matter_when_typed(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.pane.search("Needle")
        await until(pilot, lambda: told(app) == (1, 1))


async def test_what_is_appended_counts(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: told(app) == (3, 3))
        with log.open("a") as writer:
            writer.write("needle four\n")
        await until(pilot, lambda: told(app) == (4, 3))


async def test_a_search_outlives_its_file(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: told(app) == (3, 3))
        log.with_name("new").write_text("needle\nneedle\n")
        log.with_name("new").rename(log)
        await until(pilot, lambda: (told(app) or (0, 0))[0] == 2)


async def test_escape_ends_the_search(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("slash", *"needle", "enter")
        assert app.query_one(SearchBar).is_open
        await pilot.press("escape")
        assert not app.query_one(SearchBar).is_open
        assert app.query_one(Input).value == ""
        await until(pilot, lambda: told(app) == (0, 0))
        await pilot.press("slash", "x", "escape")
        assert app.focused is app.view


async def test_an_empty_search_closes(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("slash", "enter")
        assert not app.query_one(SearchBar).is_open


async def test_errors(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("e")
        await until(pilot, lambda: current(app) == "TypeError: Needle one")
        await pilot.press("e")
        await until(pilot, lambda: current(app) == "FAILED needle three")
        await pilot.press("ctrl+e")
        await until(pilot, lambda: current(app) == "TypeError: Needle one")
        await pilot.press("G", "ctrl+e")
        await until(pilot, lambda: current(app) == "FAILED needle three")


async def test_no_errors(tmp_path: Path) -> None:
    path = tmp_path / "fine.log"
    path.write_text("fine\n")
    async with showing(path) as (app, pilot):
        await pilot.press("e")
        await until(pilot, lambda: app.said == ["No errors in this log."])


async def test_a_match_to_the_right_comes_into_view(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("x" * 200 + "needle\n")
    async with showing(path) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: app.rows[0].endswith("needle"))


async def test_a_match_in_a_large_log(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    path.write_text("needle\n" + numbered(2 * AT_ONCE // 10) + "last\n")
    async with showing(path) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: app.rows[0] == "needle")
        await until(pilot, lambda: told(app) == (1, 1))


async def test_the_count_is_shown(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.pane.search("needle")
        await until(pilot, lambda: str(app.query_one("#count").render()) == "3/3")
