"""Taking text out: selection, copying, saving."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from tests.tui.log.harness import LogApp, LogPilot, numbered, showing, until
from tui import clipboard
from tui.log.index import LineIndex
from tui.log.save import free_name, save
from tui.widgets.log_pane import LogPane


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "build.log"
    path.write_text(numbered(100))
    return path


async def drag(pilot: LogPilot, start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down("LogView", offset=start)
    await pilot.hover("LogView", offset=end)
    await pilot.mouse_up("LogView", offset=end)


async def selected(app: LogApp, pilot: LogPilot) -> str:
    await until(pilot, lambda: bool(app.screen.get_selected_text()))
    return app.screen.get_selected_text() or ""


async def test_dragging_selects(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await drag(pilot, (2, 1), (4, 3))
        assert await selected(app, pilot) == "ne 91\nline 92\nline "
        assert not app.pane.follow
        await pilot.press("y")
        assert app.clipboard == "ne 91\nline 92\nline "
        assert app.said == ["copied 3 lines"]


async def test_selecting_counts_characters_not_cells_and_no_control(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text("界界\x1b[31mab\x1b[0mcd\n" + "界" * 60 + "tail\n")
    async with showing(path) as (app, pilot):
        await drag(pilot, (2, 0), (5, 0))
        assert await selected(app, pilot) == "界ab"
        app.screen.clear_selection()
        await pilot.press("l")
        await drag(pilot, (0, 1), (4, 1))
        assert await selected(app, pilot) == "界界界"


async def test_selecting_wrapped_text(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_text("a" * 59 + "b" * 59 + "\nc\n")
    async with showing(path) as (app, pilot):
        await pilot.press("W")
        await until(pilot, lambda: app.rows[1] == "b" * 59)
        await drag(pilot, (57, 0), (2, 1))
        assert await selected(app, pilot) == "aabbb"


async def test_what_is_selected_is_seen(log: Path) -> None:
    async with showing(log) as (app, pilot):
        before = app.view.render_line(1)
        await drag(pilot, (0, 1), (3, 1))
        await selected(app, pilot)
        assert app.view.render_line(1) != before
        assert app.view.render_line(1).text == before.text


async def test_only_the_selected_lines_are_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, _):
        lines: list[int] = []
        read = LineIndex.read

        def counted(index: LineIndex, line: int) -> object:
            lines.append(line)
            return read(index, line)

        monkeypatch.setattr(LineIndex, "read", counted)
        assert app.view.get_selection(Selection(Offset(0, 3), Offset(4, 5))) == ("line 3\nline 4\nline", "\n")
        assert lines == [3, 4, 5]


async def test_select_all(log: Path) -> None:
    async with showing(log) as (app, _):
        found = app.view.get_selection(SELECT_ALL)
        assert found == (numbered(100).rstrip("\n"), "\n")


async def test_copying_a_line(log: Path) -> None:
    async with showing(log) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == "line 99"
        app.pane.search("line 42")
        await until(pilot, lambda: app.view.current == 42)
        await pilot.press("y")
        assert app.clipboard == "line 42"
        assert app.said == ["copied 1 line"] * 2


async def test_saving(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    async with showing(log) as (app, pilot):
        app.pane.show(log, title="Build/Unit tests")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any(isinstance(event, LogPane.Saved) for event in app.heard))
    assert (tmp_path / "here" / "Build-Unit-tests.log").read_text() == numbered(100)


def test_saving_never_overwrites(tmp_path: Path) -> None:
    for name in ("a.log", "a-2.log", "a-3.log"):
        assert free_name(tmp_path, "a") == tmp_path / name
        (tmp_path / name).touch()
    assert free_name(tmp_path, "../..").name == "log.log"
    assert "File exists" in save(tmp_path / "a.log", tmp_path / "a.log")
    assert "No such file" in save(tmp_path / "absent.log", tmp_path / "b.log")


@pytest.mark.parametrize(
    ("environ", "platform", "there", "expected"),
    [
        ({}, "linux", {"xclip", "wl-copy"}, None),
        ({"DISPLAY": ":0"}, "linux", {"xclip"}, "xclip"),
        ({"DISPLAY": ":0"}, "linux", {"xsel"}, "xsel"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"xclip", "wl-copy"}, "wl-copy"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"xclip"}, "xclip"),
        ({}, "darwin", {"pbcopy"}, "pbcopy"),
        ({"DISPLAY": ":0"}, "linux", set(), None),
    ],
)
def test_the_desktops_clipboard(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], platform: str, there: set[str], expected: str | None
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in there else None)
    found = clipboard.command(environ, platform)
    assert (found[0] if found else None) == expected
