"""Every key of the pane does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollRight

from tests.tui.log.harness import numbered, showing, until
from tests.tui.text_snapshot import screen_text
from tui.widgets._log_keys import PANE_KEYS, SCROLL_KEYS
from tui.widgets.log_pane import LogPane

STAMP = "[Container] 2026/01/01 10:00:00.123456 "


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text(numbered(100))
    return path


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        ("k", 89),
        ("k k j", 89),
        ("up up down", 89),
        ("g", 0),
        ("home", 0),
        ("g j", 1),
        ("g space", 9),
        ("g pagedown pageup", 0),
        ("g ctrl+d", 4),
        ("g ctrl+d ctrl+u", 0),
        ("pageup", 81),
        ("g G", 90),
        ("end", 90),
    ],
)
async def test_scrolling(log: Path, keys: str, top: int) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.rows[0] == f"line {top}")


async def test_sideways(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("0123456789" * 10 + "\n" + "界" * 40 + "\n")
    async with showing(path) as (app, pilot):
        await pilot.press("l", "right")
        await until(pilot, lambda: app.rows[0].startswith("6789"))
        await pilot.press(*"l" * 10)
        await until(pilot, lambda: app.rows[0].endswith("789"))
        await pilot.press("h", "left", *"h" * 10)
        await until(pilot, lambda: app.rows[0].startswith("0123"))


async def test_the_wheel_goes_sideways(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("0123456789" * 10 + "\n")
    async with showing(path) as (app, pilot):
        await until(pilot, lambda: app.view.max_scroll_x == 41)
        await pilot._post_mouse_events([MouseScrollRight], widget="LogView", offset=(1, 1))
        await until(pilot, lambda: not app.rows[0].startswith("0123"))


async def test_an_editor_can_be_told_the_line(log: Path) -> None:
    async with showing(log) as (app, pilot):
        assert app.pane.current_line == 91
        app.pane.search("line 42")
        await until(pilot, lambda: app.pane.current_line == 43)
        app.pane.show(None)
        assert app.pane.current_line == 0


async def test_wrapping(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("a" * 100 + "\n" + "b" * 59 + "\nc\n")
    async with showing(path) as (app, pilot):
        assert [row[:1] for row in app.rows] == ["a", "b", "c", *[""] * 7]
        await pilot.press("W")
        await until(pilot, lambda: app.rows[:4] == ["a" * 59, "a" * 41, "b" * 59, "c"])
        await pilot.press("W")
        await until(pilot, lambda: app.rows[1] == "b" * 59)


async def test_wrapped_pages_show_everything(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("".join(f"{number:03}" * 40 + "\n" for number in range(40)))
    async with showing(path) as (app, pilot):
        await pilot.press("W", "g")
        await until(pilot, lambda: app.rows[0].startswith("000"))
        seen: set[str] = set()
        while not app.pane.follow:
            seen |= {row[3:6] for row in app.rows}
            await pilot.press("space")
            await pilot.pause()
        await until(pilot, lambda: app.rows[-1] == "39")
        assert {f"{number:03}" for number in range(40)} <= seen | {row[3:6] for row in app.rows}


async def test_following_a_wrapped_log(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_text("x\n" * 50)
    async with showing(path) as (app, pilot):
        app.pane.wrap = True
        with path.open("a") as writer:
            writer.write("y" * 1000 + "\nz" + "z" * 100)
        await until(pilot, lambda: app.rows[-1] == "z" * 42)


async def test_timestamps(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text(f"{STAMP}Running command make\nmake: fine\n")
    async with showing(path) as (app, pilot):
        await until(pilot, lambda: app.rows[0] == f"▾ {STAMP}Running command make"[:59])
        await pilot.press("t")
        await until(pilot, lambda: app.rows[0] == "▾ [Container] Running command make")
        await pilot.press("t")
        await until(pilot, lambda: app.rows[0].startswith(f"▾ {STAMP}"))


def test_every_key_can_be_moved() -> None:
    keys = [*PANE_KEYS, *SCROLL_KEYS]
    ids = [key.id for key in keys if not isinstance(key, tuple)]
    assert len(ids) == len(keys) == len(set(ids))
    assert all(name and name.startswith("log.") for name in ids)


async def test_a_key_is_moved(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.set_keymap({"log.follow": "F", "log.top": "1"})
        await pilot.press("1")
        await until(pilot, lambda: app.rows[0] == "line 0")
        await pilot.press("F")
        assert app.pane.follow


async def test_no_key_stumbles_over_a_log_that_is_not_there(tmp_path: Path) -> None:
    keys = [*"fnNeEyWtgGjkhl", "space", "pageup", "ctrl+d", "ctrl+u", "ctrl+s", "escape", "slash", "a", "enter"]
    for path in (None, tmp_path / "absent.log"):
        async with showing(path) as (_, pilot):
            await pilot.press(*keys)


async def test_escape_belongs_to_the_screen_unless_something_is_marked(log: Path) -> None:
    async with showing(log) as (app, _):
        assert not app.pane.check_action("clear", ())
        app.pane.search("line")
        assert app.pane.check_action("clear", ())


async def test_a_pane_may_be_filled_before_it_is_on_screen(log: Path) -> None:
    pane = LogPane()
    pane.show(log, live=True)
    async with showing(None) as (app, pilot):
        await app.pane.remove()
        await app.mount(pane)
        await until(pilot, lambda: "line 99" in screen_text(app))
