"""Choosing among several pipelines."""

from __future__ import annotations

import pytest

from tui.screens.picker import PickerApp

CHOICES = [("web[1]", "web/pipeline.json"), ("api", "api/pipeline.yaml"), ("jobs", "jobs/pipeline.yaml")]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(["enter"], 0), (["j", "enter"], 1), (["down", "down", "k", "enter"], 1), (["3"], 2), (["escape"], None)],
)
@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_a_choice(keys: list[str], expected: int | None, size: tuple[int, int]) -> None:
    app = PickerApp(CHOICES)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
    assert app.return_value == expected


async def test_names_are_text_not_markup() -> None:
    from tests.tui.text_snapshot import screen_text

    app = PickerApp(CHOICES)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "web[1]" in screen_text(app)
