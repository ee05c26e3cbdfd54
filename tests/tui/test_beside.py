"""The screens beside the main one as text, at three sizes: `tests/tui/beside`; in a light theme the same text.

After a wanted change: ``REWRITE_BESIDE=1 pytest tests/tui/test_beside.py``, and read the diff.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.opening import Options, open_project
from engine.overview.sources import SourceView, look
from tests.engine.place import Place, commands
from tests.execution.pipelines import action
from tests.tui.fake_link import FakeLink
from tests.tui.real_story import RealScript, shopping
from tests.tui.stage import Stage
from tests.tui.text_snapshot import screen_lines
from tui.app import GreenroomApp

KEPT = Path(__file__).parent / "beside"
SIZES = [(200, 50), (120, 40), (80, 24)]
REWRITE = bool(os.environ.get("REWRITE_BESIDE"))

# Name, keys, and a text that it is complete with.
SCREENS = (
    ("approve", ("a",), "1 added, 1 changed, 1 removed"),
    ("approve-source", ("a", "2", "j"), "src/names.py"),
    ("approve-tests", ("a", "4"), "new failure"),
    ("approve-deploys", ("a", "5"), "assets/logo.png"),
    ("history", ("H",), "succeeded"),
    ("compare", ("H", "c"), "Package.Version"),
    ("compare-sources", ("H", "c", "2"), "src/names.py"),
    ("artifacts", ("b", "G"), "6 files"),
    ("artifacts-differences", ("b", "d", "j"), "function.zip"),
    ("variables", ("V", "j", "j", "j"), "1 use"),
    ("sources", ("i",), "2 changed"),
    ("settings", ("comma",), "greenroom-paper"),
    ("settings-search", ("comma", "slash", *"docker"), "docker.network"),
)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory whose name is always as long, in a place and a time where everything is the same."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    found = Path(tempfile.mkdtemp(prefix="shop-", dir="/tmp"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(found / "config"))
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_DATE", "2026-09-21T12:00:00Z")
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ada@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    yield found
    shutil.rmtree(found)
    monkeypatch.undo()
    time.tzset()


def views(script: RealScript, root: Path) -> tuple[SourceView, ...]:
    """A repository with two files changed since its commit."""
    place = Place(root / "shop")
    source, make = action("Source:App > AppSource"), commands("Compute:Make AppSource > Site", "true")
    place.define(("Source", [source]), ("Build", [make]))
    place.write(README_txt="one\n", src__app_txt="one\n")
    (place.directory / ".gitignore").write_text("*.log\nbuild/\n")
    for line in ("init -q -b main", "add .", "commit -qm First"):
        subprocess.run(["git", *line.split()], cwd=place.directory, check=True)
    place.write(README_txt="two\n", src__app_txt="two\n")
    return look(open_project(Options(place.directory)), script.store, datetime(2026, 9, 21, tzinfo=UTC))


def seen(app: GreenroomApp) -> str:
    """The screen; of a dialog what is within its frame, for what lies behind it is another matter."""
    lines = screen_lines(app)
    for box in app.screen.query("#box"):
        left, top, width, height = box.region
        lines = [line[left : left + width].rstrip() for line in lines[top : top + height]]
    return "\n".join(lines).rstrip() + "\n"


async def shows(stage: Stage, place: str, file: Path) -> None:
    """Wait until the screen is as it was kept."""

    def text() -> str:
        return seen(stage.app).replace(place, "shop-xxxxxxxx")

    if REWRITE:
        for _ in range(10):
            await stage.pilot.pause(0.02)
        file.write_text(text())  # noqa: ASYNC240
    kept = file.read_text()  # noqa: ASYNC240
    for _ in range(300):
        if text() == kept:
            return
        await stage.pilot.pause(0.01)
    assert text() == kept, f"{file.name} differs"


@pytest.mark.parametrize(("theme", "sizes"), [("greenroom-dark", SIZES), ("greenroom-light", SIZES[1:2])])
async def test_screens_beside(root: Path, theme: str, sizes: list[tuple[int, int]]) -> None:
    script = shopping(root)
    link = FakeLink(script, root)
    link.views = views(script, root)
    app = GreenroomApp(lambda: link, theme=theme, clock=lambda: script.at, lively=False)
    async with app.run_test(size=sizes[0], notifications=True) as pilot:
        stage = Stage(app, link, pilot)
        await stage.until(lambda: app.store.state is not None)
        for name, keys, sees in SCREENS:
            if name == "settings" and theme != "greenroom-dark":
                continue  # it names the theme
            await pilot.resize_terminal(*sizes[0])
            await pilot.press(*keys)
            await stage.until(lambda sees=sees: sees in stage.text)  # type: ignore[misc]
            for width, height in sizes:
                await pilot.resize_terminal(width, height)
                await shows(stage, root.name, KEPT / f"{name}-{width}x{height}.txt")
            while not app.on_main:  # as if nothing had been opened
                app.pop_screen()
                await pilot.pause()


def test_no_picture_is_left_over() -> None:
    wanted = {f"{name}-{width}x{height}.txt" for name, _, _ in SCREENS for width, height in SIZES}
    assert {file.name for file in KEPT.glob("*.txt")} == wanted
