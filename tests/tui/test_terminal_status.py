"""The window's title and its progress bar."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution.events import ActionEnded
from engine.model.status import ActionStatus
from tests.tui.script import Script, building, failed, first_run, waiting
from tests.tui.test_panes import store_of
from tests.tui.test_terminal import ended, program
from tui.store import Store
from tui.terminal_status import TerminalStatus


@pytest.fixture
def modern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "ghostty")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TERM_PROGRAM", "WT_SESSION", "ConEmuPID"):
        monkeypatch.delenv(name, raising=False)


def store(script: Script, root: Path) -> Store:
    return store_of(script, "Build", "Unit", root)


@pytest.mark.parametrize(
    ("script", "title", "progress"),
    [
        (building(), "● shop #2", "4;1;"),
        (waiting(), "◆ shop #2", "4;4;"),
        (failed(), "✘ shop #2", "4;2;100"),
        (first_run(Script()), "✔ shop #1", "4;0;0"),
    ],
    ids=["building", "waiting", "failed", "succeeded"],
)
@pytest.mark.usefixtures("modern")
def test_what_a_run_looks_like_from_afar(script: Script, title: str, progress: str, tmp_path: Path) -> None:
    written = TerminalStatus().update(store(script, tmp_path))
    assert f"\x1b]2;{title}\a" in written and f"\x1b]9;{progress}" in written


def test_it_is_written_once_and_put_back(tmp_path: Path) -> None:
    status, seen = TerminalStatus(), store(building(), tmp_path)
    assert status.end() == ""
    assert status.update(seen).startswith("\x1b[22;2t")
    assert status.update(seen) == ""
    assert status.end() == "\x1b[23;2t"


def test_a_terminal_that_may_not_know_it_gets_no_progress(tmp_path: Path) -> None:
    assert "]9;" not in TerminalStatus().update(store(building(), tmp_path))


def test_a_name_cannot_drive_the_terminal(tmp_path: Path) -> None:
    assert TerminalStatus().update(Store(title="a\x1b]0;b\x07c\n")) == "\x1b[22;2t\x1b]2;greenroom: a ]0;b c \a"


@pytest.mark.usefixtures("modern")
def test_progress_grows_with_what_is_done(tmp_path: Path) -> None:
    script = building()
    before = TerminalStatus().update(store(script, tmp_path))
    script.add(ActionEnded(script.id("Unit"), ActionStatus.SUCCEEDED))
    assert TerminalStatus().update(store(script, tmp_path)).split("4;1;")[1] > before.split("4;1;")[1]


def test_a_real_terminal_gets_the_title_and_has_it_put_back(tmp_path: Path) -> None:
    with program("failed", tmp_path) as child:
        child.expect_exact("\x1b]2;✘ shop #2\a")
        child.send("q")
        assert ended(child) == 0
        assert "\x1b[23;2t" in (child.before or "")
