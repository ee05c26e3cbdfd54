"""The screens beside the main one, above a pipeline with files: see `test_screens`."""

from __future__ import annotations

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
from tests.tui.screens import BESIDE
from tests.tui.screens.looking import SIZES, THEMES, Eyes
from tests.tui.stage import Stage
from tui.app import GreenroomApp


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


async def test_screens_beside(root: Path, *, rewrite: bool) -> None:
    script = shopping(root)
    link = FakeLink(script, root)
    link.views = views(script, root)
    app = GreenroomApp(lambda: link, theme=THEMES[0], clock=lambda: script.at, lively=False)
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        stage = Stage(app, link, pilot)
        await stage.until(lambda: app.store.state is not None)

        def told(text: str) -> str:
            return text.replace(root.name, "shop-xxxxxxxx")

        await Eyes(stage, told, rewrite, framed=True).look(list(BESIDE))
