"""The pane keeps up with its file, and with what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.screen import Screen
from textual.strip import Strip

from tests.tui.log.harness import LogPilot, numbered, showing, until
from tui.log.document import AT_ONCE, Change, Document
from tui.widgets._log_view import LogView
from tui.widgets.log_pane import LogPane


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text(numbered(100))
    return path


def append(path: Path, text: str, mode: str = "a") -> None:
    with path.open(mode) as writer:
        writer.write(text)


async def test_it_opens_at_the_end(log: Path) -> None:
    async with showing(log) as (app, _):
        assert app.rows == [f"line {number}" for number in range(90, 100)]
        assert app.pane.follow and app.pane.line_count == 100


async def test_it_follows(log: Path) -> None:
    async with showing(log) as (app, pilot):
        append(log, "more\n" * 50 + "last\n")
        await until(pilot, lambda: app.rows[-1] == "last")
        await until(
            pilot, lambda: any(isinstance(event, LogPane.Appended) and event.lines == 151 for event in app.heard)
        )


async def test_a_line_being_written_is_shown_as_it_stands(log: Path) -> None:
    async with showing(log) as (app, pilot):
        for text in ("10%", "\r50%", "\r100%", " done\n", "next"):
            append(log, text)
            shown = {"\r50%": "50%", "\r100%": "100%", " done\n": "100% done"}.get(text, text)
            await until(pilot, lambda shown=shown: app.rows[-1] == shown)  # type: ignore[misc]


async def test_a_log_may_come_later(tmp_path: Path) -> None:
    path = tmp_path / "later.log"
    async with showing(path) as (app, pilot):
        assert app.rows[0] == "Waiting for output…"
        path.write_text("here\n")
        await until(pilot, lambda: app.rows[0] == "here")
        path.write_text("")
        await until(pilot, lambda: app.rows[0] == "Waiting for output…")


async def test_nothing_to_show(tmp_path: Path) -> None:
    async with showing(None) as (app, pilot):
        assert app.rows[0] == "No log"
        app.pane.show(tmp_path / "absent.log")
        await until(pilot, lambda: app.rows[0] == "No output")


@pytest.mark.parametrize("replace", [False, True], ids=["cut", "replaced"])
async def test_it_begins_anew_with_the_file(log: Path, replace: bool) -> None:
    async with showing(log) as (app, pilot):
        if replace:
            log.with_name("new").write_text("first\n")
            log.with_name("new").rename(log)
        else:
            append(log, "", mode="w")
            append(log, "first\n")
        await until(pilot, lambda: app.rows[:2] == ["first", ""])
        assert app.pane.follow
        append(log, "second\n")
        await until(pilot, lambda: app.rows[:2] == ["first", "second"])


async def test_another_log(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text("other\n")
    async with showing(log) as (app, pilot):
        await pilot.press("g")
        app.pane.show(other)
        await until(pilot, lambda: app.rows[:2] == ["other", ""])
        assert app.pane.follow


async def test_the_same_log_again_keeps_the_place(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("g")
        app.pane.show(log, live=False)
        await until(pilot, lambda: app.rows[0] == "line 0")
        assert not app.pane.follow


@pytest.mark.parametrize("key", ["k", "up", "pageup", "ctrl+u", "g", "home", "f"])
async def test_going_up_leaves_the_end(log: Path, key: str) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(key)
        assert not app.pane.follow
        place = app.rows[:-1]
        append(log, "more\n" * 5)
        await until(pilot, lambda: app.rows[-1].endswith("+5 lines ↓"))
        assert app.rows[:-1] == place


@pytest.mark.parametrize("key", ["G", "end", "f"])
async def test_back_to_the_end(log: Path, key: str) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("g", key)
        assert app.pane.follow
        await until(pilot, lambda: app.rows[-1] == "line 99")
        await until(pilot, lambda: [e.follow for e in app.heard if isinstance(e, LogPane.FollowChanged)][-1])


async def test_the_wheel_leaves_the_end_and_comes_back(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await wheel(pilot, MouseScrollUp)
        await until(pilot, lambda: not app.pane.follow)
        for _ in range(3):
            await wheel(pilot, MouseScrollDown)
        await until(pilot, lambda: app.pane.follow)


async def wheel(pilot: LogPilot, event: type[MouseScrollUp | MouseScrollDown]) -> None:
    await pilot._post_mouse_events([event], widget="LogView", offset=(1, 1))


async def test_pushing_down_at_the_end_follows(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("k", "j")
        assert not app.pane.follow
        await pilot.press("j")
        assert app.pane.follow


async def test_a_click_on_the_note_goes_to_the_end(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("g")
        append(log, "one\n")
        await until(pilot, lambda: app.rows[-1].endswith("+1 line ↓"))
        await pilot.click("LogView", offset=(5, 9))
        assert not app.pane.follow
        await pilot.click("LogView", offset=(app.view.size.width - 3, 9))
        await until(pilot, lambda: app.rows[-1] == "one")


async def test_following_survives_a_resize(log: Path) -> None:
    async with showing(log) as (app, pilot):
        for height in (20, 5, 11):
            await pilot.resize_terminal(60, height)
            await until(pilot, lambda height=height: len(app.rows) == height - 1)  # type: ignore[misc]
            await until(pilot, lambda: app.rows[-1] == "line 99")
        assert app.pane.follow


async def test_a_large_log_shows_its_end_then_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    count = 2 * AT_ONCE // len("line 100000\n")
    path.write_text(numbered(count, 100_000))
    async with showing(path) as (app, pilot):
        assert app.rows[-1] == f"line {100_000 + count - 1}"
        await pilot.press("k")
        place = app.rows
        await until(pilot, lambda: app.pane.line_count == count)
        await until(pilot, lambda: app.rows == place)
        await pilot.press("g")
        await until(pilot, lambda: app.rows[0] == "line 100000")


async def test_a_hidden_pane_does_no_work(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, pilot):
        app.pane.display = False
        await until(pilot, lambda: app.view._timer is None)
        looks = _count(monkeypatch)
        append(log, "unseen\n")
        for _ in range(5):
            await pilot.pause(0.02)
        assert looks == []
        app.pane.display = True
        await until(pilot, lambda: app.rows[-1:] == ["unseen"])


async def test_being_painted_wakes_it_when_show_got_lost(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.view.on_hide()
        append(log, "seen\n")
        app.view.refresh()
        await until(pilot, lambda: app.rows[-1:] == ["seen"])


async def test_a_suspended_screen_does_no_work(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, pilot):
        app.add_mode("other", Screen)
        await app.switch_mode("other")
        await pilot.pause()
        looks = _count(monkeypatch)
        for _ in range(5):
            await pilot.pause(0.02)
        assert looks == []


async def test_pages_that_fly_by_are_painted_half_as_often(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, _):
        view = app.view
        view.live = False  # the beats are ours from here
        if view._timer is not None:
            view._timer.stop()
        view._beat()
        view._beat()
        looks = _count(monkeypatch)
        for _ in range(6):
            append(log, numbered(view.size.height))
            view._beat()
        assert len(looks) == 3
        view._beat()
        view._beat()
        looks.clear()
        for number in range(6):
            append(log, f"{number}\n")
            view._beat()
        assert len(looks) == 6


async def test_a_row_that_only_moved_is_not_made_again(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, pilot):
        made: list[int] = []
        whole = LogView._strip

        def counted(view: LogView, number: int, *rest: None) -> Strip:
            made.append(number)
            return whole(view, number, *rest)

        monkeypatch.setattr(LogView, "_strip", counted)
        append(log, "one\ntwo\n")
        await until(pilot, lambda: app.rows[-1] == "two")
        assert set(made) == {100, 101}


def _count(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Every look at a file from now on."""
    looks: list[Document] = []
    poll = Document.poll

    def counted(document: Document) -> Change:
        looks.append(document)
        return poll(document)

    monkeypatch.setattr(Document, "poll", counted)
    return looks


async def test_growth_costs_no_layout(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, pilot):
        layouts: list[None] = []
        refresh = app.screen._refresh_layout
        await until(pilot, lambda: not app.screen._layout_required)

        def counted(*args: object, **options: object) -> None:
            layouts.append(None)
            refresh(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(app.screen, "_refresh_layout", counted)
        for number in range(5):
            append(log, f"{number}\n" * 100)
            await until(pilot, lambda number=number: app.rows[-1] == f"{number}")  # type: ignore[misc]
        assert layouts == []


async def test_threads_end_with_the_pane(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    path.write_text(numbered(3 * AT_ONCE // 10))
    async with showing(path) as (app, _):
        document = app.view.document
        assert document is not None
        await app.pane.remove()
        assert document.file is None and not document.indexing


def test_of_many_changes_the_latest_is_enough_unless_one_began_anew() -> None:
    grew, anew = LogView.Changed(), LogView.Changed(reset=True)
    assert grew.can_replace(LogView.Changed()) and grew.can_replace(anew)
    assert anew.can_replace(LogView.Changed(reset=True)) and not anew.can_replace(grew)
