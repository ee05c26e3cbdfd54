"""Rules of greenroom.yaml that call in the terminal."""

from __future__ import annotations

import pytest

from engine.model.project import NotificationSettings, ProjectFile
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import building

RULES = ProjectFile(notifications=(NotificationSettings(events=("stage.*",), to=("osc9", "bell")),))


async def test_the_app_calls_between_two_frames(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("tui.app.write_to_terminal", lambda app, text: written.append(text))
    monkeypatch.setattr(FakeLink, "project", RULES)
    async with opened(building()) as stage:
        await stage.play(lambda script: script.enter("Review"))
    call = f"\x1b]9;shop #{stage.link.script.number}: stage Review has started\a\a"
    assert [text for text in written if "]9;shop" in text] == [call]
