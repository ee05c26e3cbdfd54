"""Variables, sources, settings: lists with what is to be known of the row under the cursor."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.opening import Options, open_project
from engine.overview.sources import SourceView, look
from tests.engine.place import Place, commands
from tests.execution.pipelines import action
from tests.tui.conftest import Open
from tests.tui.real_story import shopping
from tests.tui.script import building
from tests.tui.stage import Stage
from tui.screens.settings import GlyphsOf, SettingsScreen, ThemeOf, Wish

SIZES = [(80, 24), (200, 50)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))


def handing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal is handed over to."""
    found: list[str] = []
    monkeypatch.setattr(stage.app, "hand_over", lambda argv: found.append(" ".join(map(str, argv))))
    return found


# -- variables --------------------------------------------------------------------------------------------------------


async def test_variables_with_origin_and_use(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path), (80, 24)) as stage:
        await stage.press("V")
        assert "Package  Build/Package" in stage.text and "1.4.2" in stage.text and "1 use" in stage.text
        assert "PipelineExecutionId" in stage.text and "exec-2" in stage.text
        await stage.press("j", "j", "j", "enter")
        await stage.until(lambda: "Deploy/Site ObjectKey" in stage.text)
        assert "#{Package.Version}" in stage.text and "Package #2" in stage.text


async def test_variables_are_filtered_and_copied(opened: Open, tmp_path: Path) -> None:
    async with opened(shopping(tmp_path)) as stage:
        await stage.press("V", "slash", *"package")
        await stage.until(lambda: "1 of 5" in stage.text)
        assert "Compile  Build/Compile" not in stage.text
        await stage.press("enter", "y", "Y")
        assert stage.said[-2:] == ["copied 1.4.2", "copied #{Package.Version}"]
        await stage.press("escape")
        await stage.until(lambda: "5 in all" in stage.text)
        await stage.press("V")
        assert stage.app.on_main


async def test_a_variable_that_nobody_sets_is_told(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("V", "slash", *"site")
        await stage.until(lambda: "(not known yet)" in stage.text and "nobody, so far" in stage.text)
        assert "nobody has this namespace" in stage.text


# -- sources ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dirty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[SourceView, ...]:
    """A repository with a commit, a changed, a new and an ignored file."""
    for key, value in {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}.items():
        monkeypatch.setenv(key, value)
    place = Place(tmp_path / "project")
    place.define(
        ("Source", [action("Source:Checkout > App")]),
        ("Build", [commands("Compute:Compile App > Bin", "true")]),
    )
    place.write(app__main_txt="one\n", README_txt="read\n")
    (place.directory / ".gitignore").write_text("# what is made\n*.log\nbuild/\n")
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "First"],
    ):
        subprocess.run(["git", *arguments], cwd=place.directory, check=True)
    place.write(app__main_txt="two\n", new_txt="new\n")
    (place.directory / "noise.log").write_text("noise")
    from engine.artifacts.store import Store

    opened = open_project(Options(place.directory))
    return look(opened, Store(tmp_path / "store"), datetime(2026, 9, 21, tzinfo=UTC))


def test_a_source_is_looked_at_as_a_run_would_have_it(dirty: tuple[SourceView, ...]) -> None:
    (view,) = dirty
    assert view.branch == "main" and view.revision.label.endswith("+2 files") and view.files == 5
    assert view.dirty is not None
    assert [(file.kind, file.path) for file in view.dirty.files] == [("changed", "app/main.txt"), ("added", "new.txt")]
    rules = [(rule.pattern, rule.line) for rule in view.rules if rule.file == view.directory / ".gitignore"]
    assert rules == [("*.log", 2), ("build/", 3)]
    assert [starter.text for starter in view.starters] == ["a push to main"]


@sizes
async def test_sources_with_dirty_files_and_rules(
    opened: Open, dirty: tuple[SourceView, ...], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(building(), size) as stage:
        handed = handing(stage, monkeypatch)
        stage.link.views = dirty
        stage.link.store = type(stage.link.store)(dirty[0].directory.parent / "store")
        await stage.press("i")
        await stage.until(lambda: "1 added, 1 changed" in stage.text and "~ app/main.txt" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: "a push to main" in stage.text and "*.log build/" in stage.text)
        await stage.press("escape", "j", "y", "o")
        assert stage.said[-1] == "copied app/main.txt"
        await stage.until(lambda: handed)
        assert handed == [f"vi {dirty[0].directory / 'app/main.txt'}"]
        await stage.press("d")
        await stage.until(lambda: "- one" in stage.text and "+ two" in stage.text)
        await stage.press("escape", "escape", "R")
        await stage.until(lambda: "new.txt" in stage.text)
        await stage.press("i")
        assert stage.app.on_main


async def test_sources_that_cannot_be_looked_at_say_why(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    broken: Future[tuple[SourceView, ...]] = Future()
    broken.set_exception(OSError("the directory is gone"))
    async with opened(building()) as stage:
        monkeypatch.setattr(stage.link, "sources", lambda: broken)
        await stage.press("i")
        await stage.until(lambda: "cannot be read: the directory is gone" in stage.text)


# -- settings ---------------------------------------------------------------------------------------------------------


async def test_settings_with_their_origins(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.reading.project_file import load_project
    from tests.tui.fake_link import FakeLink

    (tmp_path / "greenroom.yaml").write_text(
        "jobs: 3\nsecrets:\n  token: hunter2\nactions:\n  Unit:\n    runner: docker\n"
    )
    project, problems = load_project(tmp_path)
    assert not problems
    monkeypatch.setattr(FakeLink, "project", property(lambda self: project))
    async with opened(building(), (80, 24)) as stage:
        handed = handing(stage, monkeypatch)
        await stage.press("comma", "slash", *"greenroom.yaml:")
        await stage.until(lambda: "greenroom.yaml:1" in stage.text and "greenroom.yaml:6" in stage.text)
        assert "jobs" in stage.text and "actions.Unit.runner" in stage.text
        assert "(secret)" in stage.text and "hunter2" not in stage.text
        await stage.press("enter", "o")
        assert handed == [f"vi +6 {tmp_path / 'greenroom.yaml'}"]
        await stage.press("escape", "n")
        await stage.until(lambda: "only what somebody set" in stage.text)
        await stage.press("comma")
        assert stage.app.on_main


async def theme_at(stage: Stage, name: str, keep: Callable[[], object]) -> None:
    """Go down to a theme."""
    for _ in range(40):
        if stage.app.theme == name:
            break
        await stage.press("j")
    assert stage.app.theme == name
    keep()


async def test_a_theme_shows_itself_and_is_kept_by_enter(opened: Open, settings: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("comma")
        await theme_at(stage, "greenroom-dusk", lambda: None)
        await stage.press("escape")
        assert stage.app.on_main and stage.app.theme == "greenroom-dark"
        await stage.press("comma")
        await theme_at(stage, "greenroom-paper", lambda: None)
        await stage.press("enter", "comma")
        assert stage.app.theme == "greenroom-paper"
    assert (settings / "settings.toml").read_text() == 'theme = "greenroom-paper"\n'
    async with opened(building()) as stage:
        assert stage.app.theme == "greenroom-paper"


async def test_glyphs_and_wishes_are_kept(opened: Open, settings: Path) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("comma")
        screen = stage.app.screen
        assert isinstance(screen, SettingsScreen) and "○ greenroom-light" in stage.text
        screen.listing.rows.choose(GlyphsOf("ascii"))
        await stage.press("enter")
        await stage.until(lambda: stage.said and stage.said[-1].startswith("glyphs = ascii is kept in"))
        await stage.until(lambda: "○" not in stage.text and "greenroom-light" in stage.text)
        screen.listing.rows.choose(Wish("mouse"))
        await stage.press("enter")
        await stage.until(lambda: "mouse = false is kept" in stage.said[-1] and "from the next start" in stage.said[-1])
        screen.listing.rows.choose(Wish("theme"))
        await stage.press("enter")
        assert screen.listing.rows.chosen == ThemeOf("greenroom-dark")
    assert (settings / "settings.toml").read_text() == 'mouse = false\nglyphs = "ascii"\n'


async def test_keys_are_shown_as_they_are_remapped(
    opened: Open, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.mkdir(parents=True)  # noqa: ASYNC240
    (settings / "keys.toml").write_text('"app.browse" = "ctrl+b"\n')
    async with opened(building(), (120, 40)) as stage:
        handed = handing(stage, monkeypatch)
        await stage.press("comma", "slash", *"artifacts of the run", "enter")
        await stage.until(lambda: "^b" in stage.text and "yours" in stage.text)
        await stage.press("enter")
        assert handed == [f"vi {settings / 'keys.toml'}"]
        (settings / "keys.toml").write_text("")
        await stage.press("R")
        await stage.until(lambda: "yours" not in stage.text)


async def test_the_help_knows_the_keys_of_each_screen(opened: Open, tmp_path: Path) -> None:
    wanted = {"b": "Older run", "V": "Copy reference", "i": "Look again", "comma": "Only what is set", "H": "Compare"}
    async with opened(shopping(tmp_path), (120, 40)) as stage:
        for key, sees in wanted.items():
            await stage.press(key, "question_mark")
            await stage.until(lambda sees=sees: sees in stage.text)  # type: ignore[misc]
            await stage.press("escape")


def test_a_variable_never_shows_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.model.project import ProjectFile
    from tests.tui.fake_link import FakeLink
    from tui.screens.variables import variables
    from tui.store import Store

    story = shopping(tmp_path)
    link = FakeLink(story, tmp_path)
    project = ProjectFile.model_validate({"secrets": {"token": "1.4.2"}})
    monkeypatch.setattr(FakeLink, "project", property(lambda self: project))
    store = Store(clock=lambda: story.at)
    store.connect(link, link.state())
    assert {each.value for each in variables(store)} == {"***", "exec-2"}


async def test_long_lines_scroll_sideways(opened: Open, tmp_path: Path) -> None:
    story = shopping(tmp_path)
    story.put(Site={"long.txt": b"begin " + b"x" * 300 + b" end\n"})
    story.succeed("Package")
    async with opened(story, (120, 40)) as stage:
        await stage.press("b", "G", "enter")
        await stage.until(lambda: "begin x" in stage.text)
        await stage.press(*["l"] * 40)
        await stage.until(lambda: "x end" in stage.text)
        await stage.press("g")
        await stage.until(lambda: "begin x" in stage.text)
