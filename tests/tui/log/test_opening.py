"""Opening what a log names: by key, by click, with the true address told first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Open
from tests.tui.log.harness import LogApp, showing, until
from tests.tui.log.test_look import style_at
from tests.tui.script import failed
from tui.actions.logs import browser
from tui.log.places import Places
from tui.widgets.log_pane import LogPane

LOG = """\
nothing here
  File "src/a.py", line 2, in test_b
see \x1b]8;;https://example.org/real\x1b\\the docs\x1b]8;;\x1b\\ or src/a.py:4
missing.py:1: gone
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x\n")
    path = tmp_path / "build.log"
    path.write_text(LOG)
    return path


class Heard:
    """What the pane asked its app for."""

    def __init__(self, app: LogApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: list[tuple[str, int]] = []
        self.urls: list[str] = []
        post = app.pane.post_message

        def heard(message: object) -> bool:
            if isinstance(message, LogPane.OpenFile):
                self.files.append((message.file.name, message.line))
            elif isinstance(message, LogPane.OpenAddress):
                self.urls.append(message.url)
            return post(message)  # type: ignore[arg-type]

        monkeypatch.setattr(app.pane, "post_message", heard)


async def test_keys_and_clicks_open_places(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with showing(log) as (app, pilot):
        heard = Heard(app, monkeypatch)
        app.pane.show(log, live=True, places=Places((log.parent,)))
        await until(pilot, lambda: bool(app.view.links_of(1)))
        await pilot.press("g", "enter")
        assert app.view.current == 1 and heard.files == []
        await pilot.press("enter")
        await until(pilot, lambda: heard.files == [("a.py", 2)])
        await pilot.press("at")
        await until(pilot, lambda: app.view.current == 2)
        await pilot.press("at")
        await until(pilot, lambda: app.view.current == 1)
        await pilot.click("LogView", offset=(6, 2))
        await until(pilot, lambda: heard.urls == ["https://example.org/real"])
        await pilot.click("LogView", offset=(18, 2))
        await until(pilot, lambda: heard.files == [("a.py", 2), ("a.py", 4)])
        await pilot.click("LogView", offset=(2, 3))
        await pilot.click("LogView", offset=(2, 9))
        assert len(heard.files) == 2


async def test_links_are_links_for_the_terminal_too(log: Path) -> None:
    async with showing(log) as (app, pilot):
        app.pane.show(log, live=True, places=Places((log.parent,)))
        await until(pilot, lambda: bool(app.view.links_of(1)))
        named, docs, plain = style_at(app, 1, 10), style_at(app, 2, 6), style_at(app, 0, 1)
        assert named.underline and named.link == (log.parent / "src" / "a.py").as_uri()
        assert docs.underline and docs.link == "https://example.org/real"
        assert not plain.underline and plain.link is None and style_at(app, 3, 2).link is None


async def test_a_line_that_names_several_asks_which(opened: Open, tmp_path: Path, log: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_text(LOG)
    (tmp_path / "src" / "app.py").write_text("")
    edited: list[tuple[Path, int]] = []
    async with opened(failed(), (120, 40)) as stage:
        stage.app.edit = lambda file, line=0: edited.append((file, line))  # type: ignore[method-assign]
        await stage.press("1")
        pane = stage.app.query_one(LogPane)
        await stage.until(lambda: pane.line_count == 4)
        pane.show(pane.path, places=Places((tmp_path,)))
        await stage.press("g", "at", "at")
        await stage.until(lambda: pane.current_line == 3)
        await stage.press("enter")
        await stage.until(lambda: "This line names" in stage.text)
        await stage.press("j", "enter")
        await stage.until(lambda: edited == [(tmp_path / "src" / "a.py", 4)])


async def test_an_address_is_told_before_it_is_opened(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("tui.actions.logs.browser", lambda _: ["a-browser"])
    monkeypatch.setattr("tui.actions.logs.subprocess.Popen", lambda argv, **_: started.append(argv))
    async with opened(failed(), (120, 40)) as stage:
        for answer, expected in (("escape", []), ("enter", [["a-browser", "https://example.org/real"]])):
            stage.app.post_message(LogPane.OpenAddress("https://example.org/real"))
            await stage.until(lambda: "https://example.org/real" in stage.text)
            await stage.press(answer)
            await stage.until(lambda: "https://example.org/real" not in stage.text)
            assert started == expected
        monkeypatch.setattr("tui.actions.logs.browser", lambda _: None)
        stage.app.post_message(LogPane.OpenAddress("https://example.org/copied"))
        await stage.until(lambda: stage.app.clipboard == "https://example.org/copied")


def test_a_browser_is_one_of_the_desktops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name if name in ("gio", "w3m") else None)
    assert browser({"DISPLAY": ":0"}, "linux") == ["gio", "open"]
    assert browser({"BROWSER": "w3m"}, "linux") is None
    assert browser({}, "darwin") == ["open"]
