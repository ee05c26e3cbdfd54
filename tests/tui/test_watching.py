"""What the header and the first message say of what starts runs."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.model.project import ProjectFile, ScheduleSettings
from tests.tui.conftest import Open
from tests.tui.fake_link import FakeLink
from tests.tui.script import building


def with_project(monkeypatch: pytest.MonkeyPatch, project: ProjectFile) -> None:
    monkeypatch.setattr(FakeLink, "project", project)


@pytest.mark.parametrize(("trigger", "words"), [("commit", "● watching commits"), ("manual", "● by hand")])
async def test_what_is_watched(opened: Open, monkeypatch: pytest.MonkeyPatch, trigger: str, words: str) -> None:
    with_project(monkeypatch, ProjectFile.model_validate({"trigger": trigger}))
    async with opened(building(), (200, 50)) as stage:
        assert words in stage.text


async def test_the_next_scheduled_start(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    schedules = (ScheduleSettings(expression="cron(0 2 1 1 ? 2199)", name="late"), ScheduleSettings(expression="never"))
    with_project(monkeypatch, ProjectFile(schedules=schedules))
    local = datetime.fromisoformat("2199-01-01T02:00:00+00:00").astimezone()
    async with opened(building(), (200, 50)) as stage:
        assert f"late at {local:%a %d %b %H:%M}" in stage.text


async def test_webhooks_are_told(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeLink, "webhooks", {"hook": "http://127.0.0.1:8765/webhooks/hook"}, raising=False)
    async with opened(building(), (200, 50)) as stage:
        assert stage.said == ["webhook hook at http://127.0.0.1:8765/webhooks/hook"]
