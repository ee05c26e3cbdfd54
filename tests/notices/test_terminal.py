"""Bells and OSC 9, and who writes them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from textual.app import App

from engine.execution import events as ev
from engine.execution.state import PipelineState
from engine.model.project import NotificationSettings, ProjectFile
from engine.notices.rules import Message
from engine.notices.terminal import osc9, terminal_calls
from tests.execution.simulator import Simulator
from tests.notices.stage_hand import shop
from tui._compat import write_to_terminal
from tui.cli.reports.calls import Calls


def failed() -> tuple[PipelineState, list[ev.Recorded]]:
    simulator = Simulator(shop())
    simulator.start()
    simulator.finish(ok=False)
    return simulator.state, simulator.story


def project(*to: str, events: str = "pipeline.FAILED") -> ProjectFile:
    return ProjectFile(notifications=(NotificationSettings(events=(events,), to=to),))


def test_a_bell_rings_once_for_a_batch() -> None:
    state, story = failed()
    assert terminal_calls(state, story, project("bell", events="*")) == "\a"


def test_osc9_says_what_happened() -> None:
    state, story = failed()
    assert terminal_calls(state, story, project("osc9", "bell")) == "\x1b]9;demo #1 has failed\a\a"


def test_other_targets_are_not_the_terminals() -> None:
    state, story = failed()
    assert terminal_calls(state, story, project("json://somewhere")) == ""
    assert terminal_calls(state, story, ProjectFile()) == ""


def test_a_title_cannot_end_the_sequence() -> None:
    assert osc9(Message("a\a\x1b]0;b\x9c c", "", "info", ())) == "\x1b]9;a ]0;b  c\a"


class Link:
    """As much of a link as a report asks for."""

    project = project("bell")


def test_a_run_without_a_screen_calls_on_its_terminal(tmp_path: Path) -> None:
    terminal = io.StringIO()
    calls = Calls(Link(), terminal)  # type: ignore[arg-type]
    state, story = failed()
    for recorded in story:
        calls.saw(state, recorded)
    assert terminal.getvalue() == "\a"


async def test_what_is_written_goes_the_way_of_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    app: App[None] = App()
    async with app.run_test():
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        write_to_terminal(app, "\a")
    assert "\a" in written
